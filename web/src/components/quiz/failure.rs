//! The panel for errors.

use leptos::prelude::*;

use crate::{
    api::recommendations::RecommendationError,
    i18n::{DynamicText, Messages},
    state::Quiz,
};

/// An error in friendly words, with buttons to retry or to return to the answers. The decision table was not available either.
#[component]
pub fn FailurePanel(error: RecommendationError, messages: Messages, quiz: Quiz) -> impl IntoView {
    let kind = error.kind();
    let wait = error.retry_after().map(|seconds| {
        let text = messages.format(DynamicText::RetryAfter, &[("seconds", &seconds.to_string())]);
        view! { <p data-testid="retry-after">{text}</p> }
    });
    view! {
        <section class="panel failure" data-testid="failure" data-kind=kind>
            <h3 tabindex="-1" data-takes-focus>{messages.get(DynamicText::Failed)}</h3>
            <p role="alert">{messages.get(text(&error))}</p>
            {wait}
            <p class="kept">{messages.get(DynamicText::AnswersKept)}</p>
            <div class="actions">
                <button type="button" class="button main" data-testid="retry" on:click=move |_| quiz.send()>
                    {messages.get(DynamicText::Retry)}
                </button>
                <button type="button" class="quiet" data-testid="back" on:click=move |_| quiz.review()>
                    {messages.get(DynamicText::BackToAnswers)}
                </button>
            </div>
        </section>
    }
}

const fn text(error: &RecommendationError) -> DynamicText {
    match error {
        RecommendationError::NotConfigured => DynamicText::NotConfigured,
        RecommendationError::NoService => DynamicText::NoService,
        RecommendationError::Unreachable => DynamicText::Unreachable,
        RecommendationError::Offline => DynamicText::Offline,
        RecommendationError::TimedOut => DynamicText::TimedOut,
        RecommendationError::Throttled { .. } => DynamicText::Throttled,
        RecommendationError::Busy { .. } => DynamicText::Busy,
        RecommendationError::Refused => DynamicText::Refused,
        RecommendationError::ServerError => DynamicText::ServerError,
        RecommendationError::UnknownMysfit => DynamicText::UnknownMysfit,
        RecommendationError::InvalidResponse => DynamicText::InvalidResponse,
    }
}
