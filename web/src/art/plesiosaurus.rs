//! Nessi the Plesiosaurus: seventy-five million years old, in no hurry, and in the bath.

use super::kit::{INK, Pen, portrait};

const SKIN: &str = "#4f8f8b";
const BELLY: &str = "#cfe8c8";
const LAKE: &str = "#5c86b8";

/// The portrait as an SVG file.
pub fn draw() -> String {
    portrait(("#cdbfe6", "#fbe4d6"), highlands, plesiosaurus)
}

fn highlands(pen: &mut Pen) {
    pen.dots("#fff8e8", &[(56, 64, 30)]);
    pen.flat("#b7a6d6", "M0 216L70 120l52 60 60-92 76 96 62-44v90H0z");
    pen.flat("#8e86bd", "M0 236L50 186l60 40 90-62 120 66v30H0z");
    // A ruined keep on its hill.
    pen.flat("#756fa6", "M254 196v-46h8v8h8v-8h8v8h8v-8h8v46z");
    pen.flat("#cdbfe6", "M268 166h8v12h-8z");
    pen.flat(LAKE, "M0 232H320v88H0z");
    pen.glaze("#fff", 40, "M14 246h60v4H14zM236 242h70v4h-70zM206 258h34v3h-34zM28 262h26v3H28z");
}

fn plesiosaurus(pen: &mut Pen) {
    // Humps, then the neck.
    pen.shape(SKIN, "M226 270C230 220 294 220 298 270z");
    pen.glaze(INK, 13, "M298 270C296 240 280 232 264 232C278 244 282 258 280 270z");
    pen.group(r#"transform="translate(2 14)""#, neck_and_head);
    water(pen);
    duck(pen);
}

fn neck_and_head(pen: &mut Pen) {
    pen.shape(SKIN, "M96 276C92 232 122 214 146 200C172 184 174 160 160 138C152 124 138 116 134 96L192 74C196 96 218 112 222 150C226 190 214 216 224 276z");
    pen.glaze(INK, 13, "M192 74C196 96 218 112 222 150C226 190 214 216 224 276H192C176 226 204 188 192 146C186 122 172 110 168 82z");
    pen.flat(BELLY, "M136 112C142 124 156 130 163 146C174 168 164 190 146 203C124 216 106 232 102 262Q120 266 132 262C132 236 156 222 168 204C184 180 180 152 168 134C158 120 150 116 146 104z");
    pen.line("M150 136Q164 130 172 136M160 160Q172 156 182 160M156 186Q168 186 178 194M136 210Q146 212 156 222M118 226Q128 230 138 242");
    pen.dots("#367370", &[(204, 150, 8), (210, 174, 5), (198, 196, 7), (190, 120, 5), (206, 222, 8)]);
    // The head.
    pen.shape(SKIN, "M202 60C206 98 178 118 140 118C104 118 62 114 60 90C58 70 84 68 100 58C116 36 136 22 162 22C188 22 200 40 202 60z");
    pen.glaze(
        INK,
        12,
        "M202 60C206 98 178 118 140 118C126 118 112 117 100 115C160 110 184 84 184 28C196 36 201 48 202 60z",
    );
    pen.shape(BELLY, "M60 88C60 114 104 118 140 118C154 118 166 114 176 108C140 110 98 108 60 88z");
    // A smile that has all the time in the world.
    pen.line("M60 88C92 112 138 114 168 100Q176 94 176 86");
    pen.dots(INK, &[(74, 80, 3), (88, 74, 3)]);
    pen.look(-22, 16);
    pen.eye(142, 64, 24, "#7a5ab5");
    pen.lid(142, 62, 24, 14, "#6fa9a2");
    pen.line("M119 60l-9-5M118 68l-9-1M112 42Q124 30 142 34");
    pen.group(r#"stroke="none" opacity=".7""#, |pen| pen.oval("#f2a3a0", 162, 92, 14, 8));
    // A knitted cap.
    pen.shape("#c4425a", "M128 34C128 8 162-4 192 8C218 18 226 44 214 54C196 42 158 28 128 34z");
    pen.stroke("#f4c95d", 4, "M152 12Q172 20 180 38M178 8Q196 24 202 44M136 20Q176 12 214 42");
    pen.shape("#3c7d57", "M122 42C124 28 150 22 180 32C204 40 218 56 214 66C192 50 150 38 122 42z");
    pen.disc("#fff1d0", 188, 4, 11);
}

/// The water closes over all of it.
fn water(pen: &mut Pen) {
    pen.flat(
        LAKE,
        "M60 264Q84 276 108 266T156 266 204 266 252 266 300 266L322 270V324H-2V266Q30 260 60 264z",
    );
    pen.stroke(
        "#fff",
        4,
        "M78 274Q94 282 110 274T142 274 174 274 206 274 238 274M242 266Q256 274 270 266T302 266",
    );
    pen.glaze("#fff", 35, "M16 304h70v4H16zM190 288h90v4h-90zM120 308h60v4h-60z");
    pen.dots("#fff", &[(262, 286, 13), (282, 292, 17), (304, 284, 14), (242, 294, 8), (318, 298, 14)]);
    pen.dots("#dfeaf7", &[(286, 298, 9), (308, 292, 7), (264, 291, 5)]);
}

/// Her only other flatmate.
fn duck(pen: &mut Pen) {
    pen.shape("#ffd34e", "M20 254C32 262 46 258 50 250C36 240 38 214 60 214S84 240 74 252C86 256 94 252 98 246C102 268 92 284 62 284S16 272 20 254z");
    pen.glaze(INK, 12, "M98 246C102 268 92 284 62 284C52 284 42 283 35 280C70 280 84 268 86 253z");
    pen.shape("#f2803a", "M76 230C86 226 94 230 96 236C90 242 82 242 76 240z");
    pen.dots(INK, &[(67, 230, 4)]);
    pen.dots("#fff", &[(66, 229, 1)]);
    pen.line("M42 264q10 8 20-2");
    pen.stroke("#fff", 4, "M10 284Q24 292 38 286T66 286 94 286 112 284");
}
