//! Nessi the Plesiosaurus: seventy-five million years old and still shy of cameras.

use super::kit::{INK, Pen, portrait};

const SKIN: &str = "#4f8f8b";
const BELLY: &str = "#cfe8c8";
const LAKE: &str = "#5c86b8";

/// The portrait as an SVG file.
pub fn draw() -> String {
    portrait(("#cdbfe6", "#fbe4d6"), highlands, plesiosaurus)
}

fn highlands(pen: &mut Pen) {
    pen.dots("#fff8e8", &[(70, 70, 30)]);
    pen.flat("#b7a6d6", "M0 216L70 120l52 60 60-92 76 96 62-44v90H0z");
    pen.flat("#8e86bd", "M0 236L50 186l60 40 90-62 120 66v30H0z");
    // A ruined keep on its hill.
    pen.flat("#756fa6", "M252 190v-46h8v8h8v-8h8v8h8v-8h8v46z");
    pen.flat(LAKE, "M0 232H320v88H0z");
    pen.glaze("#fff", 40, "M14 246h60v4H14zM236 242h70v4h-70zM206 258h34v3h-34zM28 262h26v3H28z");
}

fn plesiosaurus(pen: &mut Pen) {
    // Humps, tail, then the neck.
    pen.shape(SKIN, "M232 268C236 226 296 226 300 268z");
    pen.shape(SKIN, "M302 268C300 248 308 236 322 230V268z");
    pen.shape(SKIN, "M96 276C92 232 122 214 146 200C172 184 174 160 160 138C152 124 138 116 134 96L192 74C196 96 218 112 222 150C226 190 214 216 224 276z");
    pen.glaze(INK, 13, "M192 74C196 96 218 112 222 150C226 190 214 216 224 276H192C176 226 204 188 192 146C186 122 172 110 168 82z");
    pen.flat(BELLY, "M136 112C142 124 156 130 163 146C174 168 164 190 146 203C124 216 106 232 102 262Q120 266 132 262C132 236 156 222 168 204C184 180 180 152 168 134C158 120 150 116 146 104z");
    pen.line("M150 136Q164 130 172 136M160 160Q172 156 182 160M156 186Q168 186 178 194M136 210Q146 212 156 222M118 226Q128 230 138 242");
    pen.dots("#367370", &[(204, 150, 8), (210, 174, 5), (198, 196, 7), (190, 120, 5), (206, 222, 8)]);
    // The head.
    pen.shape(SKIN, "M202 62C204 100 176 118 140 116C106 116 70 112 68 92C66 76 86 74 100 66C116 40 136 24 162 24C188 24 201 42 202 62z");
    pen.glaze(
        INK,
        12,
        "M202 62C204 100 176 118 140 116C128 116 116 115 106 114C160 108 182 84 184 30C196 38 201 50 202 62z",
    );
    pen.shape(BELLY, "M68 92C70 112 106 116 140 116C152 117 164 114 174 110C140 108 104 106 68 92z");
    pen.line("M68 92C92 104 130 108 162 100Q170 96 172 88");
    pen.dots(INK, &[(82, 82, 3), (94, 78, 3)]);
    pen.eye(146, 64, 22, "#7a5ab5");
    pen.line("M126 40Q140 32 156 36M128 78l-8 4M134 84l-6 7");
    pen.group(r##"fill="#f2a3a0" stroke="none" opacity=".7""##, |pen| pen.oval("#f2a3a0", 166, 94, 13, 7));
    // A knitted cap.
    pen.shape("#c4425a", "M132 34C132 10 164 -2 192 10C216 20 224 44 212 54C196 42 160 28 132 34z");
    pen.stroke("#f4c95d", 4, "M152 14Q172 20 178 38M178 8Q196 24 200 46M140 22Q176 14 214 42");
    pen.shape("#3c7d57", "M126 40C128 28 150 24 178 34C200 42 214 56 210 64C190 50 152 38 126 40z");
    pen.disc("#fff1d0", 188, 8, 9);
    // The water closes over all of it.
    pen.flat(
        LAKE,
        "M60 262Q84 274 108 264T156 264 204 264 252 264 300 264L322 268V324H-2V264Q30 258 60 262z",
    );
    pen.stroke(
        "#fff",
        4,
        "M78 272Q94 280 110 272T142 272 174 272 206 272 238 272M242 262Q256 270 270 262T298 262",
    );
    pen.glaze("#fff", 35, "M40 290h70v4H40zM170 286h90v4h-90zM110 304h60v4h-60z");
}
