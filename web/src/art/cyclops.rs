//! Pauly the Cyclops: two years old, one eye, one tooth, and one correct way to stack the blocks.

use super::kit::{INK, Pen, portrait};

const SKIN: &str = "#74b9e6";

/// The portrait as an SVG file.
pub fn draw() -> String {
    portrait(("#ffe2a6", "#fdf6dc"), meadow, toddler)
}

fn meadow(pen: &mut Pen) {
    pen.dots("#fff", &[(270, 58, 36)]);
    pen.dots("#ffd166", &[(270, 58, 27)]);
    pen.glaze("#fff", 80, "M-4 96a20 20 0 0 1 30-16a26 26 0 0 1 44 8a16 16 0 0 1 10 22H-4z");
    pen.flat("#b9dc8c", "M0 216Q76 164 170 206T320 190V320H0z");
    pen.flat("#93c76f", "M0 256Q90 222 190 258T320 246V320H0z");
    pen.dots("#fff", &[(26, 232, 5), (300, 228, 5), (226, 226, 4)]);
    pen.dots("#f7a440", &[(26, 232, 2), (300, 228, 2), (226, 226, 2)]);
}

fn toddler(pen: &mut Pen) {
    blocks(pen);
    // Rompers, sitting legs, the arm that leans on the grass.
    pen.limb(SKIN, 28, "M86 262C66 268 54 284 48 306");
    pen.shape("#f4845f", "M66 326C60 274 84 240 126 240S194 274 190 326z");
    pen.glaze(INK, 14, "M190 326C194 274 168 240 126 240C160 262 168 290 160 326z");
    pen.stroke("#ffb595", 6, "M70 290Q128 306 186 290");
    pen.group(r#"transform="translate(-22 4)scale(.93)""#, head);
    // The bib.
    pen.shape("#fff6e0", "M92 236Q126 254 162 236C172 274 154 290 126 290S82 274 92 236z");
    pen.stars("#f7b538", &[(127, 266, 15)]);
    // The arm that puts the last block in its place.
    pen.limb(SKIN, 26, "M184 268C212 268 226 242 240 212");
    pen.disc(SKIN, 242, 206, 17);
    pen.line("M238 196q10 0 16 6M240 208q8 0 14 4");
    // Grass in front.
    pen.group(r##"fill="#6fae58" stroke="none""##, |pen| {
        pen.trace("M0 320V296q10 6 12 14q6-16 18-22q-2 12 4 20q6-10 16-12q-2 10 6 16q20-12 36-2q40-10 90 0q40-10 70-2q10-16 20-18q-2 10 4 14q8-14 22-18q-2 12 2 20q8-8 20-10v24z");
    });
    pen.dots("#fff", &[(58, 296, 6), (214, 304, 6)]);
    pen.dots("#f7a440", &[(58, 296, 3), (214, 304, 3)]);
}

fn blocks(pen: &mut Pen) {
    for (y, fill, side) in
        [(270, "#e8615a", "#bd4450"), (218, "#f9c04a", "#d1952e"), (166, "#6c83e8", "#4c5fc0")]
    {
        pen.shape(fill, &format!("M242 {y}H294V{}H242z", y + 52));
        pen.flat(side, &format!("M282 {}h10v47h-10z", y + 3));
    }
    pen.stars("#fff", &[(265, 192, 17)]);
    pen.dots("#fff", &[(264, 244, 12)]);
    pen.flat("#fff", "M264 284l14 24h-28z");
}

fn head(pen: &mut Pen) {
    pen.mirror(|pen| {
        pen.shape(SKIN, "M66 142C40 126 28 150 40 168S70 182 74 170z");
        pen.flat("#f6a6b2", "M62 154C50 146 44 156 50 164S62 168 64 164z");
    });
    pen.shape(SKIN, "M160 48C222 48 258 92 256 148S224 250 160 250 66 204 64 148 98 48 160 48z");
    pen.glaze(INK, 12, "M256 148C254 204 224 250 160 250C140 250 122 246 108 238C190 244 226 196 234 86C250 104 257 124 256 148z");
    pen.glaze("#fff", 35, "M86 116C90 92 106 76 126 68C114 82 102 98 96 120C92 128 84 124 86 116z");
    // A tuft of hair.
    pen.shape("#5b3a8c", "M160 54C140 50 128 34 134 18C142 30 148 32 152 32C150 20 158 10 170 6C166 20 172 26 180 30C186 28 190 24 192 18C198 36 184 52 160 54z");
    // The eye, on the block.
    pen.look(17, 14);
    pen.eye(160, 134, 51, "#3f9b6c");
    pen.line("M110 76Q158 48 210 70");
    // A mouth with the first tooth, and the tongue that helps.
    pen.blush(66, 192, "#f58aa0");
    pen.shape("#8c2f4a", "M120 200Q160 212 200 200Q196 238 160 238T120 200z");
    pen.flat("#ef7f8e", "M140 230Q158 214 180 228Q172 235 160 235T140 230z");
    pen.shape("#fff", "M150 207h20l-2 14h-16z");
}
