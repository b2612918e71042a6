//! Gary the Kraken: eight things at once. Heads the ship sinks, tails it does not, and the coin is in the air.

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
        "M18 304V266M18 286l-12-14M18 278l12-12M302 304v-44M302 282l12-14M302 274l-12-10",
    );
    pen.group(r##"stroke="#bff2e6" stroke-width="3" fill="none""##, |pen| {
        for (cx, cy, r) in [(84, 28, 6), (298, 190, 6), (236, 30, 5), (18, 222, 5)] {
            pen.disc("none", cx, cy, r);
        }
    });
}

fn kraken(pen: &mut Pen) {
    // Arms behind the head: one curled, one with the tambourine, one that tossed the coin, one with the ship.
    pen.limb(SKIN, 24, "M210 230C244 262 280 250 286 216C290 192 272 178 258 186C246 194 250 210 260 210");
    suckers(pen, &[(242, 252), (264, 246), (280, 228)]);
    tambourine(pen);
    pen.limb(SKIN, 22, "M112 218C92 246 62 252 44 230");
    suckers(pen, &[(100, 232), (82, 243), (62, 242)]);
    pen.limb(SKIN, 20, "M106 190C76 168 60 138 58 108C56 92 40 92 42 106");
    suckers(pen, &[(84, 164), (70, 144), (62, 122)]);
    ship(pen);
    pen.limb(SKIN, 22, "M204 200C258 204 292 176 288 140C286 114 254 110 250 128C248 140 258 144 264 138");
    suckers(pen, &[(230, 200), (254, 192), (274, 176), (286, 156), (286, 136), (272, 122)]);
    coin(pen);
    // The mantle.
    pen.shape(SKIN, "M160 26C212 26 240 70 236 116C234 142 222 152 220 172C218 204 200 226 160 226S102 204 100 172C98 152 86 142 84 116C80 70 108 26 160 26z");
    pen.glaze(INK, 13, "M236 116C234 142 222 152 220 172C218 204 200 226 160 226C146 226 134 223 125 218C182 216 192 180 196 154C204 124 222 88 196 38C226 52 238 86 236 116z");
    pen.glaze("#fff", 35, "M102 92C104 68 118 50 136 44C124 60 116 76 114 96C112 104 102 102 102 92z");
    pen.dots(PALE, &[(140, 58, 7), (160, 46, 5), (186, 58, 8), (168, 72, 5), (208, 84, 5)]);
    pen.look(-22, -22);
    pen.eye(124, 132, 29, "#f2b21b");
    pen.eye(196, 134, 25, "#f2b21b");
    pen.line("M92 96Q110 80 134 92M182 98Q204 92 222 104");
    pen.blush(42, 174, "#fbb0a5");
    pen.shape("#8c2f4a", "M126 174Q158 188 194 172Q190 208 162 208T126 174z");
    pen.flat("#f08a96", "M142 200Q160 186 180 198Q174 205 162 205T142 200z");
    // Arms in front.
    pen.mirror(|pen| {
        pen.limb(SKIN, 26, "M140 218C138 262 108 270 100 300C96 318 110 330 122 322");
        suckers(pen, &[(136, 252), (122, 270), (108, 290)]);
    });
    pen.limb(SKIN, 26, "M162 222C160 262 168 284 160 330");
    suckers(pen, &[(162, 250), (165, 272), (163, 296)]);
}

fn suckers(pen: &mut Pen, at: &[(i32, i32)]) {
    let dots: Vec<_> = at.iter().map(|&(x, y)| (x, y, 5)).collect();
    pen.dots(PALE, &dots);
}

fn tambourine(pen: &mut Pen) {
    pen.disc("#b5763f", 42, 194, 32);
    pen.disc("#fff1d0", 42, 194, 22);
    pen.dots(
        "#ffd75e",
        &[(15, 182, 6), (18, 212, 6), (42, 223, 6), (66, 211, 6), (69, 184, 6), (42, 165, 6)],
    );
}

fn coin(pen: &mut Pen) {
    pen.disc("#ffd15c", 42, 54, 21);
    pen.stars("#d9962a", &[(42, 54, 13)]);
    pen.stroke("#fff3c4", 4, "M26 92l3-11M60 90l-4-10");
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
