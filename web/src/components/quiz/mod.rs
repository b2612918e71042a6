//! The dialog with the questionnaire: the form, and panels in its place while a request is sent and for its outcome.

mod dialog;
mod failure;
mod form;
mod icon;
mod keys;
mod question;
mod result;
mod review;
mod waiting;

pub use dialog::QuizDialog;

/// Tests of the panels, rendered natively. They are here because the components are private.
#[cfg(test)]
mod tests {
    use leptos::prelude::*;
    use mysfits_domain::{Explanation, Locale, Vote, catalogue};

    use super::{failure::FailurePanel, result::ResultPanel, waiting::WaitingPanel};
    use crate::{
        api::recommendations::RecommendationError,
        i18n::{DynamicText, Messages},
        state::{ConfigStore, DecisionTableReason, Quiz, QuizResult, ResultSource},
    };

    fn rendered<V: IntoView>(view: impl FnOnce() -> V) -> String {
        Owner::new().with(|| view().into_view().to_html())
    }

    fn errors() -> [RecommendationError; 11] {
        [
            RecommendationError::NotConfigured,
            RecommendationError::NoService,
            RecommendationError::Unreachable,
            RecommendationError::Offline,
            RecommendationError::TimedOut,
            RecommendationError::Throttled { retry_after: Some(7) },
            RecommendationError::Busy { retry_after: None },
            RecommendationError::Refused { detail: Some("entry[2] <odd>".to_owned()) },
            RecommendationError::ServerError,
            RecommendationError::UnknownMysfit,
            RecommendationError::InvalidResponse,
        ]
    }

    #[test]
    fn every_error_has_its_own_text_and_buttons_to_retry_and_to_go_back() {
        for locale in Locale::ALL {
            let mut seen = std::collections::HashSet::new();
            for error in errors() {
                let kind = error.kind();
                let retry_after = error.retry_after();
                let html = rendered(
                    || view! { <FailurePanel error messages=Messages::new(locale) quiz=Quiz::new(ConfigStore::new())/> },
                );
                assert!(html.contains(&format!("data-kind=\"{kind}\"")), "{html}");
                assert!(html.contains("data-testid=\"retry\"") && html.contains("data-testid=\"back\""));
                assert!(html.contains(Messages::new(locale).get(DynamicText::AnswersKept)));
                let text = html.split("</h3>").nth(1).and_then(|rest| rest.split("</p>").next());
                assert!(
                    seen.insert(text.unwrap_or_default().to_owned()),
                    "{kind} has the text of another error"
                );
                assert_eq!(html.contains("data-testid=\"retry-after\""), retry_after.is_some(), "{kind}");
            }
        }
    }

    #[test]
    fn escapes_the_detail_of_a_refusal() {
        let error = RecommendationError::Refused { detail: Some("entry[2] <odd>".to_owned()) };
        let html = rendered(
            || view! { <FailurePanel error messages=Messages::new(Locale::En) quiz=Quiz::new(ConfigStore::new())/> },
        );
        assert!(html.contains("entry[2] &lt;odd&gt;"), "{html}");
    }

    #[test]
    fn a_slow_request_offers_the_decision_table() {
        let waiting = |slow| {
            rendered(
                move || view! { <WaitingPanel slow messages=Messages::new(Locale::Ko) quiz=Quiz::new(ConfigStore::new())/> },
            )
        };
        assert!(!waiting(false).contains("ask-table"));
        assert!(waiting(true).contains("ask-table") && waiting(true).contains("data-slow"));
    }

    fn result(source: ResultSource, locale: Locale) -> String {
        let result = QuizResult { mysfit: catalogue()[8].id, source };
        rendered(
            || view! { <ResultPanel result messages=Messages::new(locale) locale quiz=Quiz::new(ConfigStore::new())/> },
        )
    }

    #[test]
    fn shows_votes_as_bars_and_numbers() {
        let votes = [(8, 6), (0, 3), (10, 1)];
        let votes = votes.map(|(label, count): (usize, usize)| Vote { mysfit: catalogue()[label].id, count });
        let explanation = Explanation {
            backend: "model".to_owned(),
            k: 10,
            votes: votes.to_vec(),
            distances: vec![0.0, 1.0, 1.5],
        };
        for (locale, summary) in [(Locale::En, "6 of your 10 nearest"), (Locale::Ko, "이웃 10명 중 6명")]
        {
            let html = result(ResultSource::Neighbours(explanation.clone()), locale);
            assert!(html.contains(summary), "{html}");
            for width in ["width=\"60\"", "width=\"30\"", "width=\"10\""] {
                assert!(html.contains(width), "{width}: {html}");
            }
            assert_eq!(html.matches("data-testid=\"winner\"").count(), 1);
            assert_eq!(html.matches("data-testid=\"runner-up\"").count(), 2);
            assert!(html.contains("1.5"), "the farthest: {html}");
        }
    }

    #[test]
    fn every_source_has_its_own_text() {
        let reasons = [
            DecisionTableReason::Offline,
            DecisionTableReason::NoService,
            DecisionTableReason::Requested,
            DecisionTableReason::ServiceFailed,
        ];
        let sources = [ResultSource::Unexplained].into_iter().chain(reasons.map(ResultSource::DecisionTable));
        let mut seen = std::collections::HashSet::new();
        for source in sources {
            let name = source.name();
            let html = result(source.clone(), Locale::En);
            assert!(html.contains(&format!("data-source=\"{name}\"")), "{html}");
            let can_retry = source == ResultSource::DecisionTable(DecisionTableReason::ServiceFailed);
            assert_eq!(html.contains("data-testid=\"retry\""), can_retry, "{html}");
            let (_, why) = html.split_once("data-testid=\"why\"").expect("an explanation");
            assert!(seen.insert(why.to_owned()), "two sources have the same text");
        }
    }
}
