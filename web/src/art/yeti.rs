//! Snowflake the Yeti: thirteen, and everything is unfair.

use super::kit::{INK, Pen, portrait};

const FUR: &str = "#f7fbff";
const SHADE: &str = "#c9dff2";
const FACE: &str = "#7fb2e0";
const PHONES: &str = "#ff5f8f";

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
            (72, 22, 2),
            (232, 26, 3),
            (296, 96, 3),
            (20, 196, 4),
            (300, 150, 3),
            (268, 58, 2),
            (44, 104, 2),
        ],
    );
}

fn yeti(pen: &mut Pen) {
    // Shoulders in tufts.
    pen.shape(FUR, "M46 326C42 290 56 262 86 248L74 240Q98 228 120 232H200Q222 228 246 240L234 248C264 262 278 290 274 326z");
    pen.flat(SHADE, "M272 326C276 290 262 264 232 250L224 242C240 268 242 296 238 326zM118 326l10-30 10 20 8-16 6 26zM176 326l8-24 8 16 10-20 8 28z");
    // Horns.
    pen.mirror(|pen| {
        pen.shape("#6f6a9c", "M104 84C76 76 60 50 72 24C84 44 100 52 124 58z");
        pen.line("M72 48l14-8M86 68l16-13");
    });
    // The shock of fur.
    pen.shape(FUR, "M160 40L172 26L178 44L198 34L200 54L222 50L220 70L240 74L232 92L250 104L238 116L256 134L240 144L254 166L238 172L246 194L228 196L230 218L212 216L208 238L190 230L180 248L162 236L142 250L132 232L112 240L108 218L90 220L92 198L74 196L82 174L66 168L80 146L64 136L82 118L70 106L88 94L80 76L100 72L98 52L120 56L122 36L142 46L148 28z");
    pen.flat(SHADE, "M240 74L232 92L250 104L238 116L256 134L240 144L254 166L238 172L246 194L228 196L230 218L212 216L208 238L190 230L180 248L162 236C210 226 226 180 220 70z");
    face(pen);
    // Headphones: whatever you said, she has not heard it.
    pen.limb(PHONES, 10, "M80 146C80 30 240 30 240 146");
    for (x, gleam) in [(78, 70), (242, 235)] {
        pen.oval(PHONES, x, 154, 17, 27);
        pen.stroke("#ffb0c8", 4, &format!("M{gleam} 142q-4 10 0 20"));
    }
    slipper(pen);
    // The next snowball.
    pen.limb(FUR, 36, "M256 322C280 306 286 286 280 262");
    pen.glaze(INK, 12, "M262 326C288 312 304 288 296 256L284 258C288 286 276 306 252 322z");
    pen.disc("#fff", 278, 222, 27);
    pen.flat(SHADE, "M304 214C306 236 292 248 278 248C270 248 264 246 259 242C284 244 296 232 298 208z");
    pen.shape(FACE, "M252 244C256 236 266 238 268 248C274 240 284 242 286 250C292 242 302 238 308 246C310 266 294 274 280 274S252 266 252 244z");
}

fn face(pen: &mut Pen) {
    pen.shape(FACE, "M160 92C178 78 218 92 218 132C218 150 210 160 206 172C202 208 186 224 160 224S118 208 114 172C110 160 102 150 102 132C102 92 142 78 160 92z");
    pen.glaze(INK, 10, "M218 132C218 150 210 160 206 172C202 208 186 224 160 224C152 224 145 223 139 220C184 214 198 168 196 92C210 98 218 112 218 132z");
    pen.glaze("#fff", 30, "M114 120C118 104 132 98 144 100C132 106 124 114 122 126C120 132 112 128 114 120z");
    // An eye roll, slightly overdone.
    pen.look(24, -26);
    pen.eyes(29, 142, 23, "#3d4fa0");
    pen.lid(131, 142, 23, 10, FACE);
    pen.lid(189, 142, 23, -10, FACE);
    pen.mirror(|pen| pen.shape(FUR, "M152 124L102 112L108 126Q132 128 152 138z"));
    pen.blush(32, 177, "#d78bd0");
    pen.shape("#3f5f9e", "M146 168Q160 160 174 168Q172 180 160 180T146 168z");
    pen.line("M126 206Q150 184 194 200M194 200q6-2 6-8");
    pen.shape("#fff", "M138 198l3-18 13 12z");
}

/// Somebody's slipper, and that somebody's Monday.
fn slipper(pen: &mut Pen) {
    pen.shape("#e3f6ff", "M10 258L28 240H106L90 258z");
    pen.shape("#8fc4e6", "M90 258L106 240V302L90 318z");
    pen.shape("#bfe8fb", "M10 258H90V318H10z");
    pen.shape("#ff6f9c", "M20 300C18 274 38 268 46 284C56 290 80 286 82 302Q82 308 74 308H28Q20 308 20 300z");
    pen.oval("#7a2f55", 34, 282, 10, 5);
    pen.disc("#fff1d0", 62, 290, 7);
    pen.glaze("#fff", 60, "M16 264h22L16 292zM70 264h14l-44 50h-14z");
}
