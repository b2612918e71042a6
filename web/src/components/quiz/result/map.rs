//! The picture of the neighbours: the visitor in the middle, each neighbour at its distance, as the portrait of its mysfit.

use std::fmt::Write as _;

use leptos::prelude::*;
use mysfits_domain::Explanation;

use crate::{
    i18n::{DynamicText, Messages, one_decimal},
    state::card_by_id,
};

// Lengths are whole numbers in a picture that is 2,000 wide, with the visitor at 0, because formatting floats would need more
// code than the picture.

/// The radius of the neighbours with exactly the visitor's answers.
const INNER_RADIUS: f32 = 420.0;
/// The radius of the farthest neighbour.
const OUTER_RADIUS: f32 = 860.0;
/// A distance that fills the picture even if all neighbours are nearer.
const MIN_RANGE: f32 = 2.0;
/// The radius of a portrait, and the part of the inner circle that `k` portraits share.
const MAX_PORTRAIT: usize = 130;
const PORTRAITS_ROUND: usize = 1_250;

/// The picture, or nothing if the service does not say for which mysfit each neighbour votes.
#[component]
pub fn NeighbourMap(explanation: Explanation, messages: Messages) -> impl IntoView {
    let Explanation { distances, neighbours, .. } = explanation;
    let cards = neighbours.into_iter().map(card_by_id);
    let dots: Vec<_> = distances.into_iter().zip(cards).collect();
    let names = dots.iter().map(|(distance, card)| [&*card.name, " ", &one_decimal(*distance)].concat());
    let label = messages.format(DynamicText::MapLabel, &[("list", &names.collect::<Vec<_>>().join(", "))]);
    let places: Vec<_> = dots.iter().map(|(distance, card)| (*distance, &*card.portrait)).collect();
    let picture = svg(&places, messages.get(DynamicText::You));
    (!dots.is_empty()).then(|| {
        view! {
            <figure class="neighbours" data-testid="map">
                <div role="img" aria-label=label inner_html=picture></div>
                <figcaption>{messages.get(DynamicText::MapCaption)}</figcaption>
            </figure>
        }
    })
}

/// Returns the picture of neighbours, given by distance and portrait, nearest first. A text, because views would add more code.
fn svg(neighbours: &[(f32, &str)], you: &str) -> String {
    let k = neighbours.len().max(1);
    let size = (PORTRAITS_ROUND / k).clamp(1, MAX_PORTRAIT);
    let range = neighbours.iter().fold(MIN_RANGE, |range, (distance, _)| range.max(*distance));
    let (mut rings, mut dots, mut last) = (String::new(), String::new(), 0);
    for (i, (distance, portrait)) in neighbours.iter().enumerate() {
        let radius = (INNER_RADIUS + (OUTER_RADIUS - INNER_RADIUS) * distance / range) as usize;
        if radius != last {
            // Writing to a String cannot fail.
            let _ = write!(rings, "<circle class=\"ring\" r=\"{radius}\"/>");
            last = radius;
        }
        // Each has a direction of its own, so that no two overlap.
        let angle = i * 360 / k;
        let _ = write!(
            dots,
            "<g class=\"dot\" transform=\"rotate({angle})translate(0 -{radius})rotate(-{angle})\"><image \
             href=\"{portrait}\" x=\"-{size}\" y=\"-{size}\" width=\"{0}\" height=\"{0}\" \
             clip-path=\"url(#neighbour)\"/><circle r=\"{size}\"/></g>",
            2 * size
        );
    }
    format!(
        "<svg viewBox=\"-1000 -1000 2000 2000\" aria-hidden=\"true\"><clipPath id=\"neighbour\"><circle \
         r=\"{size}\"/></clipPath>{rings}<circle class=\"you\" r=\"190\"/><text dy=\".35em\">{you}</text>{dots}</svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_as_far_from_the_middle_as_their_answers() {
        let picture = svg(&[(0.0, "/a.svg"), (1.0, "/a.svg"), (1.0, "/b.svg"), (2.0, "/a.svg")], "You");
        for (ring, neighbours) in [(420, 1), (640, 2), (860, 1)] {
            assert_eq!(picture.matches(&format!("class=\"ring\" r=\"{ring}\"")).count(), 1, "{picture}");
            assert_eq!(picture.matches(&format!("translate(0 -{ring})")).count(), neighbours, "{picture}");
        }
        assert_eq!((picture.matches("/a.svg").count(), picture.matches("/b.svg").count()), (3, 1));
        for angle in [0, 90, 180, 270] {
            assert!(picture.contains(&format!("rotate({angle})translate")), "{angle}: {picture}");
        }
    }

    #[test]
    fn far_and_many_neighbours_stay_within_the_picture() {
        let many: Vec<_> = (0..100).map(|i| (i as f32 / 10.0, "/a.svg")).collect();
        let picture = svg(&many, "You");
        assert!(picture.contains("translate(0 -860)") && !picture.contains("translate(0 -9"), "{picture}");
        assert!(picture.contains("r=\"12\""), "smaller portraits: {picture}");
        assert!(svg(&[], "You").contains("You"));
    }
}
