//! Draws the survey as a picture: a bar chart of the favourites, and a heat map of options and mysfits for each question.

use anyhow::{Result, anyhow};
use mysfits_data::Description;
use mysfits_domain::{MYSFIT_COUNT, OPTION_COUNT, QUESTION_COUNT, catalogue};
use plotters::{
    coord::Shift,
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

const WIDTH: u32 = 1120;
const HEIGHT: u32 = 760;
const INK: RGBColor = RGBColor(44, 38, 64);
const BAR: RGBColor = RGBColor(108, 92, 168);

/// Draws the description as an SVG.
pub fn draw(description: &Description) -> Result<String> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH, HEIGHT)).into_drawing_area();
        root.fill(&WHITE).map_err(|e| anyhow!("{e}"))?;
        let (upper, lower) = root.split_vertically(330);
        draw_favourites(description, &upper).map_err(|e| anyhow!("{e}"))?;
        draw_questions(description, &lower).map_err(|e| anyhow!("{e}"))?;
        root.present().map_err(|e| anyhow!("{e}"))?;
    }
    Ok(svg)
}

type SvgArea<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type DrawResult = std::result::Result<(), Box<dyn std::error::Error>>;

fn text(size: i32, horizontal: HPos) -> TextStyle<'static> {
    ("sans-serif", size).into_text_style(&(WIDTH, HEIGHT)).color(&INK).pos(Pos::new(horizontal, VPos::Center))
}

fn draw_favourites(description: &Description, area: &SvgArea<'_>) -> DrawResult {
    let title = format!("Favourite mysfit, {} visitors", description.n_samples());
    area.draw(&Text::new(title, (24, 28), text(20, HPos::Left)))?;
    let counts = description.label_counts();
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    for (row, (mysfit, count)) in catalogue().iter().zip(counts).enumerate() {
        let y = 56 + row as i32 * 22;
        let length = (count as f64 / most as f64 * 780.0) as i32;
        area.draw(&Text::new(mysfit.name.en, (170, y + 9), text(14, HPos::Right)))?;
        area.draw(&Rectangle::new([(180, y), (180 + length, y + 17)], BAR.filled()))?;
        let share = format!("{:.1} %", 100.0 * count as f64 / description.n_samples().max(1) as f64);
        area.draw(&Text::new(share, (188 + length, y + 9), text(13, HPos::Left)))?;
    }
    Ok(())
}

/// Draws a heat map for each question: options across, mysfits down, darker for a larger share.
fn draw_questions(description: &Description, area: &SvgArea<'_>) -> DrawResult {
    const CELL: i32 = 22;
    let title = "Share of each mysfit among those who chose option 1 to 8 (darker: larger), and Cramér's V";
    area.draw(&Text::new(title, (24, 24), text(20, HPos::Left)))?;
    let darkest = (0..QUESTION_COUNT)
        .flat_map(|q| (0..OPTION_COUNT).flat_map(move |o| description.label_shares(q, o)))
        .fold(f64::MIN_POSITIVE, f64::max);
    for (row, mysfit) in catalogue().iter().enumerate() {
        let y = 88 + row as i32 * CELL + CELL / 2;
        area.draw(&Text::new(mysfit.name.en, (150, y), text(14, HPos::Right)))?;
    }
    for (question, association) in description.associations().into_iter().enumerate() {
        let left = 160 + question as i32 * (CELL * OPTION_COUNT as i32 + 14);
        let heading = format!("{}  V {:.3}", association.feature, association.cramers_v);
        area.draw(&Text::new(heading, (left, 62), text(15, HPos::Left)))?;
        for option in 0..OPTION_COUNT {
            let x = left + option as i32 * CELL;
            let shares = description.label_shares(question, option);
            for (row, share) in shares.into_iter().enumerate() {
                let y = 88 + row as i32 * CELL;
                let shade = BAR.mix(share / darkest);
                area.draw(&Rectangle::new([(x, y), (x + CELL - 1, y + CELL - 1)], shade.filled()))?;
            }
            let below = 88 + MYSFIT_COUNT as i32 * CELL + 10;
            area.draw(&Text::new((option + 1).to_string(), (x + CELL / 2, below), text(12, HPos::Center)))?;
        }
    }
    Ok(())
}
