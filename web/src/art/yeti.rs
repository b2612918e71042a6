//! Snowflake the Yeti: thirteen, and everything is unfair.

use super::kit::{Pen, portrait};

const FUR: &str = "#f7fbff";
const SHADE: &str = "#c9dff2";
const FACE: &str = "#7fb2e0";

/// The portrait as an SVG file.
pub fn draw() -> String {
    portrait(("#20305f", "#5e7fb8"), mountains, yeti)
}

fn mountains(pen: &mut Pen) {
    pen.glaze("#7df0c0", 45, "M0 84Q70 20 150 60T320 22V52Q240 84 156 92T0 128z");
    pen.glaze("#b9a2ff", 35, "M0 130Q90 84 170 104T320 66V84Q240 120 160 126T0 158z");
    pen.flat("#3a5591", "M0 230L66 132l54 74 46-48 62 72 44-50 48 62v88H0z");
    pen.flat("#e8f3ff", "M66 132l22 30-12-4-10 10-10-10-13 5zM272 180l18 24-10-4-8 8-8-8-11 3z");
    pen.flat("#dcebfa", "M0 268Q80 238 170 262T320 252V320H0z");
    pen.dots(
        "#fff",
        &[
            (30, 40, 3),
            (88, 28, 2),
            (226, 34, 3),
            (292, 96, 3),
            (22, 196, 4),
            (298, 214, 4),
            (262, 130, 2),
            (54, 108, 2),
            (140, 22, 2),
        ],
    );
}

fn yeti(pen: &mut Pen) {
    // Shoulders in tufts.
    pen.shape(FUR, "M40 324C36 290 50 262 82 246L72 240Q98 228 120 232H200Q222 228 248 240L238 246C270 262 284 290 280 324z");
    pen.flat(SHADE, "M280 324C284 290 270 262 238 246L226 240C242 268 244 296 240 324zM96 324l10-30 10 20 8-16 6 26zM190 324l8-26 8 18 10-22 8 30z");
    // Horns.
    pen.mirror(|pen| {
        pen.shape("#6f6a9c", "M98 92C70 86 56 60 66 34C78 52 96 58 118 64z");
        pen.line("M66 58l14-8M80 78l16-14");
    });
    // The shock of fur.
    pen.shape(FUR, "M160 40L172 26L178 44L198 34L200 54L222 50L220 70L240 74L232 92L250 104L238 116L256 134L240 144L254 166L238 172L246 194L228 196L230 218L212 216L208 238L190 230L180 248L162 236L142 250L132 232L112 240L108 218L90 220L92 198L74 196L82 174L66 168L80 146L64 136L82 118L70 106L88 94L80 76L100 72L98 52L120 56L122 36L142 46L148 28z");
    pen.flat(SHADE, "M240 74L232 92L250 104L238 116L256 134L240 144L254 166L238 172L246 194L228 196L230 218L212 216L208 238L190 230L180 248L162 236C210 226 226 180 220 70z");
    pen.shape(FACE, "M160 92C178 78 216 92 216 130C216 150 210 160 206 172C202 206 186 222 160 222S118 206 114 172C110 160 104 150 104 130C104 92 142 78 160 92z");
    pen.glaze("#fff", 30, "M118 116C122 104 136 98 146 100C134 106 126 114 124 126z");
    // A scowl, slightly overdone.
    pen.eyes(26, 138, 19, "#3d4fa0");
    pen.lid(134, 138, 19, 18, FACE);
    pen.lid(186, 138, 19, -18, FACE);
    pen.mirror(|pen| pen.shape(FUR, "M154 128L108 104L112 122Q134 128 152 140z"));
    pen.blush(44, 166, "#d78bd0");
    pen.shape("#3f5f9e", "M146 160Q160 152 174 160Q172 172 160 172T146 160z");
    pen.line("M128 200Q160 180 192 200");
    pen.shape("#fff", "M136 195l2-18 12 12zM184 195l-2-18-12 12z");
    // A snowflake pin.
    pen.stroke("#5aa6e0", 4, "M226 258v36M210 267l32 18M242 267l-32 18");
}
