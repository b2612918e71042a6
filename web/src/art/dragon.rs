//! `CoCo` the Dragon: a hoard for everyone, and a cake whose candles she has lit herself.

use super::kit::{INK, Pen, portrait};

const SCALES: &str = "#45b37f";
const BELLY: &str = "#fbe7a8";
const HORN: &str = "#fff1d0";

/// The portrait as an SVG file.
pub fn draw() -> String {
    portrait(("#ff9e80", "#ffe3b0"), volcano, dragon)
}

fn volcano(pen: &mut Pen) {
    pen.glaze(
        "#fff1d0",
        55,
        "M70 150C50 120 84 112 66 84C52 58 90 50 84 18C104 52 74 66 88 90C102 116 74 124 90 150z",
    );
    pen.flat("#f7775f", "M0 250L58 160Q74 146 92 160L150 250zM196 250l40-70q12-12 26 0l58 84v-14z");
    pen.flat("#ffd166", "M58 160Q74 146 92 160Q88 176 82 168Q76 182 70 168Q64 176 58 160z");
    pen.flat("#d9594f", "M0 244Q80 226 160 246T320 240V320H0z");
}

fn dragon(pen: &mut Pen) {
    // Wings.
    pen.mirror(|pen| {
        pen.shape("#2f8f78", "M110 228C84 200 58 140 14 122C22 150 14 164 6 184C24 184 32 196 32 216C48 210 60 218 66 236C80 230 98 236 112 250z");
        pen.line("M14 122C40 156 76 196 110 226M32 216L60 174M66 236L84 200");
    });
    // Chest.
    pen.shape(SCALES, "M76 326C70 276 108 240 122 200H198C212 240 250 276 244 326z");
    pen.shape(BELLY, "M108 326C104 280 132 250 138 214H182C188 250 216 280 212 326z");
    pen.turned(-5, 160, 200, head);
    cake(pen);
    hoard(pen);
    // Smoke that comes out as a heart.
    pen.shape("#ff6f7d", "M272 84c-18-13-32-24-30-40 2-14 22-16 30-2 8-14 28-12 30 2 2 16-12 27-30 40z");
    pen.glaze("#fff", 60, "M251 46q2-8 10-8-4 6-4 14-6 0-6-6z");
}

fn head(pen: &mut Pen) {
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
    pen.shape("#8fdba8", "M160 154C190 154 216 166 214 186S192 222 160 222S106 206 106 186S130 154 160 154z");
    pen.dots("#2f8f78", &[(122, 78, 6), (140, 70, 4), (198, 78, 6), (180, 70, 4)]);
    // Face.
    pen.look(8, 12);
    pen.eyes(38, 120, 26, "#e8772e");
    pen.line("M96 88Q110 74 128 82M192 82Q210 74 224 88");
    pen.blush(48, 152, "#f58a7a");
    pen.dots(INK, &[(144, 168, 4), (176, 168, 4)]);
    pen.shape("#a8324a", "M120 180Q160 196 200 180Q194 214 160 214T120 180z");
    pen.flat("#ef7f8e", "M142 206Q160 194 178 206Q170 211 160 211T142 206z");
    pen.shape("#fff", "M130 184l6 12 8-9zM190 184l-6 12-8-9z");
}

fn cake(pen: &mut Pen) {
    // Two candles on either side of the third.
    for (x, wax) in [(130, "#6fc3ee"), (158, "#fff"), (186, "#b98cf0")] {
        pen.shape(wax, &format!("M{x} 250h9v26h-9z"));
        let top = x + 4;
        pen.shape("#ffd75e", &format!("M{top} 228c10 12 8 20 0 20s-10-8 0-20z"));
    }
    pen.shape("#f7c9a0", "M108 272H216V304Q162 318 108 304z");
    pen.shape("#ff8fb8", "M104 270Q162 256 220 270V282q-6 12-14 0-8 16-18 2-8 12-18 0-8 18-18 0-10 10-18 0-8 12-18-2-8 10-16 0z");
    pen.shape("#fff", "M88 302Q162 322 236 302Q230 322 162 324T88 302z");
    // The hands that carry it.
    pen.limb(SCALES, 22, "M92 262C80 276 80 292 96 300");
    pen.limb(SCALES, 22, "M230 262C244 276 244 292 228 300");
}

fn hoard(pen: &mut Pen) {
    let coins = [
        (-2, 300, 0),
        (26, 298, -8),
        (56, 312, 10),
        (20, 316, 4),
        (322, 298, 0),
        (292, 296, 8),
        (268, 312, -6),
        (306, 316, 0),
    ];
    pen.motif(&coins, |pen| {
        pen.oval("#f4b531", 0, 0, 20, 13);
        pen.stroke("#ffe08a", 4, "M-11-2Q-6-8 4-8");
    });
    pen.stars("#fff", &[(36, 284, 9), (290, 280, 8)]);
}
