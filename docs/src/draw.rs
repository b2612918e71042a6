//! The kit of the diagrams: cards, frames, arrows and lists on one sheet, in two languages, for light and dark pages.
//!
//! Coordinates are pixels from the upper left. A picture is its own background, so that it is readable on any page;
//! a page that is dark gets the dark colours.

use std::fmt::Write as _;

use mysfits_domain::Locale;

/// A text in both languages.
#[derive(Debug, Clone)]
pub struct Words {
    en: String,
    ko: String,
}

impl Words {
    /// The text in one language.
    pub fn get(&self, locale: Locale) -> &str {
        match locale {
            Locale::En => &self.en,
            Locale::Ko => &self.ko,
        }
    }
}

impl From<&str> for Words {
    /// What is the same in both: names, code.
    fn from(text: &str) -> Self {
        Self { en: text.to_owned(), ko: text.to_owned() }
    }
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Self { ko: text.clone(), en: text }
    }
}

impl<E: Into<String>, K: Into<String>> From<(E, K)> for Words {
    /// English, then Korean.
    fn from((en, ko): (E, K)) -> Self {
        Self { en: en.into(), ko: ko.into() }
    }
}

/// What a card stands for: its colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// A person.
    Person,
    /// Code of this workspace.
    Code,
    /// A service of AWS.
    Cloud,
    /// Data at rest.
    Data,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Code => "code",
            Self::Cloud => "cloud",
            Self::Data => "data",
        }
    }
}

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// The name of a card.
    Name,
    /// A name that is code.
    CodeName,
    /// A line of explanation.
    Line,
    /// A line that is code.
    CodeLine,
    /// A line of a long list.
    Small,
    /// The heading of a frame.
    Heading,
}

impl Style {
    fn class(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::CodeName => "name mono",
            Self::Line => "line",
            Self::CodeLine => "line mono",
            Self::Small => "line small",
            Self::Heading => "heading",
        }
    }

    fn size(self) -> f64 {
        match self {
            Self::Name | Self::Heading => 14.0,
            Self::CodeName => 13.0,
            Self::Line | Self::CodeLine => 12.0,
            Self::Small => 11.0,
        }
    }

    /// About how wide a text is in a wide font: the reader's are not known.
    fn width(self, text: &str) -> f64 {
        let is_mono = matches!(self, Self::CodeName | Self::CodeLine);
        let is_bold = matches!(self, Self::Name | Self::Heading);
        let em = |c: char| match c {
            '가'..='힣' => 0.95,
            _ if is_mono => 0.61,
            'i' | 'l' | 'j' | 't' | 'f' | 'r' | ' ' | '.' | ',' | ':' | '\'' | '|' | '(' | ')' | '-' => 0.36,
            'm' | 'w' | 'M' | 'W' => 0.9,
            'A'..='Z' | '0'..='9' => 0.66,
            _ => 0.61,
        };
        text.chars().map(em).sum::<f64>() * self.size() * if is_bold { 1.1 } else { 1.0 }
    }
}

/// Where a text is anchored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// At its beginning.
    Start,
    /// In its middle.
    Middle,
    /// At its end.
    End,
}

/// A place.
pub type Point = (f64, f64);

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Its left edge.
    pub x: f64,
    /// Its upper edge.
    pub y: f64,
    /// Its width.
    pub w: f64,
    /// Its height.
    pub h: f64,
}

impl Area {
    /// The middle of an edge or the whole: 0 is left or top, 1 right or bottom.
    pub fn at(self, right: f64, down: f64) -> Point {
        (self.x + self.w * right, self.y + self.h * down)
    }
}

/// A rectangle by its left and upper edge, width and height.
pub const fn area(x: f64, y: f64, w: f64, h: f64) -> Area {
    Area { x, y, w, h }
}

/// A positioned text with its maximum width.
#[derive(Debug, Clone)]
struct Label {
    at: Point,
    anchor: Anchor,
    style: Style,
    words: Words,
    room: f64,
}

/// A sheet with everything that was drawn on it.
#[derive(Debug, Clone)]
pub struct Picture {
    title: Words,
    width: f64,
    height: f64,
    shapes: String,
    labels: Vec<Label>,
}

/// What light pages get, and what changes on dark ones.
const COLOURS: &str = "\
.paper{fill:#fbfaff;stroke:#d9d4ee}.frame{fill:none;stroke:#9c93c4;stroke-dasharray:5 4}\
.card{stroke-width:1.3}.person{fill:#fff1d6;stroke:#c98a1b}.code{fill:#ece7ff;stroke:#7259d1}\
.cloud{fill:#dff3f1;stroke:#2b8f86}.data{fill:#ffe9ee;stroke:#c4587a}\
.arrow{fill:none;stroke:#6b6490;stroke-width:1.6}.tip{fill:#6b6490}.dot{fill:#7259d1}.ring{fill:#fbfaff;stroke:#7259d1;stroke-width:1.3}\
text{fill:#262042;font-family:system-ui,-apple-system,'Segoe UI','Apple SD Gothic Neo','Malgun Gothic','Noto Sans KR','Noto Sans CJK KR',sans-serif}\
.name,.heading{font-size:14px;font-weight:600}.line{font-size:12px;fill:#4c4570}.heading{fill:#5b45b5}\
.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}.name.mono{font-size:13px}.small{font-size:11px}\
@media (prefers-color-scheme:dark){.paper{fill:#191530;stroke:#3a3362}.frame{stroke:#6f65a3}\
.person{fill:#45330f;stroke:#d9a441}.code{fill:#2d2557;stroke:#9a84f0}.cloud{fill:#123c39;stroke:#4fb8ae}.data{fill:#4a1d2c;stroke:#e07c9c}\
.arrow{stroke:#a8a0d0}.tip{fill:#a8a0d0}.dot{fill:#9a84f0}.ring{fill:#191530;stroke:#9a84f0}\
text{fill:#f1eeff}.line{fill:#cfc8ec}.heading{fill:#b9a8ff}}";

/// How far the first line of a card lies below its upper edge, and each further one below that.
const FIRST_LINE: f64 = 22.0;
const NEXT_LINE: f64 = 17.0;

impl Picture {
    /// An empty sheet.
    pub fn new(title: impl Into<Words>, width: f64, height: f64) -> Self {
        Self { title: title.into(), width, height, shapes: String::new(), labels: Vec::new() }
    }

    /// A card: a name, and lines below it.
    pub fn card(&mut self, area: Area, tone: Tone, name: (Style, Words), lines: Vec<Words>) {
        let Area { x, y, w, h } = area;
        let class = tone.class();
        self.shape(format_args!(
            r#"<rect class="card {class}" x="{x}" y="{y}" width="{w}" height="{h}" rx="9"/>"#
        ));
        let n_lines = 1.0 + lines.len() as f64;
        let mut down = y + (h - (n_lines - 1.0) * NEXT_LINE) / 2.0 + 5.0;
        let (style, name) = name;
        for (style, words) in
            std::iter::once((style, name)).chain(lines.into_iter().map(|line| (Style::Line, line)))
        {
            let at = (x + w / 2.0, down);
            self.labels.push(Label { at, anchor: Anchor::Middle, style, words, room: w - 12.0 });
            down += NEXT_LINE;
        }
    }

    /// A dashed frame with a heading.
    pub fn frame(&mut self, area: Area, heading: impl Into<Words>) {
        self.frame_as(area, Style::Heading, heading);
    }

    /// The same, with a heading in another style.
    pub fn frame_as(&mut self, area: Area, style: Style, heading: impl Into<Words>) {
        let Area { x, y, w, h } = area;
        self.shape(format_args!(r#"<rect class="frame" x="{x}" y="{y}" width="{w}" height="{h}" rx="12"/>"#));
        self.text((x + 14.0, y + FIRST_LINE), Anchor::Start, style, heading, w - 24.0);
    }

    /// An arrow along points.
    pub fn arrow(&mut self, points: &[Point]) {
        let path = points.iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ");
        self.shape(format_args!(r#"<polyline class="arrow" points="{path}"/>"#));
        if let [.., (from_x, from_y), (x, y)] = points {
            let degrees = (y - from_y).atan2(x - from_x).to_degrees();
            self.shape(format_args!(
                r#"<path class="tip" d="M0,0L-9,-4.5L-9,4.5Z" transform="translate({x} {y}) rotate({degrees:.0})"/>"#
            ));
        }
    }

    /// A line without a tip.
    pub fn line(&mut self, (x1, y1): Point, (x2, y2): Point) {
        self.shape(format_args!(r#"<line class="arrow" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>"#));
    }

    /// A point of a list: full for what is always there, a ring for what is only sometimes.
    pub fn dot(&mut self, (x, y): Point, is_always: bool) {
        let class = if is_always { "dot" } else { "ring" };
        self.shape(format_args!(r#"<circle class="{class}" cx="{x}" cy="{y}" r="4"/>"#));
    }

    /// A text on its own, which may be so wide.
    pub fn text(&mut self, at: Point, anchor: Anchor, style: Style, words: impl Into<Words>, room: f64) {
        self.labels.push(Label { at, anchor, style, words: words.into(), room });
    }

    fn shape(&mut self, shape: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.shapes, "{shape}");
    }

    /// The picture in one language.
    pub fn svg(&self, locale: Locale) -> String {
        let Self { width, height, shapes, .. } = self;
        let title = escaped(self.title.get(locale));
        let (inner_width, inner_height) = (width - 1.0, height - 1.0);
        let mut svg = format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" lang="{}">
<!-- Generated by `cargo xtask guide` with the option diagrams; do not edit. -->
<title>{title}</title>
<style>{COLOURS}</style>
<rect class="paper" x="0.5" y="0.5" width="{inner_width}" height="{inner_height}" rx="14"/>
{shapes}"#,
            locale.code()
        );
        for Label { at: (x, y), anchor, style, words, .. } in &self.labels {
            let anchor = match anchor {
                Anchor::Start => "start",
                Anchor::Middle => "middle",
                Anchor::End => "end",
            };
            let (class, text) = (style.class(), escaped(words.get(locale)));
            // Writing to a string cannot fail.
            let _ = writeln!(
                svg,
                r#"<text class="{class}" x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>"#
            );
        }
        svg.push_str("</svg>\n");
        svg
    }

    /// Returns the texts that are wider than their maximum width, in any language.
    pub fn too_wide(&self) -> Vec<String> {
        let too_wide = |label: &Label, locale| {
            let text = label.words.get(locale);
            let width = label.style.width(text);
            (width > label.room).then(|| format!("{text:?}: {width:.0} of {:.0}", label.room))
        };
        self.labels
            .iter()
            .flat_map(|label| Locale::ALL.into_iter().filter_map(move |locale| too_wide(label, locale)))
            .collect()
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
