//! Gretta the Gorgon: every snake has an opinion, and so has she.

use super::kit::{INK, Pen, portrait};

const SKIN: &str = "#d8e6a8";
const SNAKE: &str = "#3f9a6e";
const BELLY: &str = "#c7e59a";

/// The portrait as an SVG file.
pub fn draw() -> String {
    portrait(("#f3a6a0", "#fbe3cf"), temple, gorgon)
}

fn temple(pen: &mut Pen) {
    pen.dots("#ffd9a0", &[(160, 120, 116)]);
    pen.flat("#fff6ea", "M14 96h56v14H62v154H22V110h-8zM250 96h56v14h-8v154h-40V110h-8z");
    pen.flat("#e6cbbd", "M34 110h5v154h-5zM47 110h5v154h-5zM270 110h5v154h-5zM283 110h5v154h-5z");
    pen.flat("#d98880", "M0 262h320v58H0z");
    pen.flat("#f0b7a5", "M0 256h320v10H0z");
}

fn gorgon(pen: &mut Pen) {
    // The hair at the back, then the hair that looks around.
    pen.mirror(|pen| {
        let d = concat!(
            "M120 190C84 214 70 236 84 262M112 150C76 160 60 186 40 190M116 122C84 118 68 138 46 128C34 122 34 108 ",
            "40 98M124 100C98 92 84 90 80 70C78 56 86 46 84 38M146 92C132 74 142 58 130 40C126 34 128 28 130 22"
        );
        pen.limb(SNAKE, 15, d);
        pen.motif(&[(34, 190, 160), (42, 92, -80), (82, 34, -100), (130, 22, -80)], head);
    });
    // Shoulders and gown.
    pen.shape(SKIN, "M142 210h36v36l-18 14-18-14z");
    pen.shape("#b23a58", "M62 324C66 272 100 250 138 244Q160 262 182 244C220 250 254 272 258 324z");
    pen.glaze(INK, 15, "M258 324C254 272 220 250 182 244L176 248C206 262 216 290 216 324z");
    pen.line("M112 324Q110 296 120 276M208 324Q210 296 200 276");
    pen.shape("#f9d65c", "M132 240Q160 262 188 240L192 252Q160 276 128 252z");
    // The face.
    pen.shape(SKIN, "M160 86C204 86 226 114 224 152S196 232 160 232S98 190 96 152S116 86 160 86z");
    pen.glaze(INK, 10, "M224 152C222 190 196 232 160 232C152 232 146 230 140 227C186 216 204 172 200 102C218 114 225 132 224 152z");
    // A fringe of small snakes.
    pen.shape(SNAKE, "M160 80C116 76 90 104 92 142C104 138 114 128 120 114C130 122 144 122 160 108C176 122 190 122 200 114C206 128 216 138 228 142C230 104 204 76 160 80z");
    pen.stroke(
        BELLY,
        4,
        "M104 122Q114 104 126 98M136 106Q148 102 154 94M216 122Q206 104 194 98M184 106Q172 102 166 94",
    );
    pen.eyes(30, 158, 18, "#f2a516");
    pen.lid(130, 158, 18, 12, "#a679b8");
    pen.lid(190, 158, 18, -12, "#a679b8");
    pen.line("M110 152l-10-8M210 152l10-8M108 134Q124 124 142 136M212 134Q196 124 178 136");
    pen.blush(38, 188, "#ee8f83");
    pen.line("M156 178Q160 186 166 182");
    pen.shape("#b23a58", "M138 202Q150 196 160 200Q170 196 184 198Q176 214 160 214T138 202z");
    pen.line("M136 200Q160 210 188 194");
    pen.dots(INK, &[(192, 206, 3)]);
    pen.mirror(|pen| pen.disc("#f9d65c", 96, 186, 7));
}

/// A snake's head, looking right.
fn head(pen: &mut Pen) {
    pen.stroke("#e63956", 3, "M10 0h14l5-4m-5 4 5 4");
    pen.oval(SNAKE, 3, 0, 16, 12);
    pen.dots("#fff", &[(8, -5, 4), (8, 5, 4)]);
    pen.dots(INK, &[(9, -5, 2), (9, 5, 2)]);
}
