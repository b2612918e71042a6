//! Hasla the Haetae: two billion years at the threshold, and no spark has got past this paw.

use super::kit::{INK, Pen, portrait};

const FUR: &str = "#3f8fa8";
const SCALE: &str = "#7cc3cf";
const CURL: &str = "#f5b841";
const MUZZLE: &str = "#fdf1d6";

/// The portrait as an SVG file.
pub fn draw() -> String {
    portrait(("#bfe3e0", "#fdf0d2"), palace, haetae)
}

fn palace(pen: &mut Pen) {
    pen.dots("#ef6f5e", &[(276, 54, 34)]);
    // Clouds as they are painted on palaces.
    pen.stroke("#fff", 7, "M8 74h62a12 12 0 1 0-12-12M18 90h34M250 92h70M232 108h60a10 10 0 1 1-10 10");
    // A tiled roof with lifted eaves, and the painted beam under it.
    pen.flat("#47566b", "M0 176Q30 176 54 150H266Q290 176 320 176V196H0z");
    pen.flat("#5d6f87", "M48 150h224l-8-14H56z");
    pen.flat("#3aa08a", "M0 196h320v14H0z");
    pen.flat("#c8463c", "M0 210h320v110H0z");
    pen.flat("#e8a33d", "M0 208h320v5H0z");
    pen.flat("#a8362f", "M20 213h14v107H20zM286 213h14v107h-14z");
}

fn haetae(pen: &mut Pen) {
    // Haunches and chest with scales.
    pen.shape(FUR, "M52 326C48 282 88 246 160 246S276 282 270 326z");
    pen.glaze(INK, 13, "M270 326C276 282 232 246 160 246C210 262 232 288 228 326z");
    pen.stroke(
        SCALE,
        4,
        "M192 306q10 12 20 0 10 12 20 0M202 284q10 12 20 0 10 12 20 0M96 306q10 12 20 0 10 12 20 0",
    );
    // The mane: a ring of curls.
    let curls = [
        (84, 102, 0),
        (66, 146, -20),
        (72, 192, -40),
        (100, 232, -60),
        (118, 70, 10),
        (160, 58, 0),
        (202, 70, 20),
        (236, 102, 40),
        (254, 146, 60),
        (248, 192, 80),
        (220, 232, 100),
    ];
    pen.motif(&curls, |pen| {
        pen.disc(CURL, 0, 0, 26);
        pen.stroke("#c97f1e", 4, "M-9 2a9 9 0 1 1 9 9a5 5 0 1 1 1-10");
    });
    // Ears and horn.
    pen.mirror(|pen| {
        pen.shape(FUR, "M94 116C70 104 62 82 68 64C92 68 112 78 120 94z");
        pen.flat("#f6b59a", "M92 106C80 98 76 86 78 76C92 80 102 86 108 96z");
    });
    pen.shape(FUR, "M160 74C212 74 242 108 240 152S212 246 160 246S82 196 80 152S108 74 160 74z");
    pen.shape("#fff3cf", "M144 86C144 62 150 38 164 22C172 40 176 64 176 86Q160 94 144 86z");
    pen.line("M147 66Q160 74 174 64M151 48Q160 54 170 46");
    pen.glaze(INK, 12, "M240 152C238 196 212 246 160 246C146 246 134 242 124 236C196 236 222 184 212 98C232 112 241 130 240 152z");
    pen.glaze("#fff", 28, "M94 132C98 108 112 96 130 90C116 104 106 116 104 136C102 144 92 142 94 132z");
    pen.stroke(SCALE, 4, "M90 164q8 10 16 0M212 140q8 10 16 0M214 162q8 10 16 0");
    // Eyebrows like small flames, lifted kindly.
    pen.mirror(|pen| {
        pen.shape(
            "#d8483e",
            "M150 100C136 90 114 92 98 112C106 110 110 112 112 116C124 108 138 106 150 110z",
        );
    });
    pen.look(-24, 20);
    pen.eyes(34, 138, 24, "#8a5a2b");
    // Muzzle, nose, smile with two fangs.
    pen.blush(58, 178, "#f08a72");
    pen.shape(MUZZLE, "M160 174C176 162 210 168 212 192S190 236 160 236S106 216 108 192S144 162 160 174z");
    pen.shape("#8c2f3f", "M118 198Q160 214 202 198Q196 230 160 230T118 198z");
    pen.flat("#ef7f8e", "M138 222Q160 208 182 222Q174 227 160 227T138 222z");
    pen.shape("#fff", "M127 202l7 14 10-11zM193 202l-7 14-10-11z");
    pen.shape(INK, "M138 168Q160 152 182 168Q180 184 160 186T138 168z");
    pen.glaze("#fff", 50, "M148 166q8-5 16-2-6 4-14 5z");
    // The bell.
    pen.shape("#d8483e", "M104 244Q160 272 216 244L220 258Q160 288 100 258z");
    pen.disc("#ffd75e", 160, 284, 20);
    pen.line("M142 280h36M160 290v12");
    pen.dots(INK, &[(160, 290, 4)]);
    paw(pen);
}

/// The paw that is raised, and the spark that goes no further.
fn paw(pen: &mut Pen) {
    pen.limb(FUR, 44, "M104 326C84 316 66 300 58 286");
    pen.shape(
        FUR,
        "M20 270C16 242 36 234 46 240C54 226 76 228 80 242C96 242 102 264 92 280C80 300 28 302 20 270z",
    );
    pen.flat("#f6b59a", "M42 272C44 258 68 256 74 270C78 284 40 290 42 272z");
    pen.dots("#f6b59a", &[(36, 256, 7), (55, 247, 7), (76, 253, 7)]);
    pen.shape(
        "#ff7a3c",
        "M34 176C50 192 60 202 54 216C48 230 24 230 20 216C16 206 24 200 26 192C30 196 34 190 34 176z",
    );
    pen.flat("#ffe08a", "M36 200C44 208 46 214 42 220C38 226 30 224 28 218C28 212 36 210 36 200z");
}
