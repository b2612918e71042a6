//! Fields of cells: darker where a value is larger, or one colour for each class.

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::{Area, BAR, Drawn, INK, Picture, draw, write, write_in};

const CELL: (i32, i32) = (46, 26);
const LEFT: i32 = 170;
const TOP: i32 = 76;

/// What stands around the cells.
#[derive(Debug, Clone, Copy)]
pub struct CellGrid<'a> {
    /// Above the picture.
    pub title: &'a str,
    /// What the columns are.
    pub across: &'a str,
    /// What the rows are.
    pub down: &'a str,
    /// The columns' names.
    pub columns: &'a [String],
    /// The rows' names.
    pub rows: &'a [String],
}

/// The upper left corner of a cell.
fn corner(row: usize, column: usize) -> (i32, i32) {
    (LEFT + column as i32 * CELL.0, TOP + row as i32 * CELL.1)
}

impl CellGrid<'_> {
    fn size(&self, beside: i32) -> (u32, u32) {
        let (right, bottom) = corner(self.rows.len(), self.columns.len());
        ((right + beside).max(480) as u32, (bottom + 16).max(120) as u32)
    }

    /// Names around, and a cell with its text wherever a row meets a column.
    fn fill(&self, area: &Area<'_>, cell: impl Fn(usize, usize) -> (RGBAColor, RGBColor, String)) -> Drawn {
        write(area, &format!("{} →", self.across), (LEFT, TOP - 32), 13, HPos::Left)?;
        write(area, &format!("{} ↓", self.down), (LEFT - 10, TOP - 12), 13, HPos::Right)?;
        for (column, name) in self.columns.iter().enumerate() {
            let (x, y) = corner(0, column);
            write(area, name, (x + CELL.0 / 2, y - 12), 12, HPos::Center)?;
        }
        for (row, name) in self.rows.iter().enumerate() {
            let (x, y) = corner(row, 0);
            write(area, name, (x - 10, y + CELL.1 / 2), 13, HPos::Right)?;
            for column in 0..self.columns.len() {
                let (x, y) = corner(row, column);
                let (shade, ink, text) = cell(row, column);
                let to = (x + CELL.0 - 2, y + CELL.1 - 2);
                area.draw(&Rectangle::new([(x, y), to], shade.filled()))?;
                if !text.is_empty() {
                    let middle = (i32::midpoint(x, to.0), i32::midpoint(y, to.1));
                    write_in(area, &text, middle, 11, HPos::Center, ink)?;
                }
            }
        }
        Ok(())
    }
}

/// Darker where the value, by row and column, is larger; in each cell the value as `format` writes it.
#[must_use]
pub fn heat_map(
    grid: &CellGrid<'_>,
    value: impl Fn(usize, usize) -> f64,
    format: impl Fn(f64) -> String,
) -> Picture {
    let all = (0..grid.rows.len()).flat_map(|row| (0..grid.columns.len()).map(move |column| (row, column)));
    let most = all.map(|(row, column)| value(row, column)).fold(f64::MIN_POSITIVE, f64::max);
    draw(grid.title, grid.size(24), |area| {
        grid.fill(area, |row, column| {
            let value = value(row, column);
            let share = (value / most).clamp(0.0, 1.0);
            (BAR.mix(share), if share > 0.55 { WHITE } else { INK }, format(value))
        })
    })
}

/// One colour for each class, by row and column, with the class's number in the cell and all classes' names beside.
#[must_use]
pub fn classes(grid: &CellGrid<'_>, names: &[String], class: impl Fn(usize, usize) -> usize) -> Picture {
    let (width, height) = grid.size(190);
    let height = height.max((TOP + names.len() as i32 * 20 + 16) as u32);
    draw(grid.title, (width, height), |area| {
        grid.fill(area, |row, column| {
            let class = class(row, column);
            (colour(class, names.len()).to_rgba(), INK, class.to_string())
        })?;
        let (left, _) = corner(0, grid.columns.len());
        for (class, name) in names.iter().enumerate() {
            let (x, y) = (left + 20, TOP + class as i32 * 20);
            let shade = colour(class, names.len()).filled();
            area.draw(&Rectangle::new([(x, y), (x + 26, y + 16)], shade))?;
            write(area, &class.to_string(), (x + 13, y + 8), 11, HPos::Center)?;
            write(area, name, (x + 34, y + 8), 13, HPos::Left)?;
        }
        Ok(())
    })
}

/// Hues around the circle, every other one lighter, so that neighbours in number differ in more than hue.
fn colour(class: usize, n_classes: usize) -> RGBColor {
    let hue = class as f64 / n_classes.max(1) as f64;
    let (saturation, lightness) = if class.is_multiple_of(2) { (0.55, 0.72) } else { (0.45, 0.86) };
    let (red, green, blue) = HSLColor(hue, saturation, lightness).rgb();
    RGBColor(red, green, blue)
}
