//! Gretta the Gorgon: every snake has an opinion, and so had the neighbour.

use super::kit::{INK, Pen, portrait};

const SKIN: &str = "#d8e6a8";
const SNAKE: &str = "#3f9a6e";
const BELLY: &str = "#c7e59a";

/// The portrait as an SVG file.
pub fn draw() -> String {
    portrait(("#f3a6a0", "#fbe3cf"), temple, gorgon)
}

fn temple(pen: &mut Pen) {
    pen.dots("#ffd9a0", &[(152, 124, 116)]);
    pen.flat("#fff6ea", "M6 96h56v14h-8v154H14V110H6zM258 96h56v14h-8v154h-40V110h-8z");
    pen.flat("#e6cbbd", "M26 110h5v154h-5zM39 110h5v154h-5zM278 110h5v154h-5zM291 110h5v154h-5z");
    pen.flat("#d98880", "M0 262h320v58H0z");
    pen.flat("#f0b7a5", "M0 256h320v10H0z");
}

fn gorgon(pen: &mut Pen) {
    pen.group(r#"transform="translate(-10 2)""#, |pen| {
        hair(pen);
        // Shoulders and gown.
        pen.shape(SKIN, "M142 210h36v36l-18 14-18-14z");
        pen.glaze(INK, 16, "M142 226Q166 242 178 226V246L160 258z");
        pen.shape("#b23a58", "M56 326C60 272 98 250 138 244Q160 262 182 244C222 250 260 272 264 326z");
        pen.glaze(INK, 15, "M264 326C260 272 222 250 182 244L176 248C206 262 216 290 216 326z");
        pen.line("M112 326Q110 296 120 276M208 326Q210 296 200 276");
        pen.shape("#f9d65c", "M132 240Q160 262 188 240L192 252Q160 276 128 252z");
        face(pen);
    });
    pen.group(r#"transform="translate(33 33)scale(.9)""#, neighbour);
}

fn hair(pen: &mut Pen) {
    pen.mirror(|pen| {
        let d = concat!(
            "M120 190C84 214 70 236 84 262M112 150C76 160 60 186 48 190M116 122C84 118 68 138 46 128C34 122 34 108 ",
            "40 98M124 100C98 92 84 90 80 70C78 58 86 50 84 44M146 92C132 74 142 58 130 44C126 40 128 36 130 34"
        );
        pen.limb(SNAKE, 16, d);
    });
    let heads = [
        (44, 190, 165),
        (42, 92, -80),
        (82, 42, -110),
        (130, 36, -70),
        (190, 36, -110),
        (238, 42, -70),
        (276, 190, 15),
    ];
    pen.motif(&heads, head);
    // One of them does not want to be looked at.
    pen.oval(SNAKE, 280, 90, 19, 15);
    pen.shape(INK, "M266 84h11q-1 9-6 9t-5-9zM282 84h12q-1 9-6 9t-6-9zM277 86h5");
    pen.stroke("#fff", 2, "M269 87l3-1M285 87l3-1");
    pen.line("M272 98q8 4 14-1");
}

fn face(pen: &mut Pen) {
    pen.shape(SKIN, "M160 86C204 86 226 114 224 152S196 232 160 232S98 190 96 152S116 86 160 86z");
    pen.glaze(INK, 10, "M224 152C222 190 196 232 160 232C152 232 146 230 140 227C186 216 204 172 200 102C218 114 225 132 224 152z");
    // A fringe of small snakes.
    pen.shape(SNAKE, "M160 80C116 76 90 104 92 142C104 138 114 128 120 114C130 122 144 122 160 108C176 122 190 122 200 114C206 128 216 138 228 142C230 104 204 76 160 80z");
    pen.stroke(
        BELLY,
        4,
        "M104 122Q114 104 126 98M136 106Q148 102 154 94M216 122Q206 104 194 98M184 106Q172 102 166 94",
    );
    // A glance at what she has done.
    pen.look(30, 6);
    pen.eyes(31, 160, 20, "#f2a516");
    pen.lid(129, 160, 20, 12, "#a679b8");
    pen.lid(191, 158, 20, -14, "#a679b8");
    pen.line("M108 154l-11-8M212 152l11-8M108 138Q122 128 142 138M176 132Q196 116 214 130");
    pen.blush(35, 190, "#ee8f83");
    pen.line("M156 182Q160 190 166 186");
    pen.shape("#b23a58", "M140 206Q152 198 161 202Q172 196 188 194Q184 216 164 218T140 206z");
    pen.line("M136 204Q162 212 194 190");
    pen.dots(INK, &[(130, 206, 3)]);
    pen.mirror(|pen| pen.disc("#f9d65c", 96, 188, 7));
}

/// The latest statue, surprised for ever.
fn neighbour(pen: &mut Pen) {
    let (stone, dark) = ("#cfc9d6", "#a39cb0");
    pen.shape(stone, "M244 326Q246 290 272 284V272H296V284Q318 288 326 302V326z");
    pen.flat(dark, "M326 304Q316 290 298 286V274H288V292Q300 304 300 326H326z");
    pen.shape(stone, "M284 210C308 210 316 228 314 248S300 280 284 280S256 266 254 248S260 210 284 210z");
    pen.flat(dark, "M304 218C315 232 312 276 284 278C300 262 306 240 304 218z");
    pen.line("M260 226q8-8 16-3M292 223q8-5 14 2");
    pen.dots("#fff", &[(270, 238, 7), (296, 238, 7)]);
    pen.dots(INK, &[(267, 238, 3), (293, 238, 3)]);
    pen.oval("#6f687e", 283, 262, 7, 9);
    pen.line("M258 218q6-18 30-14 22 2 24 22");
}

/// A snake's head, looking right.
fn head(pen: &mut Pen) {
    pen.stroke("#e63956", 4, "M12 0h12l5-5m-5 5 5 5");
    pen.oval(SNAKE, 3, 0, 18, 14);
    pen.dots("#fff", &[(7, -6, 5), (7, 6, 5)]);
    pen.dots(INK, &[(9, -6, 3), (9, 6, 3)]);
}
