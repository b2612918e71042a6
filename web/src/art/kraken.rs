//! Gary the Kraken: holds ships for a living, gives most of them back.

use super::kit::{INK, Pen, portrait};

const SKIN: &str = "#e0617a";
const PALE: &str = "#f9bcb4";

/// The portrait as an SVG file.
pub fn draw() -> String {
    portrait(("#0f4c6b", "#2fa3a8"), sea, kraken)
}

fn sea(pen: &mut Pen) {
    pen.glaze("#bff2e6", 16, "M60 0h50L80 320H0V220zM190 0h30l70 320h-80z");
    pen.flat("#12586f", "M0 270Q50 240 100 262T220 258 320 246V320H0z");
    pen.flat("#0d4960", "M0 296Q90 270 180 292T320 282V320H0z");
    pen.stroke(
        "#e9877a",
        8,
        "M22 300V262M22 282l-12-14M22 274l12-12M298 300v-44M298 278l12-14M298 270l-12-10",
    );
    pen.group(r##"stroke="#bff2e6" stroke-width="3" fill="none""##, |pen| {
        for (cx, cy, r) in [(36, 60, 8), (56, 34, 5), (284, 150, 7), (270, 40, 5), (22, 150, 5)] {
            pen.disc("none", cx, cy, r);
        }
    });
}

fn kraken(pen: &mut Pen) {
    // Arms behind the head.
    pen.mirror(|pen| {
        pen.limb(SKIN, 24, "M110 230C76 262 40 250 34 216C30 192 48 178 62 186C74 194 70 210 60 210");
        suckers(pen, &[(78, 252), (56, 246), (40, 228), (38, 206)]);
    });
    ship(pen);
    pen.limb(SKIN, 22, "M204 216C262 214 296 180 290 142C286 114 254 110 250 128C248 140 258 144 264 138");
    suckers(pen, &[(230, 214), (254, 204), (274, 186), (287, 162), (288, 138), (272, 122)]);
    // The mantle.
    pen.shape(SKIN, "M160 26C212 26 240 70 236 116C234 142 222 152 220 172C218 204 200 226 160 226S102 204 100 172C98 152 86 142 84 116C80 70 108 26 160 26z");
    pen.glaze(INK, 13, "M236 116C234 142 222 152 220 172C218 204 200 226 160 226C146 226 134 223 125 218C182 216 192 180 196 154C204 124 222 88 196 38C226 52 238 86 236 116z");
    pen.glaze("#fff", 35, "M102 92C104 68 118 50 136 44C124 60 116 76 114 96C112 104 102 102 102 92z");
    pen.dots(PALE, &[(140, 60, 7), (160, 46, 5), (186, 58, 8), (168, 74, 5), (208, 84, 5)]);
    pen.eyes(36, 138, 27, "#f2b21b");
    pen.line("M94 104Q112 94 134 104M188 98Q208 86 228 98");
    pen.blush(44, 180, "#fbb0a5");
    pen.line("M136 182Q160 200 186 180");
    pen.line("M182 174Q190 178 192 186");
    // Arms in front.
    pen.mirror(|pen| {
        pen.limb(SKIN, 26, "M140 216C138 262 108 270 100 300C96 318 110 330 122 322");
        suckers(pen, &[(136, 250), (122, 268), (108, 288)]);
    });
    pen.limb(SKIN, 26, "M162 218C160 262 168 284 160 330");
    suckers(pen, &[(162, 248), (165, 270), (163, 294)]);
}

fn suckers(pen: &mut Pen, at: &[(i32, i32)]) {
    let dots: Vec<_> = at.iter().map(|&(x, y)| (x, y, 5)).collect();
    pen.dots(PALE, &dots);
}

fn ship(pen: &mut Pen) {
    pen.turned(12, 270, 80, |pen| {
        pen.line("M272 80V16");
        pen.shape("#fff6e0", "M276 24Q304 38 298 68H276zM268 32Q250 42 248 66H268z");
        pen.shape("#ffd166", "M272 20l-18-6 18-8z");
        pen.shape("#9a5b34", "M236 76H312Q306 104 288 106H260Q242 104 236 76z");
        pen.line("M242 90h64");
    });
}
