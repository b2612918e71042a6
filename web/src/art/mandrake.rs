//! Atlantis the Mandrake: a pot, a bright window, and a voice that its smallest neighbour is prepared for.

use super::kit::{INK, Pen, portrait};

const ROOT: &str = "#dcab72";
const LEAF: &str = "#5faa4e";
const POT: &str = "#d9704a";

/// The portrait as an SVG file.
pub fn draw() -> String {
    portrait(("#cfeaf2", "#fdf5d8"), window, mandrake)
}

fn window(pen: &mut Pen) {
    pen.dots("#fff6cf", &[(70, 84, 52)]);
    pen.dots("#ffdf7e", &[(70, 84, 34)]);
    pen.flat("#b4dba2", "M0 264V214Q40 176 90 206Q150 164 200 204Q260 176 320 210V264z");
    pen.flat("#93c98a", "M0 264V238Q60 212 130 236T320 228V264z");
    // The frame, and curtains at its sides.
    pen.flat("#fffaf0", "M0 0h320v12H0zM152 12h14v252h-14zM0 128h320v10H0z");
    pen.flat("#f4a6a0", "M0 0h44Q40 120 8 236H0zM320 0h-44Q280 120 312 236h8z");
    pen.flat("#e58a8a", "M24 0h12Q32 110 6 200Q22 110 24 0zM296 0h-12Q288 110 314 200Q298 110 296 0z");
    // The sill.
    pen.flat("#fffaf0", "M0 262h320v16H0z");
    pen.flat("#e9dcc6", "M0 278h320v42H0z");
}

fn mandrake(pen: &mut Pen) {
    // The leaves.
    pen.shape(LEAF, "M156 100C116 100 66 84 46 44C92 34 142 54 156 100z");
    pen.shape(LEAF, "M164 100C204 100 254 84 274 44C228 34 178 54 164 100z");
    pen.shape("#74bd5b", "M158 100C122 82 102 46 112 12C146 22 168 58 162 100z");
    pen.shape("#74bd5b", "M162 100C198 82 218 46 208 12C174 22 152 58 158 100z");
    pen.line("M66 52Q120 58 148 88M254 52Q200 58 172 88M122 28Q136 60 154 88M198 28Q184 60 166 88");
    flower(pen, 160, 50);
    // Arms like side roots.
    pen.limb(ROOT, 20, "M102 212C76 212 58 192 36 192M50 194L40 176");
    pen.limb(ROOT, 20, "M218 212C246 210 256 180 278 172M268 176L266 156");
    // The body, as far as the pot shows it.
    pen.shape(ROOT, "M160 88C208 86 242 116 242 156C242 190 222 204 222 250H98C98 204 78 190 78 156C78 116 112 90 160 88z");
    pen.glaze(
        INK,
        12,
        "M242 156C242 190 222 204 222 250H184C176 224 222 170 206 102C228 112 242 132 242 156z",
    );
    pen.glaze("#fff", 35, "M94 148C94 126 110 112 126 108C118 120 110 134 108 152C106 160 94 158 94 148z");
    pen.stroke("#a8743f", 4, "M112 230h18M196 218h18M146 108h14M178 116h12M92 176h10M222 178h8");
    // A very long vowel, with pleasure.
    pen.line("M104 156Q124 128 142 154M178 154Q196 128 216 156M112 122q12-8 24-4M184 118q12-4 24 4");
    pen.blush(60, 182, "#ee8b6b");
    pen.shape("#8c2f3f", "M160 168C184 168 194 184 192 202S180 232 160 232S130 220 128 202S136 168 160 168z");
    pen.flat("#ef7f8e", "M138 220Q160 202 182 220Q174 229 160 229T138 220z");
    pen.shape("#fff", "M146 171q14-4 28 0v10h-28z");
    // The pot.
    pen.shape(POT, "M90 252H230L216 316H104z");
    pen.glaze(INK, 14, "M230 252L216 316H184L194 252z");
    pen.stroke("#f3b08a", 5, "M112 288l8-8 8 8 8-8 8 8 8-8 8 8 8-8 8 8");
    pen.shape("#e78257", "M78 238H242V262H78z");
    pen.glaze(INK, 14, "M242 238V262H204V238z");
    pen.group(r#"transform="translate(-6-2)""#, snail);
}

/// It has ear defenders.
fn snail(pen: &mut Pen) {
    pen.shape("#f6d9a8", "M238 314C254 314 260 298 262 284C264 272 286 272 286 286C286 304 300 314 318 314z");
    pen.line("M266 278L258 262M280 278L286 262");
    pen.dots(INK, &[(257, 261, 4), (287, 261, 4)]);
    pen.disc("#8d6fc9", 300, 296, 20);
    pen.line("M300 302q8-2 6-9q-4-7-12-2q-6 8 2 15");
    pen.line("M262 288q2-18 12-18t12 18");
    pen.oval("#e8453f", 262, 290, 6, 8);
    pen.line("M268 302q5 3 9-1");
}

fn flower(pen: &mut Pen, x: i32, y: i32) {
    let petals = [0, 72, 144, 216, 288].map(|turn| (x, y, turn));
    pen.motif(&petals, |pen| pen.oval("#a77bd6", 0, -16, 10, 14));
    pen.disc("#ffd75e", x, y, 9);
}
