//! `CoCo` the Dragon: kind, green and never still; the smoke comes out as hearts.

use super::kit::{INK, Pen, portrait};

const SCALES: &str = "#45b37f";
const BELLY: &str = "#fbe7a8";
const HORN: &str = "#fff1d0";

/// The portrait as an SVG file.
pub fn draw() -> String {
    portrait(("#ff9e80", "#ffe3b0"), volcano, dragon)
}

fn volcano(pen: &mut Pen) {
    pen.flat("#f7775f", "M0 250L58 160Q74 146 92 160L150 250zM196 250l40-70q12-12 26 0l58 84v-14z");
    pen.flat("#ffd166", "M58 160Q74 146 92 160Q88 176 82 168Q76 182 70 168Q64 176 58 160z");
    pen.flat("#d9594f", "M0 244Q80 226 160 246T320 240V320H0z");
    pen.dots("#fff1d0", &[(40, 50, 3), (92, 26, 2), (286, 120, 3), (24, 112, 2), (228, 30, 2)]);
}

fn dragon(pen: &mut Pen) {
    // Wings.
    pen.mirror(|pen| {
        pen.shape("#2f8f78", "M110 214C84 190 60 138 20 124C28 150 16 160 10 180C28 180 34 192 34 212C50 206 60 214 66 232C80 226 98 232 112 246z");
        pen.line("M20 124C44 154 76 190 110 214M34 212L62 170M66 232L84 196");
    });
    // Neck and chest.
    pen.shape(SCALES, "M84 324C84 268 112 236 118 200H202C208 236 236 268 236 324z");
    pen.shape(BELLY, "M112 324C112 276 134 250 136 216H184C186 250 208 276 208 324z");
    pen.line("M120 288Q160 302 200 288M130 260Q160 272 190 260");
    // Horns, ears, crest.
    pen.mirror(|pen| {
        pen.shape(HORN, "M112 84C98 70 92 40 104 14C114 36 130 48 142 66z");
        pen.line("M99 46L113 40M104 66L124 56");
        pen.shape(SCALES, "M94 112C72 98 48 96 30 106C42 124 66 140 92 142z");
        pen.flat("#f9b9a0", "M84 120C70 110 58 108 48 110C58 122 70 130 84 132z");
    });
    pen.shape("#ffb03b", "M160 64C146 54 144 34 160 18C176 34 174 54 160 64z");
    // Head and snout.
    pen.shape(SCALES, "M160 58C206 58 236 88 234 128C233 146 228 158 220 168C224 204 200 224 160 224S96 204 100 168C92 158 87 146 86 128C84 88 114 58 160 58z");
    pen.glaze(INK, 12, "M234 128C233 146 228 158 220 168C224 204 200 224 160 224C146 224 134 221 124 216C176 214 202 192 202 160C216 140 220 110 214 82C228 94 235 110 234 128z");
    pen.shape("#8fdba8", "M160 156C190 156 214 168 212 188S192 220 160 220S110 208 108 188S130 156 160 156z");
    pen.dots("#2f8f78", &[(122, 78, 6), (140, 68, 4), (198, 78, 6), (180, 68, 4)]);
    // Face.
    pen.eyes(38, 124, 25, "#e8772e");
    pen.line("M98 92Q112 82 128 88M192 88Q208 82 222 92");
    pen.blush(50, 152, "#f58a7a");
    pen.dots(INK, &[(142, 174, 5), (178, 174, 5)]);
    pen.shape("#a8324a", "M124 188Q160 206 196 188Q188 214 160 214T124 188z");
    pen.shape("#fff", "M134 192l6 12 8-8zM186 192l-6 12-8-8z");
    // Smoke.
    pen.group(r#"opacity=".95""#, |pen| {
        pen.shape("#fff", "M262 84c-16-12-30-22-28-36 2-13 20-15 28-2 8-13 26-11 28 2 2 14-12 24-28 36z");
        pen.dots("#fff", &[(240, 104, 6), (226, 122, 4)]);
    });
}
