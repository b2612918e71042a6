//! The filters by alignment and the order of the cards.
//!
//! The style sheet hides cards by the checked radio buttons, so filters work before the code has loaded. This module makes the
//! same decision for the count that is announced, sorts the cards, and keeps both choices in the query of the address:
//! `/?good-evil=Evil&sort=age`.

use mysfits_domain::{Alignment, GoodEvil, LawChaos, MysfitId};

use crate::browser;

/// The id of the form with the filters and the order.
pub const FILTERS_ID: &str = "filters";
/// The name of the control with the order.
pub const SORT: &str = "sort";
/// The orders after the default one: the values of [`SORT`]. A card has its position in each as `data-by-...`.
pub const SORT_BY_NAME: &str = "name";
pub const SORT_BY_AGE: &str = "age";
pub const SORT_BY_LIKES: &str = "likes";
/// The attribute of a card with its likes, once they are known.
pub const LIKES_ATTRIBUTE: &str = "data-by-likes";
/// The attribute of a card with its position in the default order.
const ARRIVAL_ATTRIBUTE: &str = "data-by-arrival";

/// The controls that the address holds.
const CONTROLS: [&str; 3] = [AlignmentFilter::GOOD_EVIL, AlignmentFilter::LAW_CHAOS, SORT];

/// Returns the id of a radio button or option by which it can be selected.
pub fn choice_id(control: &str, value: &str) -> String {
    [control, "-", value].concat()
}

/// Returns the value of a control of the form.
fn selected(control: &str) -> Option<String> {
    browser::form_value(FILTERS_ID, control)
}

/// Returns a query with the values of the controls that are not the default, or an empty text.
fn query(value_of: impl Fn(&str) -> Option<String>) -> String {
    let mut query = String::new();
    for control in CONTROLS {
        // Values are names. The address may hold anything.
        let is_name = |value: &String| !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphabetic());
        if let Some(value) = value_of(control).filter(is_name) {
            query += if query.is_empty() { "?" } else { "&" };
            query += &[control, "=", &value].concat();
        }
    }
    query
}

/// Returns an address of the home page with the filters of the current address.
pub fn with_filters(address: &str) -> String {
    let query = query(browser::query_parameter);
    match address.split_once('#') {
        Some((path, fragment)) => [path, &query, "#", fragment].concat(),
        None => [address, &query].concat(),
    }
}

/// Selects what the address says, unless the visitor selected something before the code had loaded.
pub fn restore_filters() {
    if query(selected).is_empty() {
        select_filters_of_address();
    }
}

/// Selects what the address says.
pub fn select_filters_of_address() {
    for control in CONTROLS {
        browser::select_choice(&choice_id(control, &browser::query_parameter(control).unwrap_or_default()));
    }
}

/// Puts the selected values into the address.
pub fn store_filters() {
    browser::replace_query(&query(selected));
}

/// Sorts the cards in the selected order.
pub fn sort_cards() {
    let value = selected(SORT).unwrap_or_default();
    let by = if value.is_empty() { ARRIVAL_ATTRIBUTE.to_owned() } else { ["data-by-", &value].concat() };
    browser::sort_by_attribute(".card", &by, value == SORT_BY_LIKES, ARRIVAL_ATTRIBUTE);
}

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

    /// Returns the selected filter.
    pub fn selected() -> Self {
        Self::from_values(selected(Self::GOOD_EVIL).as_deref(), selected(Self::LAW_CHAOS).as_deref())
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

    #[test]
    fn the_query_has_the_values_that_are_not_the_default() {
        let query_of = |values: [&str; 3]| {
            query(|control| {
                CONTROLS.iter().position(|it| *it == control).map(|position| values[position].to_owned())
            })
        };
        assert_eq!(query_of(["", "", ""]), "");
        assert_eq!(query_of(["Evil", "", "age"]), "?good-evil=Evil&sort=age");
        assert_eq!(query_of(["", "Chaotic", ""]), "?law-chaos=Chaotic");
        // From an address that another site may have made.
        assert_eq!(query_of(["a&b", "#quiz", "\""]), "");
        assert_eq!(query(|_| None), "");
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
