//! The drawing kit behind every picture of the site: a pen that writes SVG, and the few motifs all portraits share.
//!
//! One style is kept here and nowhere else: a 320 × 320 picture filled to its edges, scenery without outlines, a figure
//! with an ink outline of one width, light from the upper left, eyes of one kind. Nothing of this reaches the browser's
//! code; the pictures are files.

use std::fmt::{Display, Write as _};

use super::path::shorten;

/// The outline's colour, a dark plum: softer than black on every background used.
pub const INK: &str = "#2b2042";

/// Writes SVG elements one after another; the last one drawn lies on top.
#[derive(Debug, Default)]
pub struct Pen {
    out: String,
    ids: u32,
    gaze: (i32, i32),
}

impl Pen {
    /// A filled path, outlined if the pen draws a figure.
    pub fn shape(&mut self, fill: &str, d: &str) {
        self.put(format_args!(r#"<path fill="{fill}" d="{}"/>"#, shorten(d)));
    }

    /// A filled path that never has an outline: markings, shadows, scenery.
    pub fn flat(&mut self, fill: &str, d: &str) {
        self.put(format_args!(r#"<path fill="{fill}" stroke="none" d="{}"/>"#, shorten(d)));
    }

    /// A flat path that lets `percent` of itself show: shadow with [`INK`], light with white.
    pub fn glaze(&mut self, fill: &str, percent: u8, d: &str) {
        self.put(format_args!(
            r#"<path fill="{fill}" stroke="none" opacity=".{percent:02}" d="{}"/>"#,
            shorten(d)
        ));
    }

    /// A line in the figure's ink and width.
    pub fn line(&mut self, d: &str) {
        self.put(format_args!(r#"<path fill="none" d="{}"/>"#, shorten(d)));
    }

    /// A path that takes everything, the fill included, from the group around it.
    pub fn trace(&mut self, d: &str) {
        self.put(format_args!(r#"<path d="{}"/>"#, shorten(d)));
    }

    /// A line in its own colour and width.
    pub fn stroke(&mut self, colour: &str, width: u32, d: &str) {
        let d = shorten(d);
        self.put(format_args!(r#"<path fill="none" stroke="{colour}" stroke-width="{width}" d="{d}"/>"#));
    }

    /// A limb: one line drawn twice, the wider one being its outline.
    pub fn limb(&mut self, fill: &str, width: u32, d: &str) {
        let d = shorten(d);
        self.group(r#"fill="none""#, |pen| {
            pen.put(format_args!(r#"<path stroke-width="{}" d="{d}"/>"#, width + 10));
            pen.put(format_args!(r#"<path stroke="{fill}" stroke-width="{width}" d="{d}"/>"#));
        });
    }

    /// A circle, outlined if the pen draws a figure.
    pub fn disc(&mut self, fill: &str, cx: i32, cy: i32, r: i32) {
        self.put(format_args!(r#"<circle fill="{fill}" cx="{cx}" cy="{cy}" r="{r}"/>"#));
    }

    /// An ellipse, outlined if the pen draws a figure.
    pub fn oval(&mut self, fill: &str, cx: i32, cy: i32, rx: i32, ry: i32) {
        self.put(format_args!(r#"<ellipse fill="{fill}" cx="{cx}" cy="{cy}" rx="{rx}" ry="{ry}"/>"#));
    }

    /// Circles of one colour without outline, each as centre and radius.
    pub fn dots(&mut self, fill: &str, dots: &[(i32, i32, i32)]) {
        self.group(&format!(r#"fill="{fill}" stroke="none""#), |pen| {
            for (cx, cy, r) in dots {
                pen.put(format_args!(r#"<circle cx="{cx}" cy="{cy}" r="{r}"/>"#));
            }
        });
    }

    /// Four-pointed stars, each as centre and reach.
    pub fn stars(&mut self, fill: &str, stars: &[(i32, i32, i32)]) {
        let mut d = String::new();
        for &(x, y, r) in stars {
            // Writing to a String cannot fail.
            let _ = write!(d, "M{x} {}q0 {r} {r} {r}q-{r} 0-{r} {r}q0-{r}-{r}-{r}q{r} 0 {r}-{r}z", y - r);
        }
        self.flat(fill, &d);
    }

    /// Everything drawn by `content`, wrapped in a group with these attributes.
    pub fn group(&mut self, attributes: &str, content: impl FnOnce(&mut Self)) {
        self.put(format_args!("<g {attributes}>"));
        content(self);
        self.put("</g>");
    }

    /// Everything drawn by `content`, turned by `degrees` about a point.
    pub fn turned(&mut self, degrees: i32, cx: i32, cy: i32, content: impl FnOnce(&mut Self)) {
        self.group(&format!(r#"transform="rotate({degrees} {cx} {cy})""#), content);
    }

    /// A motif drawn once by `content` about the origin, and shown at each place: x, y and degrees.
    pub fn motif(&mut self, places: &[(i32, i32, i32)], content: impl FnOnce(&mut Self)) {
        self.ids += 1;
        let id = format!("m{}", self.ids);
        self.put("<defs>");
        self.group(&format!(r#"id="{id}""#), content);
        self.put("</defs>");
        for (x, y, degrees) in places {
            let turn = if *degrees == 0 { String::new() } else { format!("rotate({degrees})") };
            self.put(format_args!(r##"<use href="#{id}" transform="translate({x} {y}){turn}"/>"##));
        }
    }

    /// A crescent moon, open to the upper right; `r` is its radius.
    pub fn crescent(&mut self, fill: &str, x: i32, y: i32, r: i32) {
        let (top, inner) = (y - r, r * 4 / 5);
        self.flat(fill, &format!("M{x} {top}A{r} {r} 0 1 0 {} {y}A{inner} {inner} 0 1 1 {x} {top}z", x + r));
    }

    /// Everything drawn by `content` and its reflection on the picture's vertical axis.
    pub fn mirror(&mut self, content: impl FnOnce(&mut Self)) {
        self.ids += 1;
        let id = format!("m{}", self.ids);
        self.group(&format!(r#"id="{id}""#), content);
        self.put(format_args!(r##"<use href="#{id}" transform="matrix(-1 0 0 1 320 0)"/>"##));
    }

    /// Where the eyes drawn from now on look: right and down, in percent of an eye's radius; 30 is far.
    pub fn look(&mut self, right: i32, down: i32) {
        self.gaze = (right, down);
    }

    /// One eye: white, iris, pupil, a highlight on the left and, if there is room, its echo on the right.
    pub fn eye(&mut self, cx: i32, cy: i32, r: i32, iris: &str) {
        let (x, y) = (cx + self.gaze.0 * r / 100, cy + self.gaze.1 * r / 100);
        self.disc("#fff", cx, cy, r);
        self.group(r#"stroke="none""#, |pen| {
            pen.disc(iris, x, y, r * 7 / 10);
            pen.disc(INK, x, y, r * 46 / 100);
            pen.disc("#fff", x - r / 4, y - r / 4, r * 26 / 100);
            if r > 14 {
                pen.disc("#fff", x + r / 4, y + r / 4, r / 9);
            }
        });
    }

    /// Two eyes, `dx` left and right of the picture's axis.
    pub fn eyes(&mut self, dx: i32, cy: i32, r: i32, iris: &str) {
        self.eye_pair((160 - dx, cy), 2 * dx, r, iris);
    }

    /// Two eyes, the left one's centre given, the right one `distance` away.
    pub fn eye_pair(&mut self, (cx, cy): (i32, i32), distance: i32, r: i32, iris: &str) {
        self.ids += 1;
        let id = format!("m{}", self.ids);
        self.group(&format!(r#"id="{id}""#), |pen| pen.eye(cx, cy, r, iris));
        self.put(format_args!(r##"<use href="#{id}" x="{distance}"/>"##));
    }

    /// A half-closed lid over an eye; positive degrees lower its right end.
    pub fn lid(&mut self, cx: i32, cy: i32, r: i32, degrees: i32, fill: &str) {
        self.turned(degrees, cx, cy, |pen| {
            let (left, up) = (cx - r, cy - r / 5);
            pen.shape(fill, &format!("M{left} {up}A{r} {r} 0 0 1 {} {up}z", cx + r));
        });
    }

    /// Rosy cheeks, `dx` left and right of the picture's axis.
    pub fn blush(&mut self, dx: i32, cy: i32, fill: &str) {
        self.group(&format!(r#"fill="{fill}" stroke="none" opacity=".6""#), |pen| {
            for cx in [160 - dx, 160 + dx] {
                pen.put(format_args!(r#"<ellipse cx="{cx}" cy="{cy}" rx="15" ry="10"/>"#));
            }
        });
    }

    /// Another picture of this kit, whole or in part: `view` is what is shown of it, `place` where; each is left, top,
    /// width and height, of one shape.
    pub fn inset(&mut self, picture: &str, view: [u32; 4], place: [i32; 4]) {
        self.ids += 1;
        let ours = format!("p{}", self.ids);
        let body = picture.split_once('>').map_or("", |(_, rest)| rest).trim_end().trim_end_matches("</svg>");
        // The same names occur in every picture.
        let body = body
            .replace(r#" id=""#, &format!(r#" id="{ours}"#))
            .replace(r##"href="#"##, &format!(r##"href="#{ours}"##))
            .replace("url(#", &format!("url(#{ours}"));
        let [x, y, width, height] = place;
        let [left, top, view_width, view_height] = view;
        self.put(format_args!(
            r#"<svg x="{x}" y="{y}" width="{width}" height="{height}" viewBox="{left} {top} {view_width} {view_height}">{body}</svg>"#
        ));
    }

    fn put(&mut self, element: impl Display) {
        let _ = write!(self.out, "{element}");
    }
}

/// A portrait: a sky from `top` to `bottom`, scenery, and an outlined figure in front of it.
pub fn portrait(
    (top, bottom): (&str, &str),
    scenery: impl FnOnce(&mut Pen),
    figure: impl FnOnce(&mut Pen),
) -> String {
    let mut pen = Pen::default();
    pen.flat("url(#sky)", "M0 0h320v320H0z");
    scenery(&mut pen);
    let style = format!(r#"stroke="{INK}" stroke-width="5" stroke-linejoin="round" stroke-linecap="round""#);
    pen.group(&style, figure);
    svg((320, 320), (top, bottom), &pen)
}

/// A whole file: the pen's drawing under a vertical gradient named `sky`.
pub fn svg(size: (u32, u32), sky: (&str, &str), pen: &Pen) -> String {
    scaled(size, size, sky, pen)
}

/// A whole file that is shown at another size than it was drawn at.
pub fn scaled(
    (width, height): (u32, u32),
    (drawn_width, drawn_height): (u32, u32),
    (top, bottom): (&str, &str),
    pen: &Pen,
) -> String {
    format!(
        concat!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" width="{}" height="{}">"#,
            r#"<linearGradient id="sky" x2="0" y2="1"><stop stop-color="{}"/>"#,
            r#"<stop offset="1" stop-color="{}"/></linearGradient>{}</svg>"#,
            "\n"
        ),
        drawn_width, drawn_height, width, height, top, bottom, pen.out
    )
}
