//! Pictures below a cell: SVG, drawn with a few shapes and texts, the same bytes for the same data.

mod bars;
mod curve;
mod grid;

pub use bars::bars;
pub use curve::{Curve, curve};
pub use grid::{CellGrid, classes, heat_map};
use plotters::{
    coord::Shift,
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use crate::show::content;

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture(String);

impl Picture {
    /// The picture as SVG.
    #[must_use]
    pub fn svg(&self) -> &str {
        &self.0
    }

    /// Called by the kernel.
    pub fn evcxr_display(&self) {
        content("image/svg+xml", &self.0);
    }
}

const INK: RGBColor = RGBColor(44, 38, 64);
const FAINT: RGBColor = RGBColor(222, 218, 234);
const BAR: RGBColor = RGBColor(108, 92, 168);
const ACCENT: RGBColor = RGBColor(201, 111, 58);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

/// A white sheet of this size with a title, and what is drawn on it.
///
/// # Panics
/// Never: the sheet is a text in memory, which takes whatever is drawn on it.
fn draw(title: &str, size: (u32, u32), on: impl FnOnce(&Area<'_>) -> Drawn) -> Picture {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let all = || -> Drawn {
            area.fill(&WHITE)?;
            write(&area, title, (16, 24), 18, HPos::Left)?;
            on(&area)?;
            area.present()?;
            Ok(())
        };
        all().expect("a text in memory takes whatever is drawn");
    }
    Picture(svg)
}

/// Writes text, its middle at this height.
fn write(area: &Area<'_>, text: &str, at: (i32, i32), size: i32, horizontal: HPos) -> Drawn {
    write_in(area, text, at, size, horizontal, INK)
}

fn write_in(
    area: &Area<'_>,
    text: &str,
    at: (i32, i32),
    size: i32,
    horizontal: HPos,
    colour: RGBColor,
) -> Drawn {
    let style = ("sans-serif", size).into_text_style(&area.dim_in_pixel()).color(&colour);
    area.draw(&Text::new(text.to_owned(), at, style.pos(Pos::new(horizontal, VPos::Center))))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_data_gives_the_same_picture() {
        let one =
            || bars("Two", &[("a".to_owned(), 1.0), ("b".to_owned(), 0.5)], |value| format!("{value:.1}"));
        assert_eq!(one(), one());
        assert!(one().svg().starts_with("<svg ") && one().svg().trim_end().ends_with("</svg>"));
        let other =
            bars("Two", &[("a".to_owned(), 1.0), ("b".to_owned(), 0.6)], |value| format!("{value:.1}"));
        assert_ne!(one(), other);
    }

    #[test]
    fn pictures_of_nothing_can_be_drawn() {
        let nothing = CellGrid { title: "", across: "", down: "", columns: &[], rows: &[] };
        let pictures = [
            bars("", &[], |_| String::new()),
            curve(&Curve { title: "", across: "", points: &[], lines: &[] }),
            heat_map(&nothing, |_, _| 0.0, |_| String::new()),
            classes(&nothing, &[], |_, _| 0),
        ];
        assert!(pictures.iter().all(|picture| picture.svg().contains("</svg>")));
    }
}
