//! Bars, one below the other.

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::{BAR, Picture, draw, write};

const WIDTH: u32 = 720;
const NAMES: i32 = 150;
const LONGEST: f64 = 440.0;
const ROW: i32 = 22;
const TOP: i32 = 46;

/// A bar for each name, the longest for the largest value, with the value as `format` writes it.
#[must_use]
pub fn bars(title: &str, bars: &[(String, f64)], format: impl Fn(f64) -> String) -> Picture {
    let most = bars.iter().map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max);
    let height = TOP + bars.len() as i32 * ROW + 12;
    draw(title, (WIDTH, height as u32), |area| {
        for (row, (name, value)) in bars.iter().enumerate() {
            let y = TOP + row as i32 * ROW;
            let length = (value / most * LONGEST).round() as i32;
            write(area, name, (NAMES - 10, y + 9), 14, HPos::Right)?;
            area.draw(&Rectangle::new([(NAMES, y), (NAMES + length, y + 17)], BAR.filled()))?;
            write(area, &format(*value), (NAMES + length + 8, y + 9), 13, HPos::Left)?;
        }
        Ok(())
    })
}
