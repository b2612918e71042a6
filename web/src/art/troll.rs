//! Rujin the Troll: lives under the bridge and, since this morning, has the plug.

use super::kit::{INK, Pen, portrait};

const SKIN: &str = "#9aa860";
const HAIR: &str = "#5a7a3a";

/// The portrait as an SVG file.
pub fn draw() -> String {
    portrait(("#f6cf9a", "#f4e2b8"), bridge, troll)
}

fn bridge(pen: &mut Pen) {
    pen.flat("#c99a6c", "M0 40Q160-4 320 40V110H0z");
    pen.flat("#a9794f", "M0 96Q160 40 320 96V320H290C290 210 240 132 160 132S30 210 30 320H0z");
    pen.stroke("#8a5f3d", 4, "M0 52Q160 10 320 52M54 24l4 22M108 10l2 22M160 6v24M212 10l-2 22M266 24l-4 22M30 120l22 16M288 120l-22 16M8 180l32 10M312 180l-32 10M4 250h28M316 250h-28M92 76l14 26M228 76l-14 26");
    pen.flat("#4a4660", "M30 320C30 210 80 132 160 132S290 210 290 320z");
}

fn troll(pen: &mut Pen) {
    // Body in a pelt.
    pen.shape(SKIN, "M46 326C42 276 84 240 160 240S278 276 274 326z");
    pen.shape(
        "#7a4a34",
        "M96 326C92 290 108 268 120 252L142 264 160 254 178 264 200 252C212 268 228 290 224 326z",
    );
    pen.flat("#94603f", "M150 300l8 12 8-14 8 14 8-14 8 14 8-14 8 14 8-12v24h-64z");
    // Ears.
    pen.mirror(|pen| {
        pen.shape(SKIN, "M84 150C62 130 34 124 12 132C24 160 50 182 84 184z");
        pen.flat("#d9a58a", "M76 154C60 142 44 138 30 140C40 156 56 168 76 172z");
    });
    pen.stroke(INK, 10, "M36 162a9 9 0 1 0 12 8");
    pen.stroke("#f4c33d", 5, "M36 162a9 9 0 1 0 12 8");
    // The head: low brow, great jaw.
    pen.shape(SKIN, "M160 74C200 74 226 100 228 136C240 150 244 172 240 196C236 232 204 254 160 254S84 232 80 196C76 172 80 150 92 136C94 100 120 74 160 74z");
    pen.glaze(INK, 12, "M228 136C240 150 244 172 240 196C236 232 204 254 160 254C148 254 137 252 127 249C190 244 216 204 210 160C212 130 206 104 196 84C216 96 227 114 228 136z");
    hair(pen);
    face(pen);
    router(pen);
    plug(pen);
}

/// Mossy hair with a toadstool.
fn hair(pen: &mut Pen) {
    pen.shape(HAIR, "M94 140C80 120 84 96 96 88C92 70 108 54 124 58C132 42 154 38 166 50C184 40 206 50 208 66C224 70 234 88 226 102C238 116 234 132 226 140C222 124 212 116 204 118C196 106 182 104 174 112C162 100 146 102 138 112C126 106 114 110 110 122C102 122 96 130 94 140z");
    pen.flat(
        "#7ba04f",
        "M108 90q10-14 22-8-10 4-12 14zM156 66q14-8 22 2-12 0-16 8zM190 92q12-6 20 4-12-2-16 4z",
    );
    pen.shape("#fff3dc", "M132 60C134 48 134 40 132 32H146C144 42 146 50 148 56z");
    pen.shape("#e04a4a", "M112 34C114 14 132 6 146 10S168 28 164 38Q138 46 112 34z");
    pen.dots("#fff", &[(128, 26, 4), (146, 22, 5), (154, 34, 3)]);
}

/// Different eyes, a nose to be proud of, and a grin.
fn face(pen: &mut Pen) {
    pen.look(26, 10);
    pen.eye(122, 148, 22, "#e0a020");
    pen.eye(196, 148, 17, "#e0a020");
    pen.lid(122, 148, 22, 12, "#86954f");
    pen.lid(196, 148, 17, -12, "#86954f");
    pen.line("M96 128Q124 118 146 140M176 140Q190 118 216 126");
    pen.shape("#8c2f3f", "M98 202Q160 226 226 196Q220 242 164 244Q112 244 98 202z");
    pen.shape(
        "#fff6dc",
        "M112 207l5 19 16-13zM146 215h18v11h-17zM172 214l18-3-1 12-15 3zM200 208l16-6-5 17z",
    );
    pen.shape("#b5bd74", "M160 142C176 142 180 158 184 168C202 174 204 200 184 204C172 208 148 208 136 204C116 200 118 174 136 168C140 158 144 142 160 142z");
    pen.line("M140 192q6-6 12 0M168 192q6-6 12 0");
    pen.dots("#7f8f48", &[(178, 178, 4), (98, 186, 4), (222, 182, 4), (214, 190, 3)]);
}

/// The router, and what its lamps say.
fn router(pen: &mut Pen) {
    pen.limb(SKIN, 34, "M66 326C52 312 54 298 70 292");
    pen.line("M42 268L30 220M104 268L112 246");
    pen.disc("#3b3550", 30, 218, 6);
    pen.disc("#3b3550", 113, 244, 6);
    pen.shape("#ece6f2", "M16 268H130Q138 268 138 276V312H8V276Q8 268 16 268z");
    pen.glaze(INK, 16, "M130 268Q138 268 138 276V312H112V268z");
    pen.dots("#e63946", &[(30, 290, 6), (52, 290, 6), (74, 290, 6)]);
    pen.line("M92 290h28");
    pen.shape(SKIN, "M60 318C56 300 72 296 80 304C86 294 100 298 100 306C112 302 116 314 112 326H62z");
}

fn plug(pen: &mut Pen) {
    pen.stroke(INK, 13, "M136 302C176 336 214 320 262 304C280 296 286 282 284 262");
    pen.stroke("#6c5fae", 5, "M136 302C176 336 214 320 262 304C280 296 286 282 284 262");
    pen.limb(SKIN, 36, "M244 326C276 318 290 294 286 262");
    pen.stroke("#d8d2e0", 7, "M272 206V186M292 206V186");
    pen.shape("#3b3550", "M260 206H304V232Q282 246 260 232z");
    pen.shape(SKIN, "M258 244C252 226 312 222 312 242C316 262 300 272 286 272S258 264 258 244z");
    pen.line("M272 236v14M286 234v16M299 236v14");
}
