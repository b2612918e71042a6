//! A value over a few settings, between lines that it may be compared with.

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::{ACCENT, BAR, FAINT, Picture, draw, write, write_in};

const SIZE: (u32, u32) = (720, 360);
const LEFT: i32 = 64;
const RIGHT: i32 = 560;
const TOP: i32 = 52;
const BOTTOM: i32 = 300;

/// What a curve shows.
#[derive(Debug, Clone, Copy)]
pub struct Curve<'a> {
    /// Above the picture.
    pub title: &'a str,
    /// What changes from point to point.
    pub across: &'a str,
    /// Settings and values. The settings stand at equal distances, whatever they are.
    pub points: &'a [(String, f64)],
    /// Values to compare with, and their names.
    pub lines: &'a [(&'a str, f64)],
}

/// Draws a curve; values go from 0 to 1.
#[must_use]
pub fn curve(what: &Curve<'_>) -> Picture {
    let y = |value: f64| BOTTOM - (value.clamp(0.0, 1.0) * f64::from(BOTTOM - TOP)).round() as i32;
    let step = f64::from(RIGHT - LEFT) / what.points.len().max(1) as f64;
    let x = |i: usize| LEFT + ((i as f64 + 0.5) * step).round() as i32;
    draw(what.title, SIZE, |area| {
        for tenth in 0..=5 {
            let value = f64::from(tenth) / 5.0;
            area.draw(&PathElement::new(vec![(LEFT, y(value)), (RIGHT, y(value))], FAINT))?;
            write(area, &format!("{value:.1}"), (LEFT - 8, y(value)), 12, HPos::Right)?;
        }
        for (name, value) in what.lines {
            area.draw(&PathElement::new(
                vec![(LEFT, y(*value)), (RIGHT, y(*value))],
                ACCENT.stroke_width(2),
            ))?;
            write_in(area, &format!("{name} {value:.4}"), (RIGHT + 8, y(*value)), 13, HPos::Left, ACCENT)?;
        }
        let at = |(i, (_, value)): (usize, &(String, f64))| (x(i), y(*value));
        let line: Vec<_> = what.points.iter().enumerate().map(at).collect();
        area.draw(&PathElement::new(line.clone(), BAR.stroke_width(2)))?;
        for (place, (setting, value)) in line.into_iter().zip(what.points) {
            area.draw(&Circle::new(place, 4, BAR.filled()))?;
            write(area, &format!("{value:.3}"), (place.0, place.1 + 16), 11, HPos::Center)?;
            write(area, setting, (place.0, BOTTOM + 16), 12, HPos::Center)?;
        }
        write(area, what.across, (i32::midpoint(LEFT, RIGHT), BOTTOM + 42), 14, HPos::Center)
    })
}
