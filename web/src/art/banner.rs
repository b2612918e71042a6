//! The picture behind the page's title: twilight over a lake, and all twelve round one fire, for those who count.

use std::fmt::Write as _;

use super::kit::{INK, Pen, svg};

/// Whoever sits with their back to the sunset.
const SHADOW: &str = "#2f2159";
/// The sky's colour above and at the horizon.
pub const SKY: (&str, &str) = ("#2a1f5e", "#f2a08a");
/// What the fire shows of them.
const GLOW: &str = "#f08a5d";
/// Whoever is out on the lake.
const DEEP: &str = "#2c4380";

/// The banner as an SVG file, 1600 × 480; its left half is calm, because the title stands there.
pub fn draw() -> String {
    let mut pen = Pen::default();
    pen.flat("url(#sky)", "M0 0h1600v480H0z");
    sky(&mut pen);
    hills(&mut pen);
    lake(&mut pen);
    shore(&mut pen);
    fire(&mut pen);
    company(&mut pen);
    foreground(&mut pen);
    svg((1600, 480), SKY, &pen)
}

fn sky(pen: &mut Pen) {
    pen.stars(
        "#fff3c9",
        &[
            (90, 60, 8),
            (240, 36, 6),
            (388, 96, 9),
            (560, 48, 7),
            (700, 120, 6),
            (806, 44, 10),
            (880, 150, 6),
            (980, 52, 7),
            (1030, 150, 6),
            (1500, 120, 7),
            (1556, 44, 8),
            (60, 190, 6),
            (480, 190, 5),
            (640, 210, 5),
        ],
    );
    // So far to the right that no title, however long its window makes it, runs into its light.
    pen.group(r#"transform="translate(140)""#, moon);
    // And a winged foal, late, with a flight plan.
    pen.flat(
        SHADOW,
        concat!(
            "M760 214C756 198 768 188 786 190C800 176 806 168 812 152L814 142L820 148C832 150 842 158 850 170C848 178 840 180 ",
            "832 176C830 192 826 204 816 212C828 220 838 216 848 222L844 228C832 226 820 232 806 222C796 222 784 222 776 220",
            "C766 226 756 236 742 234L740 228C750 226 754 222 760 214zM762 210C748 204 738 212 730 222C728 206 742 194 762 202z",
            "M786 200C770 182 752 178 736 180C744 170 752 168 758 168C752 160 742 158 734 158C760 144 792 160 800 192z",
        ),
    );
    pen.flat("#f6c3a8", "M300 300q30-34 70-16 30-30 70-6 40-16 60 22zM930 258q22-24 48-10 28-20 52 10z");
}

fn moon(pen: &mut Pen) {
    pen.group(r#"opacity=".16""#, |pen| pen.dots("#fff0d0", &[(1060, 150, 152)]));
    pen.dots("#fff0d0", &[(1060, 150, 106)]);
    pen.dots("#f3dcb4", &[(1012, 116, 16), (1104, 196, 22), (1036, 212, 10), (1116, 92, 9)]);
    // A dragon crosses the moon, from its tail's tip to its horns.
    pen.flat(
        SHADOW,
        concat!(
            "M966 196L958 178L982 186C1004 192 1020 186 1034 172C1046 160 1062 154 1078 152C1090 150 1098 142 1106 132",
            "L1100 118L1116 126C1130 126 1142 132 1150 142C1144 150 1132 152 1124 150C1118 166 1104 178 1086 182L1088 ",
            "194L1076 184C1066 186 1056 188 1046 192L1042 204L1034 194C1014 206 986 206 966 196z",
            "M1072 158C1060 128 1064 92 1092 66C1088 84 1094 92 1104 96C1094 104 1094 112 1100 120C1090 128 1088 142 1094 154z",
            "M1058 160C1034 148 1016 120 1014 84C1024 96 1034 100 1046 98C1042 108 1046 116 1054 118C1052 132 1058 146 1068 156z",
        ),
    );
    pen.dots("#ffd27a", &[(1130, 138, 3)]);
}

fn hills(pen: &mut Pen) {
    pen.flat("#7c5296", "M0 330Q150 250 330 300T700 270 1010 300 1330 270 1600 290V480H0z");
    // The castle on its rock.
    pen.flat(
        "#5a3d86",
        "M1236 400L1350 244V174h8v10h8v-10h8v10h8v-10h8v44h20V114l26-50 26 50v84h22v-30h8v10h8v-10h8v10h8v-10h8v76l120 \
         160zM1438 64v-34l26 9-22 9v16z",
    );
    pen.flat("#ffd27a", "M1428 130h10v20h-10zM1366 200h9v16h-9zM1500 204h9v16h-9zM1420 254h14v26h-14z");
    pen.flat("#6b4890", "M0 352Q220 290 470 340T960 330 1340 342 1600 316V480H0z");
    // A forest down to the water.
    let mut forest = String::new();
    for (x, h) in [
        (-6, 60),
        (30, 84),
        (64, 58),
        (104, 92),
        (140, 66),
        (176, 44),
        (322, 46),
        (354, 84),
        (388, 62),
        (418, 40),
    ] {
        // Three storeys of needles; writing to a String cannot fail.
        let (w, top) = (h / 3, 388 - h);
        let _ = write!(forest, "M{} 392L{x} {} {} 392z", x - w, top + h / 3, x + w);
        let _ = write!(
            forest,
            "M{} {}L{x} {top} {} {}z",
            x - w * 3 / 4,
            top + h * 3 / 5,
            x + w * 3 / 4,
            top + h * 3 / 5
        );
    }
    pen.flat("#4a3478", &forest);
}

fn lake(pen: &mut Pen) {
    pen.flat("#3f5f9c", "M0 390Q400 370 800 382T1600 374V480H0z");
    pen.glaze("#fff0d0", 50, "M1000 388h130v5h-130zM986 402h90v5h-90zM1040 416h80v5h-80z");
    pen.glaze(
        "#fff",
        22,
        "M80 408h120v4H80zM360 400h160v4H360zM560 424h90v4H560zM1400 398h130v4H1400zM1480 414h90v4H1480z",
    );
    pen.group(r#"transform="translate(-66)""#, shy);
    pen.group(r#"transform="translate(-788 8)""#, busy);
}

/// Somebody in no hurry, with a cap.
fn shy(pen: &mut Pen) {
    pen.flat(
        DEEP,
        "M720 414C716 380 738 366 736 340C734 330 726 328 714 334L690 340C680 340 678 330 686 324C696 312 714 298 734 298C760 \
         300 770 322 768 346C766 374 758 390 764 414zM776 414C784 384 822 384 830 414zM842 414C848 396 870 396 876 414z",
    );
    pen.flat("#c4425a", "M716 302C718 286 742 278 758 290C768 298 772 308 770 318C756 304 738 298 716 302z");
    pen.dots("#fff1d0", &[(754, 284, 6)]);
    eyes(pen, &[(718, 316, 5)]);
    pen.glaze("#fff", 35, "M700 412h76v4h-76zM782 414h54v4h-54z");
}

/// Somebody who holds ships, and means well this time.
fn busy(pen: &mut Pen) {
    pen.flat("#fff0d0", "M1280 306q22 8 18 34h-18zM1274 314q-16 8-16 26h16z");
    pen.flat(SHADOW, "M1275 302h4v44h-4zM1250 344h58q-6 20-20 22h-20q-14-2-18-22z");
    pen.group(&format!(r#"fill="none" stroke="{DEEP}" stroke-linecap="round" stroke-width="14""#), |pen| {
        pen.trace("M1330 420C1340 386 1322 370 1296 374C1278 378 1266 370 1268 358M1376 420C1392 396 1412 392 1406 370C1402 356 1386 360 1390 372M1232 420C1236 400 1218 396 1222 378");
    });
}

fn shore(pen: &mut Pen) {
    pen.flat("#3d2a68", "M0 452Q200 408 420 440T760 448 1000 424 1260 426 1600 418V480H0z");
}

/// The fire is the phoenix, who likes to be useful.
fn fire(pen: &mut Pen) {
    for r in [66, 104, 150] {
        pen.group(r#"opacity=".16""#, |pen| pen.dots("#ffb35e", &[(1060, 404, r)]));
    }
    pen.flat(
        "#f0592a",
        concat!(
            "M1060 436C1030 434 1008 416 1002 388C1010 392 1016 392 1020 388C1010 372 1010 354 1018 342C1024 356 1030 362 ",
            "1040 364C1038 352 1042 342 1050 336C1048 322 1054 310 1066 302C1064 314 1072 320 1074 332C1082 340 1084 352 ",
            "1080 364C1090 362 1096 356 1102 342C1110 354 1110 372 1100 388C1104 392 1110 392 1118 388C1112 416 1090 434 1060 436z",
        ),
    );
    pen.flat(
        "#ffb52e",
        "M1060 430C1042 424 1034 404 1044 388C1036 374 1044 360 1060 360S1084 374 1076 388C1086 404 1078 424 1060 430z",
    );
    eyes(pen, &[(1053, 374, 6), (1067, 374, 6)]);
    pen.flat("#6a4569", "M1055 380h10l-5 9z");
    pen.group(r##"fill="none" stroke="#5a3426" stroke-linecap="round" stroke-width="12""##, |pen| {
        pen.trace("M1018 442L1096 426M1024 426L1102 442");
    });
    pen.dots("#ffd27a", &[(1036, 300, 3), (1088, 286, 3), (1070, 262, 2), (1020, 322, 2), (1100, 318, 2)]);
}

/// Eight of them on the shore, left of the fire and right of it.
fn company(pen: &mut Pen) {
    // The chimera: goat, lion, snake.
    pen.flat(SHADOW, "M812 452C810 420 822 404 846 402V376C836 368 838 350 850 348C842 340 842 330 848 324C852 332 856 338 862 342C864 334 868 328 876 326C874 334 874 342 872 350C880 356 880 366 878 374C892 356 926 358 932 382C942 400 934 420 924 426V452z");
    pen.group(&format!(r#"fill="none" stroke="{SHADOW}" stroke-linecap="round" stroke-width="11""#), |pen| {
        pen.trace("M826 446C800 430 800 404 814 390C822 380 816 368 808 366");
    });
    pen.flat(GLOW, "M932 382C942 400 934 420 924 426C930 414 930 398 932 382z");
    eyes(pen, &[(856, 358, 4), (868, 358, 4), (896, 390, 6), (914, 390, 6), (806, 364, 3)]);
    // The cyclops, between two who look after him.
    pen.flat(SHADOW, "M940 456C936 436 944 424 952 420C938 410 940 386 956 380C954 374 956 370 962 366C962 372 966 374 970 378C986 384 992 406 980 420C990 426 992 440 990 456z");
    pen.flat(GLOW, "M986 396C990 406 988 414 980 420C990 426 992 440 990 456H985C986 440 984 428 974 422C984 414 988 406 986 396z");
    eyes(pen, &[(968, 400, 11)]);
    // The mandrake, in its pot, by the fire.
    pen.flat(SHADOW, "M1136 456L1132 430H1140C1134 412 1140 402 1150 400C1138 394 1132 386 1132 378C1142 380 1150 386 1153 392C1152 382 1154 374 1160 370C1166 376 1166 386 1163 394C1168 388 1174 384 1182 384C1180 392 1174 398 1164 401C1174 406 1178 418 1172 430H1180L1176 456z");
    pen.flat(
        GLOW,
        "M1132 430H1140C1134 412 1140 402 1150 400C1142 408 1142 420 1145 430L1140 434 1142 456H1136z",
    );
    eyes(pen, &[(1150, 414, 5), (1163, 414, 5)]);
    yeti(pen);
    gorgon(pen);
    // The troll, who brought nothing.
    pen.flat(SHADOW, "M1392 456C1388 424 1398 410 1414 404C1406 398 1402 390 1404 382L1376 370C1390 362 1402 364 1408 368C1412 348 1430 338 1448 342C1468 338 1482 350 1484 368C1492 364 1502 364 1514 370L1488 384C1488 392 1484 400 1478 404C1496 412 1504 428 1500 456z");
    pen.flat(GLOW, "M1392 456C1388 424 1398 410 1414 404C1402 418 1398 434 1400 456z");
    eyes(pen, &[(1430, 380, 7), (1456, 380, 6)]);
    pen.flat("#fff1d0", "M1432 402l3-11 7 10zM1454 401l5-10 4 10z");
    // The haetae keeps an eye on the sparks, from outside the circle.
    pen.flat(SHADOW, "M690 460C684 436 694 424 708 420C696 420 688 412 692 402C684 394 688 382 698 380C698 370 710 364 718 368L728 350L734 366C744 362 756 368 758 378C768 380 774 392 768 400C774 410 766 420 756 420C770 426 776 440 772 460z");
    pen.flat(GLOW, "M768 400C774 410 766 420 756 420C770 426 776 440 772 460H766C768 442 760 428 746 422C760 418 766 410 768 400z");
    eyes(pen, &[(722, 396, 6), (742, 396, 6)]);
}

fn yeti(pen: &mut Pen) {
    pen.flat(SHADOW, "M1196 458C1192 424 1200 404 1214 396L1204 392L1212 382L1202 374L1212 366L1206 356L1218 354C1208 346 1204 336 1208 326C1214 336 1222 340 1230 342L1240 334L1246 342L1256 336L1260 344C1268 340 1274 334 1278 326C1284 336 1280 348 1272 354L1284 358L1276 368L1286 376L1276 384L1282 394L1272 396C1288 404 1296 426 1292 458z");
    pen.flat(GLOW, "M1196 458C1192 424 1200 404 1214 396L1204 392L1212 382L1202 374L1212 366L1206 356L1218 354L1214 368 1222 376 1214 384 1220 398C1206 410 1202 430 1204 458z");
    eyes(pen, &[(1236, 372, 7), (1256, 372, 7)]);
}

fn gorgon(pen: &mut Pen) {
    pen.group(&format!(r#"fill="none" stroke="{SHADOW}" stroke-linecap="round" stroke-width="9""#), |pen| {
        pen.trace("M1326 384C1308 384 1310 368 1300 366M1330 374C1316 364 1322 350 1310 342M1340 366C1334 352 1340 344 1334 330M1352 366C1358 352 1352 344 1358 330M1362 374C1376 364 1370 350 1382 342M1366 384C1384 384 1382 370 1390 366");
    });
    pen.flat(SHADOW, "M1302 458C1300 430 1316 422 1336 418C1322 410 1318 396 1322 384C1328 366 1364 366 1370 384C1374 396 1370 410 1356 418C1376 422 1392 430 1390 458z");
    pen.flat(GLOW, "M1302 458C1300 430 1316 422 1336 418C1322 410 1318 396 1322 384C1324 400 1330 412 1342 420C1322 424 1310 434 1310 458z");
    eyes(pen, &[(1336, 392, 6), (1354, 392, 6)]);
}

fn foreground(pen: &mut Pen) {
    pen.flat("#2a1d50", "M0 466Q300 446 620 452Q840 438 1060 446Q1320 456 1600 438V480H0z");
    let mut reeds = String::new();
    for x in [20, 214, 376, 530, 640, 1548] {
        // Writing to a String cannot fail.
        let _ = write!(reeds, "M{x} 470q-6-38-16-52M{} 472q0-44 6-66M{} 472q6-32 18-44", x + 8, x + 16);
    }
    pen.stroke("#2a1d50", 5, &reeds);
    pen.dots(
        "#ffd27a",
        &[
            (260, 420, 4),
            (330, 396, 3),
            (470, 430, 4),
            (590, 406, 3),
            (120, 436, 3),
            (1536, 392, 4),
            (1580, 350, 3),
        ],
    );
}

/// Eyes that catch the light, each as centre and radius; all of them watch the fire.
fn eyes(pen: &mut Pen, eyes: &[(i32, i32, i32)]) {
    pen.dots("#fff", eyes);
    let pupils: Vec<_> =
        eyes.iter().map(|&(x, y, r)| (x + (1060 - x).signum() * r / 3, y + 1, r / 2)).collect();
    pen.dots(INK, &pupils);
}
