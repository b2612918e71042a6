//! Evangeline the Chimera: the lion signs, the goat has read the small print, the snake offers the cookie.

use super::kit::{INK, Pen, portrait};

const FUR: &str = "#f4b860";
const MANE: &str = "#c8502d";
const GOAT: &str = "#e9dfe6";
const SNAKE: &str = "#5fae6b";

/// The portrait as an SVG file.
pub fn draw() -> String {
    portrait(("#4a3a78", "#e58e73"), towers, chimera)
}

fn towers(pen: &mut Pen) {
    pen.crescent("#ffe9b0", 178, 42, 20);
    pen.stars("#ffe9b0", &[(22, 40, 6), (208, 76, 5), (302, 118, 6), (20, 152, 5)]);
    pen.flat("#6b4a83", "M0 220V176h12v-10h12v10h12v-10h12v10h10v44h214v-74l22-34 22 34v74h16v100H0z");
    pen.flat("#f8c36b", "M276 166h10v16h-10zM22 190h8v12h-8z");
    pen.flat("#553a70", "M0 258Q90 232 170 254T320 244V320H0z");
}

fn chimera(pen: &mut Pen) {
    snake(pen);
    goat(pen);
    lion(pen);
    // The cookie, already offered.
    pen.disc("#e8b46c", 228, 104, 19);
    pen.dots("#6b3f2a", &[(222, 98, 3), (234, 96, 4), (230, 108, 4), (219, 110, 3), (239, 109, 3)]);
    contract(pen);
}

fn snake(pen: &mut Pen) {
    pen.limb(SNAKE, 22, "M250 250C300 216 294 168 270 150C246 132 240 106 256 82");
    pen.stroke("#c9e08a", 5, "M264 234C286 210 284 180 264 162C244 144 236 120 245 96");
    pen.shape(SNAKE, "M230 80C226 54 244 36 266 40S296 66 286 82C276 96 234 102 230 80z");
    pen.look(-18, 14);
    pen.eye_pair((249, 64), 26, 11, "#ffd166");
    pen.lid(249, 64, 11, 10, SNAKE);
    pen.lid(275, 64, 11, -10, SNAKE);
    pen.line("M236 84Q256 98 278 82");
}

fn goat(pen: &mut Pen) {
    pen.shape("#8b7a94", "M54 82C34 60 38 30 68 24C58 40 60 56 78 70z");
    pen.shape("#8b7a94", "M100 66C98 40 112 22 138 26C124 36 120 50 122 68z");
    pen.line("M43 54l16 2M102 48l18 4");
    pen.shape(GOAT, "M46 112C30 104 14 108 8 118C20 130 36 132 50 126z");
    pen.shape(
        GOAT,
        "M50 96C52 72 76 60 98 64S134 90 130 116C126 150 128 170 118 198L64 204C54 180 46 130 50 96z",
    );
    pen.shape(GOAT, "M60 172C58 190 62 200 68 208C76 198 82 186 82 174z");
    pen.shape("#f7f1f4", "M46 146C44 132 60 126 74 128S98 142 96 156 82 178 66 176 48 162 46 146z");
    pen.line("M54 160Q68 170 86 158M62 142l4 6M80 142l-4 6");
    pen.look(14, 30);
    pen.eye_pair((64, 100), 38, 13, "#d9a441");
    pen.lid(64, 100, 13, 4, GOAT);
    pen.lid(102, 100, 13, -4, GOAT);
    // Reading glasses, low on the nose.
    pen.group(r##"fill="#fff" fill-opacity=".3""##, |pen| {
        pen.trace("M46 108h34q-1 20-17 20t-17-20zM88 108h34q-1 20-17 20t-17-20zM80 112q4-4 8 0");
    });
}

fn lion(pen: &mut Pen) {
    pen.shape(FUR, "M80 324C86 286 110 262 168 262S254 286 260 324z");
    // The mane, in scallops.
    pen.shape(MANE, "M168 98C182 84 204 88 210 102C228 98 244 112 242 130C260 136 268 156 258 172C270 188 264 210 248 218C250 238 234 254 216 250C208 268 186 272 172 262C156 272 134 268 126 250C108 254 92 238 94 218C78 210 72 188 84 172C74 156 82 136 100 130C98 112 114 98 130 102C136 88 156 84 168 98z");
    pen.glaze(INK, 16, "M258 172C270 188 264 210 248 218C250 238 234 254 216 250C208 268 186 272 172 262C160 270 146 270 136 262C214 258 244 214 236 124C262 134 268 156 258 172z");
    pen.stroke(
        "#e8824a",
        5,
        "M112 144l14 10M104 178h14M116 216l12-8M226 144l-14 10M232 178h-14M222 216l-12-8M168 108v10M140 112l6 10M196 112l-6 10",
    );
    pen.disc(FUR, 122, 134, 15);
    pen.disc(FUR, 214, 134, 15);
    pen.dots("#d98a5a", &[(122, 134, 7), (214, 134, 7)]);
    pen.shape(FUR, "M168 116C208 116 228 142 224 178S200 248 168 248S116 214 112 178S128 116 168 116z");
    pen.glaze(INK, 9, "M224 178C220 214 200 248 168 248C158 248 149 245 141 240C186 236 208 190 198 124C218 134 227 155 224 178z");
    // A knowing look.
    pen.look(-14, 12);
    pen.eye_pair((142, 168), 52, 19, "#5f9e4f");
    pen.lid(142, 168, 19, 14, FUR);
    pen.lid(194, 168, 19, -6, FUR);
    pen.line("M176 142Q196 132 212 146");
    pen.shape(
        "#fdf1dc",
        "M168 202C180 196 206 200 206 218S188 242 168 236C148 242 130 236 130 218S156 196 168 202z",
    );
    pen.shape("#7c2f3c", "M150 198Q168 188 186 198Q182 212 168 214T150 198z");
    pen.glaze("#fff", 50, "M158 198q8-4 14-2-4 5-12 6z");
    pen.line("M168 214v8M142 222Q156 234 168 222Q182 238 202 216");
    pen.shape("#fff", "M178 230l9 16 9-21z");
    pen.dots("#a5653a", &[(146, 212, 2), (139, 218, 2), (194, 212, 2), (200, 206, 2)]);
}

/// The desk, the contract, and the paw that holds the quill.
fn contract(pen: &mut Pen) {
    pen.shape("#6a3346", "M-6 294Q160 282 326 292V326H-6z");
    pen.shape("#fff3d6", "M52 264Q98 274 150 260Q166 284 176 318L64 326Q60 296 52 264z");
    pen.stroke("#b79b78", 4, "M72 280Q104 284 142 276M76 294Q108 298 130 293M80 308Q104 312 122 309");
    pen.stroke("#6b3fb8", 4, "M138 306q6-14 8 0t8-2 8-4");
    pen.disc("#d64550", 50, 300, 15);
    pen.stars("#ffb3a8", &[(50, 300, 9)]);
    pen.shape("#fff", "M176 300C192 256 226 214 282 204C284 246 244 272 206 282z");
    pen.line("M170 312C192 276 220 250 254 230");
    pen.shape(FUR, "M326 284C290 262 244 254 216 266C196 274 194 300 216 306C250 314 290 316 326 322z");
    pen.line("M204 280q12-4 22 2M206 294q12-2 20 2");
}
