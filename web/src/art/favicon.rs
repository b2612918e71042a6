//! The icon in the browser's tab: the youngest mysfit's only eye.

use super::kit::{INK, Pen, svg};

/// The icon as an SVG file, 64 × 64, readable at 16.
pub fn draw() -> String {
    let mut pen = Pen::default();
    pen.group(&format!(r#"stroke="{INK}" stroke-width="4" stroke-linejoin="round""#), |pen| {
        pen.shape(
            "#8a5cd6",
            "M32 16C26 14 22 8 25 2C28 6 30 7 32 7C33 4 36 2 40 2C38 6 40 8 43 10C42 14 37 16 32 16z",
        );
        pen.shape("url(#sky)", "M32 12C50 12 61 24 61 38S50 62 32 62 3 52 3 38 14 12 32 12z");
        pen.eye(32, 36, 17, "#3f9b6c");
    });
    svg((64, 64), ("#86c8f0", "#5aa2d8"), &pen)
}
