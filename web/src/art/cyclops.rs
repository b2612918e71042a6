//! Pauly the Cyclops: two years old, one eye, one tooth, a bib.

use super::kit::{INK, Pen, portrait};

const SKIN: &str = "#74b9e6";

/// The portrait as an SVG file.
pub fn draw() -> String {
    portrait(("#ffe9b8", "#fdf6dc"), meadow, toddler)
}

fn meadow(pen: &mut Pen) {
    pen.dots("#fff", &[(262, 66, 34)]);
    pen.dots("#ffd166", &[(262, 66, 26)]);
    pen.flat("#b9dc8c", "M0 226Q76 168 170 214T320 196V320H0z");
    pen.flat("#93c76f", "M0 262Q90 222 190 262T320 246V320H0z");
    pen.dots("#fff", &[(28, 252, 5), (52, 282, 6), (292, 278, 6), (268, 240, 5), (20, 300, 5)]);
    pen.dots("#f7a440", &[(28, 252, 2), (52, 282, 2), (292, 278, 2), (268, 240, 2), (20, 300, 2)]);
}

fn toddler(pen: &mut Pen) {
    // Rompers with straps, arms hanging.
    pen.mirror(|pen| pen.shape(SKIN, "M104 262C78 266 64 288 62 324H104z"));
    pen.shape("#f4845f", "M92 324C90 270 118 246 160 246S230 270 228 324z");
    pen.glaze("#fff", 30, "M96 292h128l3 12H93z");
    // The head, ears first.
    pen.mirror(|pen| {
        pen.shape(SKIN, "M66 142C40 126 28 150 40 168S70 182 74 170z");
        pen.flat("#f6a6b2", "M62 154C50 146 44 156 50 164S62 168 64 164z");
    });
    pen.shape(SKIN, "M160 48C222 48 258 92 256 148S224 250 160 250 66 204 64 148 98 48 160 48z");
    pen.glaze(INK, 12, "M256 148C254 204 224 250 160 250C140 250 122 246 108 238C190 244 226 196 234 86C250 104 257 124 256 148z");
    pen.glaze("#fff", 35, "M92 108C98 88 112 74 130 68C118 82 106 96 100 116C96 122 90 116 92 108z");
    // A tuft of hair and a very small horn.
    pen.shape("#5b3a8c", "M160 54C140 50 128 34 134 18C142 30 148 32 152 32C150 20 158 10 170 6C166 20 172 26 180 30C186 28 190 24 192 18C198 36 184 52 160 54z");
    // The eye.
    pen.eye(160, 134, 50, "#3f9b6c");
    pen.dots("#fff", &[(178, 158, 6)]);
    pen.line("M112 74Q158 54 208 74");
    // A mouth with the first tooth, and a dribble.
    pen.blush(70, 194, "#f58aa0");
    pen.shape("#8c2f4a", "M124 200Q160 214 196 200Q192 236 160 236T124 200z");
    pen.shape("#fff", "M152 209h18l-2 13h-14z");
    // The bib.
    pen.shape("#fff6e0", "M122 250Q160 268 198 250C208 290 190 306 160 306S112 290 122 250z");
    pen.stars("#f7b538", &[(160, 282, 15)]);
}
