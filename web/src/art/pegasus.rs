//! Twilight Glitter the Pegasus: six years old, flight plan filed, goggles on.

use super::kit::{INK, Pen, portrait};

const COAT: &str = "#fbf4ff";
const SHADE: &str = "#dccbf0";
const MANE: [&str; 3] = ["#ff8fb8", "#b98cf0", "#6fc3ee"];

/// The portrait as an SVG file.
pub fn draw() -> String {
    portrait(("#3b2a78", "#f09bb5"), twilight, pegasus)
}

fn twilight(pen: &mut Pen) {
    pen.crescent("#ffe9c0", 280, 52, 24);
    pen.stars("#fff3c9", &[(160, 22, 7), (24, 132, 7), (300, 112, 6), (20, 176, 5)]);
    // The flight plan, ahead of its pilot.
    pen.flat("#fff", "M16 62L72 34 50 80 42 66z");
    pen.flat("#d9c9f2", "M42 66L72 34 38 76z");
    pen.stroke("#fff3c9", 3, "M32 84q-4 6-10 8M16 96q-6 2-10 0");
    pen.flat("#fff", "M-4 300a30 30 0 0 1 40-34a40 40 0 0 1 70-8a34 34 0 0 1 56 14a30 30 0 0 1 50-6a44 44 0 0 1 78-2a30 30 0 0 1 38 34v26H-4z");
}

fn pegasus(pen: &mut Pen) {
    pen.mirror(wing);
    // The mane behind, all on one side: it has been brushed.
    pen.shape(MANE[1], "M196 66C240 70 262 110 254 146C276 172 270 206 250 222C262 246 252 276 226 290C232 256 204 244 200 214z");
    pen.flat(MANE[0], "M206 78C232 88 246 118 238 150C254 174 250 200 232 218C226 190 214 170 212 148z");
    pen.flat(MANE[2], "M248 164C260 184 256 204 244 212C240 196 242 182 240 166zM236 232C246 250 240 268 230 278C232 260 226 250 222 238z");
    // Neck and chest.
    pen.shape(COAT, "M96 326C94 286 118 262 124 214H196C202 262 226 286 224 326z");
    pen.glaze(INK, 12, "M224 326C226 286 202 262 196 214L130 224Q160 250 184 244C190 270 196 290 194 326z");
    pen.stars("#ffd75e", &[(160, 290, 16), (136, 276, 7), (186, 308, 8)]);
    // Ears.
    pen.mirror(|pen| {
        pen.shape(COAT, "M100 92C82 74 78 46 86 24C106 34 124 52 128 74z");
        pen.flat("#f7b3cc", "M102 80C92 66 90 52 92 40C104 48 114 60 116 72z");
    });
    head(pen);
}

fn wing(pen: &mut Pen) {
    pen.shape(COAT, "M116 300C66 306 34 288 20 258C30 260 36 258 40 254C20 236 10 208 14 182C24 194 34 198 42 196C36 176 38 160 46 146C62 190 100 206 120 240z");
    pen.flat(SHADE, "M116 297C70 302 40 288 27 265C66 288 92 282 118 262z");
    pen.line("M42 196C48 214 62 226 78 232M40 254C52 262 68 264 82 262");
}

fn head(pen: &mut Pen) {
    pen.shape(COAT, "M160 58C212 58 240 90 236 130C233 158 214 170 208 188C218 206 210 240 160 240S102 206 112 188C106 170 87 158 84 130C80 90 108 58 160 58z");
    pen.glaze(INK, 10, "M236 130C233 158 214 170 208 188C218 206 210 240 160 240C150 240 141 239 134 236C196 226 178 196 196 168C216 142 220 108 206 74C228 86 238 106 236 130z");
    pen.flat(
        "#f9c4d6",
        "M160 188C186 180 208 190 209 210C209 228 190 237 160 237S111 228 111 210C112 190 134 180 160 188z",
    );
    pen.dots(INK, &[(140, 202, 4), (180, 202, 4)]);
    pen.shape("#8c2f4a", "M130 212Q160 224 190 212Q186 232 160 232T130 212z");
    pen.shape("#fff", "M138 215l10 2v8h-9zM160 218h12v8h-12z");
    pen.look(-6, -8);
    pen.eyes(42, 144, 28, "#7a4fd0");
    pen.line("M92 132l-10-6M96 124l-7-8M228 132l10-6M224 124l7-8");
    pen.blush(38, 179, "#f79fbd");
    // The forelock, and the goggles over it.
    pen.shape(MANE[0], "M178 52C150 36 108 50 98 84C110 92 122 92 132 88C132 94 136 98 142 100C148 92 158 90 172 88C190 88 204 88 212 94C220 78 204 56 178 52z");
    pen.flat(MANE[2], "M168 58C146 54 124 64 114 82C124 86 134 82 140 78C150 68 158 62 168 58z");
    pen.flat(MANE[1], "M176 60C192 64 204 76 208 92C198 86 188 84 178 84C182 76 182 68 176 60z");
    pen.shape("#7a4a34", "M86 96Q160 56 234 96L236 108Q160 70 84 108z");
    for x in [128, 192] {
        pen.disc("#f4b840", x, 82, 25);
        pen.disc("#a9e2f7", x, 82, 17);
        pen.stroke("#fff", 5, &format!("M{} 84q0-9 8-11", x - 9));
    }
    pen.line("M153 80h14");
}
