//! Mysfits that are alike in character.

use mysfits_domain::{GoodEvil, LawChaos, Mysfit, catalogue};

/// How many similar mysfits a profile shows.
const COUNT: usize = 3;

/// Returns the mysfits that are nearest to one in character, the nearest first: by steps on the two axes of the alignment, then by
/// the ratio of the ages.
pub fn similar_mysfits(mysfit: &Mysfit) -> Vec<&'static Mysfit> {
    let mut others: Vec<_> = catalogue().iter().filter(|other| other.id != mysfit.id).collect();
    // The sort is stable, so equal ones stay in label order.
    others.sort_by(|a, b| distance(mysfit, a).total_cmp(&distance(mysfit, b)));
    others.truncate(COUNT);
    others
}

/// Returns the distance of two characters. A factor of ten in age is a tenth of a step.
fn distance(a: &Mysfit, b: &Mysfit) -> f64 {
    let steps = step(&GoodEvil::ALL, a.alignment.good_evil, b.alignment.good_evil)
        + step(&LawChaos::ALL, a.alignment.law_chaos, b.alignment.law_chaos);
    let magnitude = |mysfit: &Mysfit| (mysfit.age as f64 + 1.0).log10();
    steps as f64 + (magnitude(a) - magnitude(b)).abs() / 10.0
}

/// Returns how far apart two values of an axis are.
fn step<T: PartialEq>(axis: &[T], a: T, b: T) -> usize {
    let position = |value: T| axis.iter().position(|it| *it == value).unwrap_or_default();
    position(a).abs_diff(position(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn similar_to(slug: &str) -> Vec<&'static str> {
        let mysfit = Mysfit::by_slug(slug).expect("a mysfit");
        similar_mysfits(mysfit).iter().map(|other| other.slug).collect()
    }

    #[test]
    fn the_same_alignment_comes_first_and_then_the_nearest_age() {
        // Both evil and neither lawful nor chaotic.
        assert_eq!(similar_to("gretta")[0], "snowflake");
        // Both good and chaotic.
        assert_eq!(similar_to("cole")[0], "coco");
        // Both truly neutral.
        assert_eq!(similar_to("nessi")[0], "atlantis");
    }

    #[test]
    fn every_mysfit_has_three_others() {
        for mysfit in catalogue() {
            let similar = similar_mysfits(mysfit);
            assert_eq!(similar.len(), COUNT);
            assert!(similar.iter().all(|other| other.id != mysfit.id));
        }
    }
}
