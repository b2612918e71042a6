//! Words on the cards: outlines of the fonts of the site's headings, so that the cards do not depend on the fonts of a machine.

use std::{collections::HashMap, sync::LazyLock};

/// A line for each character: the character, its advance, and its outline, separated by tabs. `cargo xtask fonts` writes it.
const OUTLINES: &str = include_str!("outlines.txt");

/// The units of advances and outlines in one font size.
const UNITS: f32 = 1000.0;

/// The advance and the outline of each character.
static GLYPHS: LazyLock<HashMap<char, (f32, &str)>> = LazyLock::new(|| {
    let glyph = |line: &'static str| {
        let mut fields = line.split('\t');
        let mut field = || fields.next().expect("three fields");
        let (character, advance, outline) = (field(), field(), field());
        (character.parse().expect("a character"), (advance.parse().expect("a number"), outline))
    };
    OUTLINES.lines().map(glyph).collect()
});

fn glyph(character: char) -> (f32, &'static str) {
    *GLYPHS.get(&character).unwrap_or_else(|| {
        panic!("outlines.txt has no {character:?}; run cargo xtask fonts, see xtask/python/outline_glyphs.py")
    })
}

/// Returns the width of a text in a size.
fn width(text: &str, size: f32) -> f32 {
    text.chars().map(|character| glyph(character).0).sum::<f32>() * size / UNITS
}

/// A line of text with its middle at `x` and its baseline at `y`.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// The text.
    pub text: &'a str,
    /// The middle.
    pub x: f32,
    /// The baseline.
    pub y: f32,
    /// The font size, which is reduced if the line is wider than `max_width`.
    pub size: f32,
    /// The largest width.
    pub max_width: f32,
    /// The colour.
    pub fill: &'a str,
}

impl Line<'_> {
    /// Returns the line as SVG.
    pub fn to_svg(self) -> String {
        let Self { text, x, y, size, max_width, fill } = self;
        let size = size * (max_width / width(text, size)).min(1.0);
        let (left, scale) = (x - width(text, size) / 2.0, size / UNITS);
        let mut at = 0.0;
        let mut outlines = Vec::new();
        for (advance, outline) in text.chars().map(glyph) {
            if !outline.is_empty() {
                outlines.push(format!(r#"<path transform="translate({at} 0)" d="{outline}"/>"#));
            }
            at += advance;
        }
        format!(
            r#"<g transform="translate({left:.2} {y:.2}) scale({scale:.4})" fill="{fill}" stroke="none">{}</g>"#,
            outlines.concat()
        )
    }
}
