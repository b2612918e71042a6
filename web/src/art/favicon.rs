//! The icon: the youngest mysfit's only eye.

use super::kit::{INK, Pen, scaled, svg};

const SIZE: (u32, u32) = (64, 64);
const SKIN: (&str, &str) = ("#8accf4", "#5aa2d8");

/// The icon of the browser's tab as an SVG file, 64 × 64, readable at 16 on light and dark tabs.
pub fn draw() -> String {
    let mut pen = Pen::default();
    face(&mut pen);
    svg(SIZE, SKIN, &pen)
}

/// The icon of a home screen, `size` pixels wide and high: filled to its edges, the face within the middle four fifths,
/// so that it may be cut to a circle.
pub fn draw_filled(size: u32) -> String {
    let mut pen = Pen::default();
    pen.flat("#2a1f5e", "M0 0h64v64H0z");
    pen.dots("#fff0d0", &[(32, 31, 27)]);
    pen.flat("#4a3587", "M0 48Q20 40 38 46T64 44V64H0z");
    pen.stars("#fff3c9", &[(7, 8, 4), (57, 9, 5), (56, 54, 3)]);
    pen.group(r#"transform="translate(10 10)scale(.69)""#, face);
    scaled((size, size), SIZE, SKIN, &pen)
}

fn face(pen: &mut Pen) {
    pen.group(
        &format!(r#"stroke="{INK}" stroke-width="3" stroke-linejoin="round" stroke-linecap="round""#),
        |pen| {
            pen.shape(
                "#a276ea",
                "M32 17C23 15 16 9 18 2C23 6 26 6 28 6C30 3 35 1 41 2C39 5 42 7 47 8C46 13 40 17 32 17z",
            );
            pen.shape("url(#sky)", "M32 12C51 12 62 23 62 38S51 62 32 62 2 53 2 38 13 12 32 12z");
            pen.eye(32, 34, 17, "#3f9b6c");
            pen.line("M23 54Q32 60 41 54");
        },
    );
}
