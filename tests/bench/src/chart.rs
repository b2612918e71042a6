//! Line charts as SVG, for documents.
//!
//! Each chart is one file without scripts or fonts of its own. Its colours follow `prefers-color-scheme`. Lines differ by
//! colour and by marker. The title and a summary of each line are there for screen readers.

use std::fmt::{self, Write as _};

use anyhow::{Result, ensure};

use crate::figures::Unit;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 420.0;
/// The area between the axes: left, top, right, bottom. The legend is to its right.
const LEFT: f64 = 76.0;
const TOP: f64 = 66.0;
const RIGHT: f64 = 560.0;
const BOTTOM: f64 = 372.0;
/// The space between the entries of the legend.
const LEGEND_STEP: f64 = 24.0;
/// The most points of a line that each have a marker.
const MAX_MARKERS: usize = 30;
/// The most ticks of an axis.
const MAX_TICKS: usize = 10;

/// Line colours on light and on dark paper, by Okabe and Ito: people with colour blindness can tell them apart.
const COLOURS: [(&str, &str); 7] = [
    ("#0072b2", "#56b4e9"),
    ("#d55e00", "#ff8c3a"),
    ("#00795a", "#2fc79b"),
    ("#b0568c", "#e08fc0"),
    ("#8a6d00", "#f0c233"),
    ("#5c5c5c", "#bdbdbd"),
    ("#7a3fb8", "#b48ae0"),
];

/// Lines over a common pair of axes.
#[derive(Debug)]
pub(crate) struct Chart {
    /// The last part of the file name: lower case with hyphens.
    pub(crate) name: &'static str,
    pub(crate) title: String,
    pub(crate) x: ChartAxis,
    pub(crate) y: ChartAxis,
    /// In the order of the legend.
    pub(crate) lines: Vec<ChartLine>,
}

/// An axis: what it measures, and how it is divided.
#[derive(Debug)]
pub(crate) struct ChartAxis {
    pub(crate) label: &'static str,
    pub(crate) unit: Unit,
    pub(crate) scale: ChartScale,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChartScale {
    /// From 0 on.
    Linear,
    /// For numbers above 0.
    Log,
}

/// One line of a chart.
#[derive(Debug)]
pub(crate) struct ChartLine {
    pub(crate) name: String,
    /// In ascending order of x.
    pub(crate) points: Vec<(f64, f64)>,
}

/// The numbers that an axis shows, and where.
struct AxisRange {
    scale: ChartScale,
    low: f64,
    high: f64,
    ticks: Vec<f64>,
}

impl Chart {
    /// Returns the name of its file, beside docs/performance.md.
    pub(crate) fn file_name(&self) -> String {
        format!("performance-{}.svg", self.name)
    }

    /// Returns the chart as an SVG document.
    ///
    /// # Errors
    /// If there is no point, or a number that its axis cannot show.
    pub(crate) fn svg(&self) -> Result<String> {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let x = AxisRange::new(&self.x, points().map(|point| point.0))?;
        let y = AxisRange::new(&self.y, points().map(|point| point.1))?;
        let mut out = String::new();
        self.write(&x, &y, &mut out)?;
        Ok(out)
    }

    fn write(&self, x: &AxisRange, y: &AxisRange, out: &mut String) -> fmt::Result {
        let title = escape(&self.title);
        writeln!(
            out,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="title summary">"#
        )?;
        writeln!(out, r#"<title id="title">{title}</title>"#)?;
        writeln!(out, r#"<desc id="summary">{}</desc>"#, escape(&self.summary()))?;
        write_style(self.lines.len(), out)?;
        writeln!(out, r#"<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>"#)?;
        writeln!(out, r#"<text class="title" x="16" y="28">{title}</text>"#)?;
        writeln!(out, r#"<text x="16" y="52">{}</text>"#, escape(self.y.label))?;
        let middle = f64::midpoint(LEFT, RIGHT);
        writeln!(
            out,
            r#"<text class="middle" x="{middle}" y="{}">{}</text>"#,
            HEIGHT - 12.0,
            escape(self.x.label)
        )?;
        for &tick in &x.ticks {
            let (at, label) = (x.place(tick, LEFT, RIGHT), tick_label(self.x.unit, tick));
            writeln!(out, r#"<path class="grid" d="M{at:.1} {TOP}V{BOTTOM}"/>"#)?;
            writeln!(out, r#"<text class="middle" x="{at:.1}" y="{}">{label}</text>"#, BOTTOM + 18.0)?;
        }
        for &tick in &y.ticks {
            let (at, label) = (y.place(tick, BOTTOM, TOP), tick_label(self.y.unit, tick));
            writeln!(out, r#"<path class="grid" d="M{LEFT} {at:.1}H{RIGHT}"/>"#)?;
            writeln!(out, r#"<text class="end" x="{}" y="{:.1}">{label}</text>"#, LEFT - 8.0, at + 4.0)?;
        }
        for (i, line) in self.lines.iter().enumerate() {
            let class = i % COLOURS.len();
            let places: Vec<_> =
                line.points.iter().map(|p| (x.place(p.0, LEFT, RIGHT), y.place(p.1, BOTTOM, TOP))).collect();
            let joined: Vec<_> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            writeln!(out, r#"<polyline class="line c{class}" points="{}"/>"#, joined.join(" "))?;
            if places.len() <= MAX_MARKERS {
                for (x, y) in places {
                    write_marker(i, x, y, out)?;
                }
            }
            let (legend_x, legend_y) = (RIGHT + 22.0, TOP + 8.0 + i as f64 * LEGEND_STEP);
            let (from, to) = (legend_x - 10.0, legend_x + 10.0);
            writeln!(out, r#"<polyline class="line c{class}" points="{from},{legend_y} {to},{legend_y}"/>"#)?;
            write_marker(i, legend_x, legend_y, out)?;
            writeln!(out, r#"<text x="{}" y="{}">{}</text>"#, to + 8.0, legend_y + 4.0, escape(&line.name))?;
        }
        writeln!(out, "</svg>")
    }

    /// Returns the ends of each line in words.
    fn summary(&self) -> String {
        let point = |&(x, y): &(f64, f64)| {
            format!("{} at {}", tick_label(self.y.unit, y), tick_label(self.x.unit, x))
        };
        let lines = self.lines.iter().filter_map(|line| {
            let (first, last) = (line.points.first()?, line.points.last()?);
            Some(format!("{}: from {} to {}.", line.name, point(first), point(last)))
        });
        let lines: Vec<_> = lines.collect();
        format!("{} over {}. {}", self.y.label, self.x.label, lines.join(" "))
    }
}

impl AxisRange {
    fn new(axis: &ChartAxis, numbers: impl Iterator<Item = f64>) -> Result<Self> {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for number in numbers {
            let is_shown = match axis.scale {
                ChartScale::Linear => number.is_finite() && number >= 0.0,
                ChartScale::Log => number.is_finite() && number > 0.0,
            };
            ensure!(is_shown, "a {:?} axis cannot show {number} ({})", axis.scale, axis.label);
            (low, high) = (low.min(number), high.max(number));
        }
        ensure!(low <= high, "a chart without points ({})", axis.label);
        Ok(match axis.scale {
            ChartScale::Linear => Self::linear(high),
            ChartScale::Log => Self::log(low, high),
        })
    }

    /// From 0 to the first tick that is not below `high`.
    fn linear(high: f64) -> Self {
        let least = if high > 0.0 { high / 6.0 } else { 1.0 };
        let decade = 10f64.powf(least.log10().floor());
        let step =
            [1.0, 2.0, 5.0, 10.0].map(|factor| factor * decade).into_iter().find(|&step| step >= least);
        let step = step.unwrap_or(10.0 * decade);
        let n_steps = (high / step).ceil().max(1.0);
        let ticks = (0..=n_steps as usize).map(|i| i as f64 * step).collect();
        Self { scale: ChartScale::Linear, low: 0.0, high: n_steps * step, ticks }
    }

    /// A little more than from `low` to `high`, with ticks at 1, 2 and 5 of each decade, or at 1 if those were too many.
    fn log(low: f64, high: f64) -> Self {
        let (low, high) = (low / 1.15, high * 1.15);
        let ticks = |factors: &[f64]| -> Vec<f64> {
            let decades = low.log10().floor() as i32..=high.log10().ceil() as i32;
            let all =
                decades.flat_map(|decade| factors.iter().map(move |factor| factor * 10f64.powi(decade)));
            all.filter(|tick| (low..=high).contains(tick)).collect()
        };
        let fine = ticks(&[1.0, 2.0, 5.0]);
        let ticks = if fine.len() > MAX_TICKS { ticks(&[1.0]) } else { fine };
        Self { scale: ChartScale::Log, low, high, ticks }
    }

    /// Returns where a number is between two ends of the drawing.
    fn place(&self, number: f64, from: f64, to: f64) -> f64 {
        let share = match self.scale {
            ChartScale::Linear => (number - self.low) / (self.high - self.low),
            ChartScale::Log => (number / self.low).ln() / (self.high / self.low).ln(),
        };
        from + share * (to - from)
    }
}

fn write_style(n_lines: usize, out: &mut String) -> fmt::Result {
    let colours = |is_dark: bool| {
        let lines = COLOURS.iter().take(n_lines).enumerate();
        lines.fold(String::new(), |mut css, (i, (light, dark))| {
            let colour = if is_dark { dark } else { light };
            // Writing to a string cannot fail.
            let _ = write!(css, ".c{i}{{stroke:{colour}}}.m{i}{{fill:{colour}}}");
            css
        })
    };
    writeln!(out, "<style>")?;
    writeln!(
        out,
        "text{{font:13px system-ui,sans-serif;fill:#1f2328}}.title{{font-size:16px;font-weight:600}}"
    )?;
    writeln!(out, ".middle{{text-anchor:middle}}.end{{text-anchor:end}}.paper{{fill:#ffffff}}")?;
    writeln!(out, ".grid{{stroke:#d5d9de}}.line{{fill:none;stroke-width:2}}{}", colours(false))?;
    writeln!(
        out,
        "@media (prefers-color-scheme:dark){{text{{fill:#e6edf3}}.paper{{fill:#0d1117}}.grid{{stroke:#30363d}}{}}}",
        colours(true)
    )?;
    writeln!(out, "</style>")
}

/// Writes the marker of a line: a circle, a square, a diamond or a triangle.
fn write_marker(line: usize, x: f64, y: f64, out: &mut String) -> fmt::Result {
    let shape = match line % 4 {
        0 => "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",
        1 => "m-4 -4h8v8h-8z",
        2 => "m0 -5l5 5l-5 5l-5 -5z",
        _ => "m0 -5l5 9h-10z",
    };
    writeln!(out, r#"<path class="m{}" d="M{x:.1} {y:.1}{shape}"/>"#, line % COLOURS.len())
}

/// Returns a number in its unit without the zeros that say nothing: "10 µs", "2,048".
fn tick_label(unit: Unit, number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let shown = unit.show(number);
    let (digits, unit) = shown.split_once(' ').map_or((shown.as_str(), None), |(d, u)| (d, Some(u)));
    let digits =
        if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    unit.map_or_else(|| digits.to_owned(), |unit| format!("{digits} {unit}"))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use resvg::usvg::roxmltree::{Document, Node};

    use super::*;

    fn axis(label: &'static str, unit: Unit, scale: ChartScale) -> ChartAxis {
        ChartAxis { label, unit, scale }
    }

    fn chart(points: Vec<(f64, f64)>) -> Chart {
        Chart {
            name: "speed",
            title: "Speed <& more>".to_owned(),
            x: axis("dimension", Unit::Count, ChartScale::Log),
            y: axis("time of a query", Unit::Seconds, ChartScale::Log),
            lines: vec![
                ChartLine { name: "\"ours\"".to_owned(), points },
                ChartLine { name: "theirs".to_owned(), points: vec![(2.0, 1e-5), (2048.0, 1e-2)] },
            ],
        }
    }

    fn texts<'a>(document: &'a Document<'_>) -> Vec<&'a str> {
        document
            .descendants()
            .filter(|node| node.has_tag_name("text"))
            .filter_map(|node| node.text())
            .collect()
    }

    /// Returns the points of a node of class "line".
    fn points(node: Node<'_, '_>) -> Vec<(f64, f64)> {
        let pairs = node.attribute("points").unwrap().split(' ').map(|pair| pair.split_once(',').unwrap());
        pairs.map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap())).collect()
    }

    #[test]
    fn draws_each_line_with_a_legend_and_ticks() {
        let svg = chart(vec![(2.0, 1e-6), (64.0, 1e-5), (2048.0, 1e-4)]).svg().unwrap();
        let document = Document::parse(&svg).unwrap();
        let texts = texts(&document);
        for text in
            ["Speed <& more>", "dimension", "time of a query", "\"ours\"", "theirs", "2", "2,000", "10 µs"]
        {
            assert!(texts.contains(&text), "{text} is missing in {texts:?}");
        }
        let lines: Vec<_> = document.descendants().filter(|node| node.has_tag_name("polyline")).collect();
        assert_eq!(lines.len(), 4, "two lines, and two in the legend");
        // 64 is in the middle between 2 and 2,048 on a log axis; so is the time.
        let [(left, low), (middle, half), (right, high)] = *points(lines[0]) else { panic!("three points") };
        assert!(
            (f64::midpoint(left, right) - middle).abs() < 0.11
                && (f64::midpoint(low, high) - half).abs() < 0.11
        );
        assert!(LEFT < left && right < RIGHT && TOP < high && high < low && low < BOTTOM);
    }

    #[test]
    fn is_accessible_and_follows_the_colour_scheme() {
        let svg = chart(vec![(2.0, 1e-6), (2048.0, 1e-4)]).svg().unwrap();
        let document = Document::parse(&svg).unwrap();
        let root = document.root_element();
        assert_eq!(root.attribute("role"), Some("img"));
        for id in root.attribute("aria-labelledby").unwrap().split(' ') {
            assert!(document.descendants().any(|node| node.attribute("id") == Some(id)), "{id}");
        }
        assert!(svg.contains("theirs: from 10 µs at 2 to 10 ms at 2,048."), "{svg}");
        assert!(svg.contains("@media (prefers-color-scheme:dark)"));
        // Not only the colours tell the lines apart.
        let markers = document.descendants().filter_map(|node| node.attribute("d"));
        let mut shapes: Vec<_> = markers.filter_map(|d| d.split_once('m').map(|(_, shape)| shape)).collect();
        shapes.sort_unstable();
        shapes.dedup();
        assert_eq!(shapes.len(), 2, "{shapes:?}");
    }

    #[test]
    fn a_linear_axis_starts_at_zero() {
        let mut chart = chart(vec![(0.0, 0.0), (300.0, 90e6), (600.0, 107e6)]);
        chart.x = axis("time", Unit::Seconds, ChartScale::Linear);
        chart.y = axis("resident memory", Unit::Bytes, ChartScale::Linear);
        chart.lines.truncate(1);
        let svg = chart.svg().unwrap();
        let document = Document::parse(&svg).unwrap();
        let texts = texts(&document);
        let n_seconds = texts.iter().filter(|text| text.ends_with(" s")).count();
        assert_eq!(n_seconds, 6, "100 to 600 s by hundreds: {texts:?}");
        assert!(texts.contains(&"120 MB"), "{texts:?}");
        let line = document.descendants().find(|node| node.has_tag_name("polyline")).unwrap();
        assert_eq!(points(line)[0], (LEFT, BOTTOM));
    }

    #[test]
    fn rejects_numbers_that_an_axis_cannot_show() {
        assert!(chart(vec![(2.0, 0.0)]).svg().unwrap_err().to_string().contains("a Log axis cannot show 0"));
        assert!(chart(vec![(2.0, f64::NAN)]).svg().is_err());
        let mut empty = chart(Vec::new());
        empty.lines.truncate(1);
        assert!(empty.svg().unwrap_err().to_string().contains("without points"));
    }
}
