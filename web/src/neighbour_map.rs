//! The map that explains k-NN: neighbours in two dimensions, a few places to live, and who votes for each place and `k`.
//!
//! `mysfits-knn` finds the neighbours when the page is rendered, so the map works without code: radio buttons select a case, and
//! generated rules of the style sheet show it. Native builds only.

use std::fmt::Write as _;

use mysfits_domain::{Label, Locale, Mysfit};
use mysfits_knn::{
    Dataset, Hyperparameters, Model, Neighbour,
    ndarray::{Array1, Array2},
};

use crate::i18n::{AboutText, interpolate};

/// The numbers of neighbours to choose from.
pub const KS: [usize; 3] = [1, 3, 10];

/// A place to live: its name and position.
#[derive(Debug, Clone, Copy)]
pub struct MapPlace {
    pub name: AboutText,
    position: [u16; 2],
}

/// The places to choose from. At the first, each `k` has another winner.
pub const PLACES: [MapPlace; 4] = [
    MapPlace { name: AboutText::Crossroads, position: [160, 110] },
    MapPlace { name: AboutText::Cave, position: [64, 172] },
    MapPlace { name: AboutText::Bay, position: [264, 170] },
    MapPlace { name: AboutText::TownGate, position: [92, 48] },
];

/// Width and height of the map.
const SIZE: [u16; 2] = [320, 220];

/// The mysfits of the neighbours by slug, and where they live.
const NEIGHBOURS: [(&str, &[[u16; 2]]); 3] = [
    (
        "coco",
        &[
            [132, 134],
            [194, 132],
            [150, 150],
            [122, 94],
            [202, 92],
            [114, 118],
            [38, 168],
            [58, 194],
            [80, 178],
            [100, 196],
            [50, 146],
            [86, 154],
            [26, 196],
        ],
    ),
    (
        "gary",
        &[
            [176, 122],
            [178, 158],
            [246, 158],
            [272, 188],
            [292, 166],
            [250, 196],
            [226, 180],
            [286, 142],
            [226, 44],
            [252, 34],
        ],
    ),
    (
        "hasla",
        &[
            [140, 92],
            [184, 92],
            [70, 36],
            [96, 26],
            [114, 56],
            [62, 62],
            [130, 36],
            [86, 74],
            [242, 64],
            [206, 60],
            [270, 56],
        ],
    ),
];

/// What the model says for a place and a `k`.
struct MapCase {
    place: usize,
    neighbours: Vec<Neighbour>,
}

impl MapCase {
    fn k(&self) -> usize {
        self.neighbours.len()
    }

    /// The class of the elements that are shown in this case.
    fn class(&self) -> String {
        format!("case-{}-{}", self.place, self.k())
    }

    /// Returns the mysfits with their votes, the winner first.
    fn votes(&self) -> Vec<(&'static Mysfit, usize)> {
        let votes = Model::votes(&self.neighbours).into_iter();
        votes.filter_map(|vote| Some((Label::try_from(vote.label).ok()?.mysfit(), vote.count))).collect()
    }
}

/// Returns the neighbours: mysfit and position.
fn neighbours() -> Vec<(&'static Mysfit, [u16; 2])> {
    let of = |(slug, positions): &(&str, &'static [[u16; 2]])| {
        let mysfit = Mysfit::by_slug(slug)?;
        Some(positions.iter().map(move |position| (mysfit, *position)))
    };
    NEIGHBOURS.iter().filter_map(of).flatten().collect()
}

/// Asks a model that was trained with the neighbours.
fn cases() -> Vec<MapCase> {
    let all = neighbours();
    let positions = Array2::from_shape_fn((all.len(), 2), |(row, axis)| f32::from(all[row].1[axis]));
    let labels: Array1<f64> = all.iter().map(|(mysfit, _)| f64::from(mysfit.label.get())).collect();
    let dataset = Dataset::new(positions.view(), labels.view()).expect("positions are finite");
    let parameters = Hyperparameters::classifier(KS[2]).check().expect("a valid k");
    let model = Model::train(dataset, &parameters).expect("the map has neighbours");
    let mut cases = Vec::new();
    for (place, MapPlace { position, .. }) in PLACES.iter().enumerate() {
        for k in KS {
            let neighbours = model.neighbours_k(&position.map(f32::from), k).expect("two coordinates");
            cases.push(MapCase { place, neighbours });
        }
    }
    cases
}

/// Returns the rules of the style sheet: which case is shown, and where the places are.
pub fn rules() -> String {
    let mut rules = String::new();
    for (place, MapPlace { position: [x, y], .. }) in PLACES.iter().enumerate() {
        let [left, top] = [(x, SIZE[0]), (y, SIZE[1])].map(|(at, of)| f32::from(*at) / f32::from(of) * 100.0);
        // Writing to a String cannot fail.
        let _ = writeln!(rules, ".spot-{place}{{left:{left:.1}%;top:{top:.1}%}}");
        let _ = writeln!(rules, ".map:has(#at-{place}:checked) .you-{place}{{display:block}}");
        for k in KS {
            let _ = writeln!(
                rules,
                ".map:has(#at-{place}:checked):has(#k-{k}:checked) .case-{place}-{k}{{display:block}}"
            );
        }
    }
    rules
}

/// Returns the mark of a neighbour: each mysfit has a shape and a colour.
fn mark(mysfit: &Mysfit, [x, y]: [u16; 2]) -> String {
    let class = mysfit.slug;
    match class {
        "coco" => format!(r#"<circle class="n {class}" cx="{x}" cy="{y}" r="7"/>"#),
        "gary" => format!(r#"<path class="n {class}" d="M{} {}h12v12h-12z"/>"#, x - 6, y - 6),
        _ => format!(r#"<path class="n {class}" d="M{x} {}l8 14h-16z"/>"#, y - 9),
    }
}

/// Returns the mark of the visitor.
fn you([x, y]: [u16; 2]) -> String {
    format!(
        r#"<path class="you" d="M{x} {}l3.4 8h8.6l-6.8 5.4 2.4 8.6-7.6-5-7.6 5 2.4-8.6-6.8-5.4h8.6z"/>"#,
        y.saturating_sub(13)
    )
}

/// Returns the map as SVG.
pub fn picture(locale: Locale) -> String {
    let [width, height] = SIZE;
    let all = neighbours();
    let label = interpolate(AboutText::MapLabel.get(locale), &[("count", &all.len().to_string())]);
    let mut svg = format!(
        r#"<svg class="land" viewBox="0 0 {width} {height}" role="img" aria-label="{label}"><path class="hill" d="M0 60q80-40 150 0t170-10v-50h-320zM0 220v-60q60-30 130 10t60 50z"/><path class="water" d="M320 220v-104q-60 4-74 40t-50 64z"/>"#
    );
    let cases = cases();
    for case in &cases {
        let [x, y] = PLACES[case.place].position;
        let radius = case.neighbours.last().map_or(0.0, |farthest| farthest.score.sqrt()) + 12.0;
        let _ = write!(
            svg,
            r#"<g class="case {}"><circle class="ring" cx="{x}" cy="{y}" r="{radius:.0}"/><path class="tie" d=""#,
            case.class()
        );
        for neighbour in &case.neighbours {
            let [to_x, to_y] = all[neighbour.row].1;
            let _ = write!(svg, "M{x} {y}L{to_x} {to_y}");
        }
        svg += "\"/></g>";
    }
    svg.extend(all.iter().map(|(mysfit, position)| mark(mysfit, *position)));
    for (place, MapPlace { position, .. }) in PLACES.iter().enumerate() {
        let _ = write!(svg, r#"<g class="case you-{place}">{}</g>"#, you(*position));
    }
    svg + "</svg>"
}

/// Returns the marks with their meanings: SVG and text.
pub fn key(locale: Locale) -> Vec<(String, &'static str)> {
    let framed =
        |mark: String| format!(r#"<svg class="land" viewBox="-3 -3 30 30" aria-hidden="true">{mark}</svg>"#);
    let mysfits = NEIGHBOURS.iter().filter_map(|(slug, _)| Mysfit::by_slug(slug));
    let marks = mysfits.map(|mysfit| (framed(mark(mysfit, [12, 13])), mysfit.name.get(locale)));
    marks.chain([(framed(you([12, 13])), AboutText::You.get(locale))]).collect()
}

/// Returns the result of each case: its classes and the text.
pub fn verdicts(locale: Locale) -> Vec<(String, String)> {
    let text = |case: MapCase| {
        let votes = case.votes();
        let list: Vec<_> =
            votes.iter().map(|(mysfit, count)| format!("{} {count}", mysfit.name.get(locale))).collect();
        let winner = votes.first().map_or("", |(mysfit, _)| mysfit.name.get(locale));
        let (text, k) = (if case.k() == 1 { AboutText::OneVotes } else { AboutText::SomeVote }, case.k());
        let values = [("k", &*k.to_string()), ("votes", &list.join(", ")), ("name", winner)];
        (format!("case {}", case.class()), interpolate(text.get(locale), &values))
    };
    cases().into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn winners(place: usize) -> Vec<&'static str> {
        cases().iter().filter(|case| case.place == place).map(|case| case.votes()[0].0.slug).collect()
    }

    #[test]
    fn at_the_first_place_each_k_has_another_winner() {
        assert_eq!(winners(0), ["gary", "hasla", "coco"]);
    }

    #[test]
    fn at_the_other_places_all_agree() {
        assert_eq!([1, 2, 3].map(winners), [["coco"; 3], ["gary"; 3], ["hasla"; 3]]);
    }

    #[test]
    fn every_case_has_a_rule_a_drawing_and_a_text() {
        let (rules, picture) = (rules(), picture(Locale::En));
        let texts = verdicts(Locale::En);
        assert_eq!(texts.len(), PLACES.len() * KS.len());
        for (class, text) in &texts {
            let class = class.strip_prefix("case ").expect("a class");
            assert_eq!(rules.matches(&format!(".{class}{{")).count(), 1, "{class}");
            assert_eq!(picture.matches(&format!(" {class}\"")).count(), 1, "{class}");
            assert!(!text.contains('{'), "{text}");
        }
        assert_eq!(texts.iter().map(|(class, _)| class).collect::<BTreeSet<_>>().len(), texts.len());
    }

    /// So that no mark covers another one.
    #[test]
    fn neighbours_do_not_overlap() {
        let all: Vec<_> = neighbours().into_iter().map(|(_, position)| position).collect();
        for (i, [x, y]) in all.iter().enumerate() {
            for [other_x, other_y] in &all[..i] {
                let (dx, dy) = (x.abs_diff(*other_x), y.abs_diff(*other_y));
                assert!(dx > 12 || dy > 12, "({x}, {y}) and ({other_x}, {other_y})");
            }
        }
    }
}
