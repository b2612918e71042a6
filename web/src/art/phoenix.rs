//! Cole the Phoenix: has burnt down more often than the workshop kitchen, and is always in a good mood.

use super::kit::{INK, Pen, portrait};

const FLAME: &str = "#f0592a";
const GOLD: &str = "#ffb52e";
const LIGHT: &str = "#ffe28a";

/// The portrait as an SVG file.
pub fn draw() -> String {
    portrait(("#2c2a63", "#b8487a"), embers, phoenix)
}

fn embers(pen: &mut Pen) {
    pen.group(r#"opacity=".35""#, |pen| pen.dots("#ff8a4c", &[(160, 168, 150)]));
    pen.group(r#"opacity=".5""#, |pen| pen.dots("#ffb35e", &[(160, 168, 112)]));
    pen.dots(
        LIGHT,
        &[
            (40, 40, 4),
            (86, 24, 3),
            (268, 30, 4),
            (296, 92, 3),
            (20, 110, 3),
            (230, 16, 3),
            (304, 250, 4),
            (16, 236, 4),
        ],
    );
    pen.flat("#3a1f45", "M0 296Q80 276 160 288T320 284V320H0z");
}

fn phoenix(pen: &mut Pen) {
    // The tail, three long feathers with an eye each.
    pen.shape(FLAME, "M126 236C94 244 58 264 34 304C62 296 70 302 74 324H246C250 302 258 296 286 304C262 264 226 244 194 236z");
    pen.flat(GOLD, "M132 250C104 262 84 278 78 300C94 294 104 304 106 324H214C216 304 226 294 242 300C236 278 216 262 188 250z");
    // Wings, three rows of feathers.
    pen.mirror(|pen| {
        pen.shape(FLAME, "M120 222C84 226 48 206 34 174C42 178 50 178 56 176C34 158 18 126 20 92C28 104 36 110 44 112C30 84 32 54 48 30C60 84 104 110 122 152z");
        pen.flat(GOLD, "M118 204C92 204 70 190 58 170C68 172 74 170 80 168C60 150 50 128 50 104C64 130 104 146 120 172z");
        pen.flat(LIGHT, "M118 190C102 190 88 180 80 168C90 170 96 168 100 166C90 158 84 150 80 140C96 150 110 160 119 176z");
        pen.line("M44 112C54 132 66 144 80 152M56 176C70 186 84 190 98 190");
    });
    // Body and ruff.
    pen.shape(FLAME, "M160 128C206 128 224 168 220 206S196 276 160 276S104 246 100 206S114 128 160 128z");
    pen.flat(GOLD, "M160 172C186 172 198 190 196 216S182 268 160 268S126 242 124 216S134 172 160 172z");
    pen.stroke(
        LIGHT,
        5,
        "M136 208q8 10 16 0 8 10 16 0 8 10 16 0M144 230q8 10 16 0 8 10 16 0M152 250q8 8 16 0",
    );
    // The crest.
    pen.shape(GOLD, "M160 76C140 62 136 38 148 14C156 26 162 30 168 30C168 20 174 10 184 4C180 20 188 28 192 38C198 36 202 30 204 24C212 48 196 70 178 78z");
    pen.flat(FLAME, "M162 72C152 60 150 48 156 38C164 46 172 46 176 36C184 48 180 64 174 74z");
    // The head.
    pen.shape(FLAME, "M160 66C200 66 220 94 218 126C217 146 226 152 230 164C216 168 208 164 202 166C196 184 184 190 160 190S124 184 118 166C112 164 104 168 90 164C94 152 103 146 102 126C100 94 120 66 160 66z");
    pen.glaze(INK, 12, "M218 126C217 146 226 152 230 164C216 168 208 164 202 166C196 184 184 190 160 190C152 190 145 189 139 188C178 184 194 140 188 76C208 86 219 106 218 126z");
    pen.flat(
        LIGHT,
        "M160 110C174 96 206 98 206 126C206 148 186 162 160 162S114 148 114 126C114 98 146 96 160 110z",
    );
    pen.eyes(26, 124, 20, "#c0392b");
    pen.line("M112 100Q122 90 138 96M182 96Q198 90 208 100");
    pen.shape("#5a3a5e", "M160 132C172 132 182 140 184 148C176 154 168 160 160 174C152 160 144 154 136 148C138 140 148 132 160 132z");
    pen.line("M138 148Q160 156 182 148");
    pen.glaze("#fff", 40, "M150 140q8-6 16-2-6 4-16 6z");
    // The nest, always a little on fire.
    pen.shape("#7a4a34", "M56 324Q66 284 96 276Q160 296 224 276Q254 284 264 324z");
    pen.stroke("#a86b44", 5, "M78 300L132 290M96 316L168 296M150 316L236 292M196 318L246 308");
    pen.line("M84 286L120 308M206 284L176 310M236 288L258 278M84 286L62 276M140 290L148 316");
}
