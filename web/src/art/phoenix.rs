//! Cole the Phoenix: waves hello, waves goodbye, and brings the fire for the marshmallows.

use super::kit::{INK, Pen, portrait};

const FLAME: &str = "#f0592a";
const GOLD: &str = "#ffb52e";
const LIGHT: &str = "#ffe28a";

/// The portrait as an SVG file.
pub fn draw() -> String {
    portrait(("#2c2a63", "#b8487a"), embers, phoenix)
}

fn embers(pen: &mut Pen) {
    pen.group(r#"opacity=".35""#, |pen| pen.dots("#ff8a4c", &[(160, 176, 146)]));
    pen.group(r#"opacity=".5""#, |pen| pen.dots("#ffb35e", &[(160, 176, 108)]));
    pen.dots(
        LIGHT,
        &[
            (104, 32, 4),
            (84, 76, 3),
            (222, 28, 4),
            (296, 40, 3),
            (14, 60, 3),
            (304, 222, 4),
            (18, 230, 4),
            (252, 66, 3),
        ],
    );
    pen.flat("#3a1f45", "M0 296Q80 276 160 288T320 284V320H0z");
}

fn phoenix(pen: &mut Pen) {
    // The tail behind.
    pen.shape(FLAME, "M214 236C252 220 290 232 312 206C312 236 300 250 288 256C302 258 310 256 318 252C304 290 262 300 214 286z");
    pen.flat(GOLD, "M220 250C248 240 276 246 292 236C288 252 276 258 266 260C274 264 284 264 290 264C270 284 242 282 220 274z");
    // The wing that waves, in three rows of feathers.
    pen.shape(FLAME, "M122 244C76 234 34 200 18 136C28 144 38 146 46 142C34 116 34 84 44 58C54 76 64 84 74 84C70 68 74 52 84 40C96 80 120 120 132 176z");
    pen.flat(GOLD, "M120 228C84 216 52 186 38 152C48 156 56 156 62 152C50 130 48 106 52 84C62 98 72 104 80 104C80 94 80 84 84 74C94 106 116 134 126 178z");
    pen.flat(LIGHT, "M118 210C94 200 74 182 62 164C72 166 78 164 82 160C72 146 68 130 68 116C80 126 88 128 92 126C98 146 114 160 122 182z");
    pen.line("M46 142C52 156 62 168 74 176M74 84C78 104 86 118 96 130");
    body(pen);
    head(pen);
    marshmallow(pen);
    nest(pen);
}

fn body(pen: &mut Pen) {
    pen.shape(FLAME, "M160 138C212 138 234 180 230 218S202 296 160 296S94 256 90 218S108 138 160 138z");
    pen.glaze(INK, 12, "M230 218C226 256 202 296 160 296C152 296 145 295 138 293C192 280 208 220 198 152C222 168 232 194 230 218z");
    pen.flat(GOLD, "M156 184C186 184 200 204 198 230S182 286 158 286S118 256 116 230S128 184 156 184z");
    pen.stroke(LIGHT, 5, "M132 224q8 10 16 0 8 10 16 0 8 10 16 0M140 246q8 10 16 0 8 10 16 0");
}

fn head(pen: &mut Pen) {
    // The crest.
    pen.group(r#"transform="translate(0 7)""#, |pen| {
    pen.shape(GOLD, "M158 74C134 60 128 36 140 10C150 24 156 30 164 30C164 20 170 8 182 2C178 20 188 28 194 38C200 36 204 30 206 22C216 48 200 70 180 78z");
    pen.flat(FLAME, "M162 72C150 60 148 46 154 36C162 46 172 46 178 36C186 48 182 64 176 74z");
    });
    pen.shape(FLAME, "M160 60C208 60 234 92 230 130C229 146 236 156 240 166C226 170 216 168 210 174C202 192 186 200 160 200S118 192 110 174C104 168 94 170 80 166C84 156 91 146 90 130C86 92 112 60 160 60z");
    pen.glaze(INK, 12, "M230 130C229 146 236 156 240 166C226 170 216 168 210 174C202 192 186 200 160 200C152 200 145 199 138 197C188 192 210 146 202 76C222 88 231 109 230 130z");
    pen.flat(
        LIGHT,
        "M160 106C176 86 216 92 216 130C216 156 192 174 160 174S104 156 104 130C104 92 144 86 160 106z",
    );
    pen.look(-10, -14);
    pen.eyes(32, 124, 25, "#c0392b");
    pen.line("M104 90Q120 74 140 84M180 84Q200 74 216 90");
    pen.blush(51, 158, "#f7905a");
    // A beak that has just thought of something.
    pen.shape("#8c2f4a", "M134 156Q160 164 186 156Q182 188 160 192Q138 188 134 156z");
    pen.flat("#f08a96", "M146 180Q160 168 174 180Q168 188 160 189T146 180z");
    pen.shape("#6a4569", "M160 132C176 132 190 146 196 158Q178 166 160 164T124 158C130 146 144 132 160 132z");
    pen.glaze("#fff", 40, "M140 150q8-10 20-10-8 6-14 12z");
}

fn marshmallow(pen: &mut Pen) {
    pen.stroke(INK, 12, "M228 262L274 132");
    pen.stroke("#b07a4c", 4, "M228 262L274 132");
    pen.turned(20, 282, 108, |pen| {
        pen.shape("#fff6ea", "M266 92q16-8 32 0v34q-16 8-32 0z");
        pen.flat("#e0a674", "M269 92q13-5 26 0v6q-13 5-26 0z");
        pen.glaze(INK, 12, "M298 92v34q-5 3-11 4V90q6 0 11 2z");
    });
    pen.shape(FLAME, "M284 84C268 78 266 60 278 44C280 54 288 56 292 48C304 62 302 80 290 86z");
    pen.flat(LIGHT, "M284 80C278 74 280 66 286 60C292 68 292 76 288 81z");
    // The wing that holds it.
    pen.shape(FLAME, "M206 202C238 206 258 226 262 250C250 248 244 250 240 256C226 262 206 252 198 236z");
    pen.line("M228 240q8-6 18-4");
}

/// The nest, always a little on fire.
fn nest(pen: &mut Pen) {
    pen.shape("#7a4a34", "M44 326Q54 286 90 278Q160 302 230 278Q266 286 276 326z");
    pen.stroke("#a86b44", 5, "M70 304L132 294M90 316L168 300M150 316L242 292M196 318L252 308");
    pen.line("M80 288L120 310M210 286L176 312M240 288L262 276M80 288L56 274M140 294L148 318");
    pen.shape(FLAME, "M62 304C48 296 46 278 56 264C60 272 66 272 70 264C82 276 82 296 72 304zM250 308C240 300 240 288 248 278C252 284 256 284 258 278C268 288 266 302 258 308z");
    pen.flat(LIGHT, "M64 300C58 294 58 288 64 282C70 288 72 296 68 300zM252 305q-6-6 1-14q6 8 2 14z");
}
