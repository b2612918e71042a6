//! The filter by alignment.
//!
//! The style sheet hides cards by the checked radio buttons, so filters work before the code has loaded. This module makes the
//! same decision for the count that is announced.

use mysfits_domain::{Alignment, GoodEvil, LawChaos, MysfitId};

/// The selected value of each axis; `None` means all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AlignmentFilter {
    pub good_evil: Option<GoodEvil>,
    pub law_chaos: Option<LawChaos>,
}

impl AlignmentFilter {
    /// The name of the radio buttons of the good-evil axis.
    pub const GOOD_EVIL: &str = "good-evil";
    /// The name of the radio buttons of the law-chaos axis.
    pub const LAW_CHAOS: &str = "law-chaos";

    /// Returns the filter for the values of the checked radio buttons; an unknown value means all.
    #[must_use]
    pub fn from_values(good_evil: Option<&str>, law_chaos: Option<&str>) -> Self {
        Self {
            good_evil: good_evil.and_then(|name| name.parse().ok()),
            law_chaos: law_chaos.and_then(|name| name.parse().ok()),
        }
    }

    /// Returns whether mysfits of this alignment are shown.
    #[must_use]
    pub fn shows(self, alignment: Alignment) -> bool {
        self.good_evil.is_none_or(|value| value == alignment.good_evil)
            && self.law_chaos.is_none_or(|value| value == alignment.law_chaos)
    }

    /// Returns the number of mysfits that are shown.
    #[must_use]
    pub fn count(self) -> usize {
        MysfitId::all().filter(|id| self.shows(id.alignment())).count()
    }
}

#[cfg(test)]
mod tests {
    use mysfits_domain::{MYSFIT_COUNT, catalogue};

    use super::*;

    #[test]
    fn shows_all_by_default() {
        assert_eq!(AlignmentFilter::default().count(), MYSFIT_COUNT);
        assert_eq!(AlignmentFilter::from_values(Some(""), Some("nonsense")), AlignmentFilter::default());
    }

    #[test]
    fn both_axes_must_match() {
        let evil = AlignmentFilter::from_values(Some("Evil"), None);
        assert_eq!(evil.count(), 4);
        let evil_and_chaotic = AlignmentFilter::from_values(Some("Evil"), Some("Chaotic"));
        let names: Vec<_> =
            catalogue().iter().filter(|m| evil_and_chaotic.shows(m.alignment)).map(|m| m.name.en).collect();
        assert_eq!(names, ["Rujin"]);
    }

    /// The page has no text for an empty grid.
    #[test]
    fn every_filter_shows_a_mysfit() {
        for good_evil in GoodEvil::ALL {
            for law_chaos in LawChaos::ALL {
                let filter = AlignmentFilter { good_evil: Some(good_evil), law_chaos: Some(law_chaos) };
                assert!(filter.count() > 0, "{filter:?}");
            }
        }
    }
}
