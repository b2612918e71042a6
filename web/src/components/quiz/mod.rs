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
    use mysfits_domain::Locale;

    use super::{failure::FailurePanel, waiting::WaitingPanel};
    use crate::{
        api::recommendations::RecommendationError,
        i18n::{DynamicText, Messages},
        state::{ConfigStore, Quiz},
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
            RecommendationError::Refused,
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
    fn a_slow_request_offers_the_decision_table() {
        let waiting = |slow| {
            rendered(
                move || view! { <WaitingPanel slow messages=Messages::new(Locale::Ko) quiz=Quiz::new(ConfigStore::new())/> },
            )
        };
        assert!(!waiting(false).contains("ask-table"));
        assert!(waiting(true).contains("ask-table") && waiting(true).contains("data-slow"));
    }
}
