//! Hasla the Haetae: guardian against fire, older than anyone else's calendar, with a bell.

use super::kit::{INK, Pen, portrait};

const FUR: &str = "#3f8fa8";
const CURL: &str = "#f5b841";
const MUZZLE: &str = "#fdf1d6";

/// The portrait as an SVG file.
pub fn draw() -> String {
    portrait(("#bfe3e0", "#fdf0d2"), palace, haetae)
}

fn palace(pen: &mut Pen) {
    pen.dots("#ef6f5e", &[(270, 58, 34)]);
    // A tiled roof with lifted eaves, and the painted beam under it.
    pen.flat("#47566b", "M0 176Q30 176 54 150H266Q290 176 320 176V196H0z");
    pen.flat("#5d6f87", "M48 150h224l-8-14H56z");
    pen.flat("#3aa08a", "M0 196h320v14H0z");
    pen.flat("#c8463c", "M0 210h320v110H0z");
    pen.flat("#e8a33d", "M0 208h320v5H0z");
    pen.flat("#a8362f", "M36 213h14v107H36zM270 213h14v107h-14z");
}

fn haetae(pen: &mut Pen) {
    // Chest with scales.
    pen.shape(FUR, "M70 324C72 276 104 246 160 246S248 276 250 324z");
    pen.stroke(
        "#7cc3cf",
        4,
        "M88 300q10 12 20 0 10 12 20 0M192 300q10 12 20 0 10 12 20 0M98 280q10 12 20 0M202 280q10 12 20 0",
    );
    // The mane: a ring of curls.
    let curls = [
        (84, 100, 0),
        (66, 144, 0),
        (72, 192, 0),
        (98, 232, 0),
        (118, 68, 0),
        (160, 56, 0),
        (202, 68, 0),
        (236, 100, 0),
        (254, 144, 0),
        (248, 192, 0),
        (222, 232, 0),
    ];
    pen.motif(&curls, |pen| {
        pen.disc(CURL, 0, 0, 26);
        pen.stroke("#c97f1e", 4, "M-9 2a9 9 0 1 1 9 9a5 5 0 1 1 1-10");
    });
    // Ears and horn.
    pen.mirror(|pen| pen.shape(FUR, "M96 112C74 98 70 74 78 60C98 64 116 76 122 94z"));
    pen.shape(FUR, "M160 74C212 74 242 108 240 152S212 246 160 246S82 196 80 152S108 74 160 74z");
    pen.shape("#fff3cf", "M146 84C146 62 152 42 166 28C172 46 174 66 174 84Q160 92 146 84z");
    pen.line("M149 64Q160 70 172 62");
    pen.glaze(INK, 12, "M240 152C238 196 212 246 160 246C146 246 134 242 124 236C196 236 222 184 212 98C232 112 241 130 240 152z");
    pen.stroke("#7cc3cf", 4, "M92 138q8 10 16 0M92 160q8 10 16 0M212 138q8 10 16 0M212 160q8 10 16 0");
    // Eyebrows like flames.
    pen.mirror(|pen| {
        pen.shape("#d8483e", "M150 112C138 90 120 86 100 96C106 98 108 102 106 108C122 102 136 106 150 112z");
    });
    pen.eyes(34, 136, 24, "#8a5a2b");
    // Muzzle, nose, smile with two fangs.
    pen.blush(58, 178, "#f08a72");
    pen.shape(MUZZLE, "M160 174C176 162 210 168 212 192S190 236 160 236S106 216 108 192S144 162 160 174z");
    pen.shape("#8c2f3f", "M120 200Q160 214 200 200Q194 230 160 230T120 200z");
    pen.shape("#fff", "M128 203l6 14 9-11zM192 203l-6 14-9-11z");
    pen.shape(INK, "M140 166Q160 152 180 166Q178 182 160 184T140 166z");
    pen.glaze("#fff", 50, "M150 164q8-5 16-2-6 4-14 5z");
    // The bell.
    pen.shape("#d8483e", "M104 244Q160 272 216 244L220 258Q160 288 100 258z");
    pen.disc("#ffd75e", 160, 282, 20);
    pen.line("M142 278h36M160 288v12");
    pen.dots(INK, &[(160, 288, 4)]);
}
