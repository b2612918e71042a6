//! Evangeline the Chimera: lion in front, goat and snake at her shoulders, and a warrant for you.

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
    pen.crescent("#ffe9b0", 176, 44, 20);
    pen.stars("#ffe9b0", &[(26, 40, 6), (210, 76, 5), (300, 120, 6), (22, 150, 5)]);
    pen.flat("#6b4a83", "M0 220V176h12v-10h12v10h12v-10h12v10h10v44h214v-74l22-34 22 34v74h16v100H0z");
    pen.flat("#f8c36b", "M276 166h10v16h-10zM22 190h8v12h-8z");
    pen.flat("#553a70", "M0 258Q90 232 170 254T320 244V320H0z");
}

fn chimera(pen: &mut Pen) {
    snake(pen);
    goat(pen);
    lion(pen);
}

fn snake(pen: &mut Pen) {
    pen.limb(SNAKE, 22, "M250 250C300 216 292 164 262 150C236 136 230 102 250 82");
    pen.stroke("#c9e08a", 5, "M262 236C284 212 280 176 258 162C234 148 226 118 238 96");
    pen.shape(SNAKE, "M226 84C222 58 240 40 262 44S292 70 282 86C272 100 230 106 226 84z");
    pen.shape("#e63956", "M236 98l-8 22 9-4 5 9 5-25z");
    pen.eye_pair((245, 70), 25, 10, "#ffd166");
    pen.line("M236 58L252 60M282 62L268 64");
}

fn goat(pen: &mut Pen) {
    pen.shape("#8b7a94", "M54 82C34 60 38 30 68 24C58 40 60 56 78 70z");
    pen.shape("#8b7a94", "M100 66C98 40 112 22 138 26C124 36 120 50 122 68z");
    pen.shape(GOAT, "M46 112C30 104 14 108 8 118C20 130 36 132 50 126z");
    pen.shape(
        GOAT,
        "M50 96C52 72 76 60 98 64S134 90 130 116C126 150 128 170 118 198L64 204C54 180 46 130 50 96z",
    );
    pen.shape("#f7f1f4", "M46 140C44 126 60 120 74 122S98 136 96 152 82 176 66 174 48 158 46 140z");
    pen.line("M56 156Q68 164 84 156M62 136l5 6M80 136l-5 6");
    pen.eye_pair((66, 101), 34, 12, "#d9a441");
    pen.lid(66, 101, 12, 8, GOAT);
    pen.lid(100, 101, 12, -8, GOAT);
    pen.shape(GOAT, "M62 174C60 188 64 196 70 202C76 194 80 186 80 174z");
}

fn lion(pen: &mut Pen) {
    pen.shape(FUR, "M80 324C86 286 110 262 168 262S254 286 260 324z");
    // The mane, in scallops.
    pen.shape(MANE, "M168 98C182 84 204 88 210 102C228 98 244 112 242 130C260 136 268 156 258 172C270 188 264 210 248 218C250 238 234 254 216 250C208 268 186 272 172 262C156 272 134 268 126 250C108 254 92 238 94 218C78 210 72 188 84 172C74 156 82 136 100 130C98 112 114 98 130 102C136 88 156 84 168 98z");
    pen.glaze(INK, 16, "M258 172C270 188 264 210 248 218C250 238 234 254 216 250C208 268 186 272 172 262C160 270 146 270 136 262C214 258 244 214 236 124C262 134 268 156 258 172z");
    pen.stroke(
        "#e8824a",
        5,
        "M112 144l14 10M104 178h14M116 216l12-8M226 144l-14 10M232 178h-14M222 216l-12-8M168 112v10",
    );
    pen.disc(FUR, 122, 134, 15);
    pen.disc(FUR, 214, 134, 15);
    pen.shape(FUR, "M168 116C208 116 228 142 224 178S200 248 168 248S116 214 112 178S128 116 168 116z");
    pen.glaze(
        "#fff",
        40,
        "M168 196C194 196 206 210 202 226S186 246 168 246S138 242 134 226S142 196 168 196z",
    );
    // A knowing look.
    pen.eye_pair((142, 168), 52, 18, "#5f9e4f");
    pen.lid(142, 168, 18, 14, FUR);
    pen.lid(194, 168, 18, -14, FUR);
    pen.shape("#7c2f3c", "M152 198Q168 190 184 198Q180 212 168 214T152 198z");
    pen.line("M168 214v8M142 224Q156 236 168 222Q180 238 198 220");
    pen.shape("#fff", "M148 228l4 12 7-9z");
    pen.dots("#a5653a", &[(144, 212, 3), (136, 206, 3), (192, 212, 3), (200, 206, 3)]);
    // The collar of office.
    pen.shape("#f9d65c", "M118 264Q168 292 220 264L224 278Q168 308 114 278z");
    pen.shape("#d64550", "M168 282l14 14-14 18-14-18z");
}
