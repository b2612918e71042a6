//! Atlantis the Mandrake: a root with a view, and a scream kept for special occasions.

use super::kit::{INK, Pen, portrait};

const ROOT: &str = "#dcab72";
const LEAF: &str = "#5faa4e";

/// The portrait as an SVG file.
pub fn draw() -> String {
    portrait(("#d7f0dc", "#fdf5d8"), garden, mandrake)
}

fn garden(pen: &mut Pen) {
    pen.dots("#fff", &[(160, 150, 128)]);
    pen.flat("#a9d79b", "M0 250Q26 190 60 224Q70 170 104 214Q120 190 140 230H180Q204 186 220 216Q250 176 264 222Q300 196 320 244V320H0z");
    pen.flat("#8a5a3c", "M0 258Q80 244 160 254T320 250V320H0z");
    pen.flat("#74482f", "M0 284Q90 270 170 282T320 278V320H0z");
    pen.dots(
        "#b98560",
        &[(30, 274, 5), (74, 300, 6), (262, 272, 5), (298, 300, 6), (46, 306, 3), (230, 304, 4)],
    );
    pen.dots("#f28fb0", &[(34, 226, 8), (288, 218, 8)]);
    pen.dots("#ffd75e", &[(34, 226, 3), (288, 218, 3)]);
}

fn mandrake(pen: &mut Pen) {
    // The leaves.
    pen.shape(LEAF, "M156 104C116 104 72 82 58 40C100 34 142 58 156 104z");
    pen.shape(LEAF, "M164 104C204 104 248 82 262 40C220 34 178 58 164 104z");
    pen.shape("#74bd5b", "M158 104C126 84 106 46 116 12C148 24 168 60 162 104z");
    pen.shape("#74bd5b", "M162 104C194 84 214 46 204 12C172 24 152 60 158 104z");
    pen.line("M76 50Q124 60 148 92M244 50Q196 60 172 92M124 30Q138 62 154 90M196 30Q182 62 166 90");
    flower(pen, 160, 52);
    // Arms like side roots.
    pen.limb(ROOT, 20, "M108 216C80 214 66 194 44 198M56 200L42 184");
    pen.limb(ROOT, 20, "M212 216C240 212 248 178 272 168M262 172L262 152");
    // The body, tapering into the earth.
    pen.shape(ROOT, "M160 90C206 88 238 116 238 156C238 190 222 204 218 230C216 256 220 272 226 292C206 296 194 288 186 276C182 294 172 308 160 314C150 304 142 292 138 276C128 288 112 296 94 292C102 272 106 256 104 230C98 204 82 190 82 156C82 116 114 92 160 90z");
    pen.glaze(INK, 12, "M238 156C238 190 222 204 218 230C216 256 220 272 226 292C206 296 194 288 186 276C182 294 172 308 160 314C158 312 156 310 154 308C176 276 180 246 188 216C204 190 220 150 204 104C226 114 238 132 238 156z");
    pen.glaze("#fff", 35, "M98 150C98 128 112 114 128 110C118 122 112 134 110 152C108 160 98 160 98 150z");
    pen.stroke("#a8743f", 4, "M112 232h22M186 244h22M128 258h16M196 216h18M148 112h14M176 120h12M94 176h12");
    // A mouth in the middle of a very long vowel.
    pen.eyes(32, 154, 22, "#5c8a3a");
    pen.line("M108 124Q122 114 138 122M182 122Q198 114 212 124");
    pen.blush(58, 188, "#ee8b6b");
    pen.shape("#8c2f3f", "M160 184C178 184 186 196 184 210S174 232 160 232S138 224 136 210S142 184 160 184z");
    pen.flat("#ef7f8e", "M144 224Q160 210 176 224Q170 230 160 230T144 224z");
    // Soil in front.
    pen.flat(
        "#74482f",
        "M60 296Q80 276 104 288Q124 270 146 286Q168 268 190 286Q214 268 232 288Q252 278 264 298V322H60z",
    );
    pen.line("M66 294Q82 278 104 288Q124 270 146 286Q168 268 190 286Q214 268 232 288Q248 280 260 294");
}

fn flower(pen: &mut Pen, x: i32, y: i32) {
    let petals = [0, 72, 144, 216, 288].map(|turn| (x, y, turn));
    pen.motif(&petals, |pen| pen.oval("#a77bd6", 0, -16, 10, 14));
    pen.disc("#ffd75e", x, y, 9);
}
