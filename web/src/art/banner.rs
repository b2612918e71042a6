//! The picture behind the page's title: twilight over a lake, with more going on than one notices at first.

use std::fmt::Write as _;

use super::kit::{Pen, svg};

/// The banner as an SVG file, 1600 × 480; its left half is calm, because the title stands there.
pub fn draw() -> String {
    let mut pen = Pen::default();
    pen.flat("url(#sky)", "M0 0h1600v480H0z");
    sky(&mut pen);
    hills(&mut pen);
    lake(&mut pen);
    shore(&mut pen);
    svg((1600, 480), ("#2a1f5e", "#f2a08a"), &pen)
}

fn sky(pen: &mut Pen) {
    pen.group(r#"opacity=".18""#, |pen| pen.dots("#fff0d0", &[(1180, 170, 150)]));
    pen.dots("#fff0d0", &[(1180, 170, 104)]);
    pen.dots("#f3dcb4", &[(1146, 140, 16), (1216, 196, 22), (1152, 214, 10), (1210, 122, 9)]);
    pen.stars(
        "#fff3c9",
        &[
            (90, 60, 8),
            (240, 36, 6),
            (388, 96, 9),
            (560, 48, 7),
            (700, 120, 6),
            (820, 44, 10),
            (930, 130, 7),
            (1000, 52, 6),
            (1350, 60, 9),
            (1460, 130, 7),
            (1550, 48, 8),
            (60, 190, 6),
            (620, 190, 5),
            (1400, 210, 5),
        ],
    );
    // A dragon crosses the moon.
    pen.flat(
        "#2a1f5e",
        "M1094 178C1108 166 1124 166 1138 172C1136 148 1146 124 1172 110C1170 122 1174 130 1180 136C1190 132 1198 134 1206 \
         140C1198 142 1194 148 1192 154C1200 156 1204 162 1206 168C1198 168 1192 172 1188 178C1204 184 1226 186 1244 176L1240 \
         166L1262 172L1246 188C1224 200 1192 200 1170 194C1150 196 1134 192 1124 186C1114 188 1104 186 1094 178z",
    );
    pen.flat("#f6c3a8", "M700 300q30-34 70-16 30-30 70-6 40-16 60 22zM1330 286q26-28 58-12 34-24 62 12z");
}

fn hills(pen: &mut Pen) {
    pen.flat("#7c5296", "M0 330Q150 250 330 300T700 270 1010 300 1330 250 1600 290V480H0z");
    // The castle on its rock.
    pen.flat(
        "#5a3d86",
        "M1250 390L1330 240V170h8v10h8v-10h8v10h8v-10h8v44h20V110l26-50 26 50v84h22v-30h8v10h8v-10h8v10h8v-10h8v76l90 \
         150zM1422 60v-34l26 9-22 9v16z",
    );
    pen.flat("#ffd27a", "M1408 126h10v20h-10zM1346 196h9v16h-9zM1480 200h9v16h-9zM1400 250h14v26h-14z");
    pen.flat("#5f4489", "M0 366Q220 300 470 350T960 330 1340 332 1600 310V480H0z");
    // Trees along the ridge.
    let mut forest = String::new();
    for (x, y, h) in [
        (40, 366, 60),
        (84, 360, 84),
        (130, 354, 58),
        (178, 350, 72),
        (560, 366, 62),
        (604, 366, 86),
        (650, 362, 58),
    ] {
        // Writing to a String cannot fail.
        let _ = write!(forest, "M{} {y}L{x} {} {} {y}z", x - 22, y - h, x + 22);
    }
    pen.flat("#4a3478", &forest);
}

fn lake(pen: &mut Pen) {
    pen.flat("#3f5f9c", "M0 392Q400 366 800 380T1600 372V480H0z");
    pen.glaze("#fff0d0", 45, "M1090 396h180v5H1090zM1120 412h130v5H1120zM1060 428h120v5H1060zM1200 428h60v5h-60zM1140 444h100v5H1140z");
    pen.glaze(
        "#fff",
        22,
        "M80 408h120v4H80zM360 400h160v4H360zM620 424h90v4H620zM1380 404h130v4H1380zM1480 430h90v4H1480z",
    );
    // Somebody shy, far out.
    pen.flat(
        "#2d3f78",
        "M820 420C816 388 836 380 834 360C832 350 822 350 812 356L796 360C792 348 806 338 822 334C846 330 856 346 856 364C856 \
         384 846 396 850 420zM868 420C876 392 912 392 920 420zM930 420C936 404 956 404 962 420z",
    );
    // And somebody who holds ships.
    pen.group(r##"fill="none" stroke="#2d3f78" stroke-linecap="round" stroke-width="15""##, |pen| {
        pen.trace("M1330 436C1322 400 1352 392 1344 366C1338 350 1320 356 1324 370M1384 436C1394 412 1412 408 1408 388");
    });
}

fn shore(pen: &mut Pen) {
    pen.flat("#332459", "M0 440Q200 400 420 436T900 452 1260 446 1600 420V480H0z");
    let mut reeds = String::new();
    for x in (20..1600).step_by(158) {
        let _ = write!(reeds, "M{x} 462q-6-34-16-46M{} 464q0-38 6-58M{} 464q6-28 18-38", x + 8, x + 16);
    }
    pen.stroke("#332459", 5, &reeds);
    pen.dots(
        "#ffd27a",
        &[
            (260, 420, 4),
            (330, 396, 3),
            (500, 430, 4),
            (742, 438, 3),
            (980, 434, 4),
            (1290, 430, 3),
            (1536, 400, 4),
        ],
    );
}
