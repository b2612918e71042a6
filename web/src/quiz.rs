//! The questionnaire: one question at a time, a review, one request, and either a mysfit or a failure that loses nothing.
//!
//! The dialog is in one [`Stage`] at a time. The form stays in the document through all of them, so whatever happens,
//! the answers are still there. Nothing is sent before all five are given and the visitor asks for it.

mod dialog;
mod failure;
mod form;
mod question;
mod result;
mod review;
mod state;
mod waiting;

pub use dialog::QuizDialog;
pub use state::Quiz;

use crate::{exchange::Failure, explanation::Explanation};
use mysfits_domain::MysfitId;

/// The id of the questionnaire's dialog.
pub const QUIZ_ID: &str = "quiz";
/// The id of the form in it.
pub const FORM_ID: &str = "quiz-form";

/// How far the visitor has come.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// Before a question, counted from 0.
    Asking(usize),
    /// Before the five answers, which can still be changed.
    Review,
    /// The entry is on its way.
    Waiting {
        /// It takes longer than usual.
        slow: bool,
    },
    /// Somebody was found.
    Met(Met),
    /// Nobody was.
    Failed(Failure),
}

impl Stage {
    /// Whether the form is shown.
    pub fn is_form(&self) -> bool {
        matches!(self, Self::Asking(_) | Self::Review)
    }
}

/// Who was found, and by whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Met {
    /// Who.
    pub mysfit: MysfitId,
    /// What speaks for it.
    pub why: Why,
}

/// What speaks for an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    /// The neighbours' votes.
    Neighbours(Explanation),
    /// The service did not say.
    Unsaid,
    /// The decision table, and why it was asked.
    Table(TableReason),
}

/// Why the decision table was asked instead of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableReason {
    /// There is no network.
    Offline,
    /// The site has no service to ask.
    NobodyToAsk,
    /// The visitor did not want to wait, or to try again.
    Wanted,
}

impl Why {
    /// Where the answer comes from, for tests and styles.
    pub const fn source(&self) -> &'static str {
        match self {
            Self::Neighbours(_) => "neighbours",
            Self::Unsaid => "service",
            Self::Table(_) => "table",
        }
    }
}

/// What is shown in the form's place, rendered natively; the components are private, so their tests are here.
#[cfg(test)]
mod tests {
    use leptos::prelude::*;
    use mysfits_domain::{Locale, catalogue};

    use super::{failure::FailurePanel, result::ResultPanel, waiting::WaitingPanel, *};
    use crate::{
        explanation::Vote,
        settings::Settings,
        words::{Spoken, Voice},
    };

    fn rendered<V: IntoView>(view: impl FnOnce() -> V) -> String {
        Owner::new().with(|| view().into_view().to_html())
    }

    fn failures() -> [Failure; 11] {
        [
            Failure::NotConfigured,
            Failure::NobodyToAsk,
            Failure::Away,
            Failure::Offline,
            Failure::TimedOut,
            Failure::Throttled { retry_after: Some(7) },
            Failure::Busy { retry_after: None },
            Failure::Refused { detail: Some("entry[2] <odd>".to_owned()) },
            Failure::Broken,
            Failure::UnknownMysfit,
            Failure::Unreadable,
        ]
    }

    #[test]
    fn every_failure_has_words_of_its_own_a_retry_and_a_way_back() {
        for locale in Locale::ALL {
            let mut seen = std::collections::HashSet::new();
            for failure in failures() {
                let kind = failure.kind();
                let retry_after = failure.retry_after();
                let html = rendered(
                    || view! { <FailurePanel failure voice=Voice::of(locale) quiz=Quiz::new(Settings::new())/> },
                );
                assert!(html.contains(&format!("data-kind=\"{kind}\"")), "{html}");
                assert!(html.contains("data-testid=\"retry\"") && html.contains("data-testid=\"back\""));
                assert!(html.contains(Voice::of(locale).say(Spoken::AnswersKept)));
                let words = html.split("</h3>").nth(1).and_then(|rest| rest.split("</p>").next());
                assert!(seen.insert(words.unwrap_or_default().to_owned()), "{kind} says what another says");
                assert_eq!(html.contains("data-testid=\"retry-after\""), retry_after.is_some(), "{kind}");
            }
        }
    }

    /// What a service says is text and never markup.
    #[test]
    fn the_detail_of_a_refusal_is_escaped() {
        let failure = Failure::Refused { detail: Some("entry[2] <odd>".to_owned()) };
        let html = rendered(
            || view! { <FailurePanel failure voice=Voice::of(Locale::En) quiz=Quiz::new(Settings::new())/> },
        );
        assert!(html.contains("entry[2] &lt;odd&gt;"), "{html}");
    }

    #[test]
    fn who_waits_long_is_offered_an_answer_without_asking() {
        let waiting = |slow| {
            rendered(
                move || view! { <WaitingPanel slow voice=Voice::of(Locale::Ko) quiz=Quiz::new(Settings::new())/> },
            )
        };
        assert!(!waiting(false).contains("ask-table"));
        assert!(waiting(true).contains("ask-table") && waiting(true).contains("data-slow"));
    }

    fn result(why: Why, locale: Locale) -> String {
        let met = Met { mysfit: catalogue()[8].id, why };
        rendered(
            || view! { <ResultPanel met voice=Voice::of(locale) locale quiz=Quiz::new(Settings::new())/> },
        )
    }

    #[test]
    fn the_votes_are_a_picture_and_numbers() {
        let votes = [(8, 6), (0, 3), (10, 1)];
        let votes = votes.map(|(label, count): (usize, u32)| Vote { mysfit: catalogue()[label].id, count });
        let explanation = Explanation { k: 10, votes: votes.to_vec(), distances: vec![0.0, 1.0, 1.5] };
        for (locale, sure) in [(Locale::En, "6 of your 10 nearest"), (Locale::Ko, "이웃 10명 중 6명")] {
            let html = result(Why::Neighbours(explanation.clone()), locale);
            assert!(html.contains(sure), "{html}");
            for width in ["width=\"60\"", "width=\"30\"", "width=\"10\""] {
                assert!(html.contains(width), "{width}: {html}");
            }
            assert_eq!(html.matches("data-testid=\"winner\"").count(), 1);
            assert_eq!(html.matches("data-testid=\"runner-up\"").count(), 2);
            assert!(html.contains("1.5"), "the farthest: {html}");
        }
    }

    #[test]
    fn every_source_of_an_answer_is_named() {
        let reasons = [TableReason::Offline, TableReason::NobodyToAsk, TableReason::Wanted];
        let sources = [Why::Unsaid].into_iter().chain(reasons.map(Why::Table));
        let mut seen = std::collections::HashSet::new();
        for why in sources {
            let source = why.source();
            let html = result(why, Locale::En);
            assert!(html.contains(&format!("data-source=\"{source}\"")), "{html}");
            let (_, why) = html.split_once("data-testid=\"why\"").expect("a reason");
            assert!(seen.insert(why.to_owned()), "two sources are told by the same words");
        }
    }
}
