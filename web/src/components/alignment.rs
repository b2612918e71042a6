//! A mysfit's alignment: a face, and words.

use leptos::prelude::*;
use mysfits_domain::{Alignment, GoodEvil, LawChaos, Locale};

use crate::i18n::{StaticText, alignment_text};

/// The head of every face, 20 units wide.
const HEAD: &str = "M3.5 11.5a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0z";

/// An alignment: a face with a halo, with horns or with neither, in the colour of good and evil, and the words. The colour follows
/// the attribute `data-good-evil` of an element around it. Static HTML.
#[component]
pub fn AlignmentTag(alignment: Alignment, locale: Locale) -> impl IntoView {
    let features = match alignment.good_evil {
        GoodEvil::Good => {
            "M5.5 2.6a4.5 1.6 0 1 0 9 0a4.5 1.6 0 1 0-9 0zM7.4 10.2v.1M12.6 10.2v.1M7 13q3 2.8 6 0"
        }
        GoodEvil::Neutral => "M7.4 10.2v.1M12.6 10.2v.1M7.4 13.8h5.2",
        GoodEvil::Evil => {
            "M4.4 8.2 2.6 2.2l5 3.2M15.6 8.2l1.8-6-5 3.2M6.4 9.4l2.4 1.1M13.6 9.4l-2.4 1.1M6.8 13q3.2 3 6.4 0"
        }
    };
    view! {
        <svg class="mood" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
            <path d=HEAD></path>
            <path d=features></path>
        </svg>
        <span>{alignment_text(alignment, locale)}</span>
    }
}

/// Returns what an alignment means.
pub fn alignment_meaning(alignment: Alignment, locale: Locale) -> String {
    let rules = match alignment.law_chaos {
        LawChaos::Lawful => StaticText::KeepsRules,
        LawChaos::Neutral => StaticText::BendsRules,
        LawChaos::Chaotic => StaticText::FollowsWhims,
    };
    let intent = match alignment.good_evil {
        GoodEvil::Good => StaticText::MeansWell,
        GoodEvil::Neutral => StaticText::TakesNoSide,
        GoodEvil::Evil => StaticText::MeansMischief,
    };
    [rules.get(locale), intent.get(locale)].join(" ")
}
