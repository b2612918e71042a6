//! Which mysfits the visitor wants to see.
//!
//! What is shown is decided by the style sheet from the chosen radios, so that filters work before any code has
//! arrived; this is the same decision for what is spoken.

use mysfits_domain::{Alignment, GoodEvil, LawChaos, MysfitId};

/// One choice on each axis; none means all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// The moral axis.
    pub good_evil: Option<GoodEvil>,
    /// The orderly axis.
    pub law_chaos: Option<LawChaos>,
}

impl Filter {
    /// The name of the radios of the moral axis.
    pub const GOOD_EVIL: &str = "good-evil";
    /// The name of the radios of the orderly axis.
    pub const LAW_CHAOS: &str = "law-chaos";

    /// From the values of the chosen radios; anything that is not a value of its axis means all.
    #[must_use]
    pub fn from_values(good_evil: Option<&str>, law_chaos: Option<&str>) -> Self {
        Self {
            good_evil: good_evil.and_then(GoodEvil::by_name),
            law_chaos: law_chaos.and_then(LawChaos::by_name),
        }
    }

    /// Whether a mysfit of this alignment is shown.
    #[must_use]
    pub fn shows(&self, alignment: Alignment) -> bool {
        self.good_evil.is_none_or(|value| value == alignment.good_evil)
            && self.law_chaos.is_none_or(|value| value == alignment.law_chaos)
    }

    /// How many mysfits are shown.
    #[must_use]
    pub fn count(&self) -> usize {
        MysfitId::all().filter(|id| self.shows(id.alignment())).count()
    }
}

#[cfg(test)]
mod tests {
    use mysfits_domain::{MYSFIT_COUNT, catalogue};

    use super::*;

    #[test]
    fn without_a_choice_all_are_shown() {
        assert_eq!(Filter::default().count(), MYSFIT_COUNT);
        assert_eq!(Filter::from_values(Some(""), Some("nonsense")), Filter::default());
    }

    #[test]
    fn both_axes_must_agree() {
        let evil = Filter::from_values(Some("Evil"), None);
        assert_eq!(evil.count(), 4);
        let evil_and_chaotic = Filter::from_values(Some("Evil"), Some("Chaotic"));
        let names: Vec<_> =
            catalogue().iter().filter(|m| evil_and_chaotic.shows(m.alignment)).map(|m| m.name.en).collect();
        assert_eq!(names, ["Rujin"]);
    }

    /// The page has no words for an empty grid, and needs none.
    #[test]
    fn every_pair_of_choices_shows_somebody() {
        for good_evil in GoodEvil::ALL {
            for law_chaos in LawChaos::ALL {
                let filter = Filter { good_evil: Some(good_evil), law_chaos: Some(law_chaos) };
                assert!(filter.count() > 0, "{filter:?}");
            }
        }
    }
}
