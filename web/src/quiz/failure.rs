//! What the dialog shows when nobody was found.

use leptos::prelude::*;

use super::{Quiz, waiting::AskTable};
use crate::{
    exchange::Failure,
    words::{Spoken, Voice},
};

/// A failure in friendly words, with the ways on; the answers are kept whichever is taken.
#[component]
pub fn FailurePanel(
    /// What went wrong.
    failure: Failure,
    /// What the code says.
    voice: Voice,
    /// The state.
    quiz: Quiz,
) -> impl IntoView {
    let kind = failure.kind();
    let wait = failure.retry_after().map(|seconds| {
        let words = voice.fill(Spoken::RetryAfter, &[("seconds", &seconds.to_string())]);
        view! { <p data-testid="retry-after">{words}</p> }
    });
    let detail = failure.detail().map(str::to_owned);
    // The table would say the same of answers that were refused, and is not there when it is the last that failed.
    let can_ask_table = !matches!(failure, Failure::Refused { .. } | Failure::Offline | Failure::NobodyToAsk);
    view! {
        <section class="panel failure" data-testid="failure" data-kind=kind>
            <h3 tabindex="-1" data-takes-focus>{voice.say(Spoken::Failed)}</h3>
            <p>{voice.say(words(&failure))}</p>
            {detail.map(|detail| view! { <blockquote lang="en" data-testid="detail">{detail}</blockquote> })}
            {wait}
            <p class="kept">{voice.say(Spoken::AnswersKept)}</p>
            <div class="actions">
                <button type="button" class="button main" data-testid="retry" on:click=move |_| quiz.send()>
                    {voice.say(Spoken::Retry)}
                </button>
                {can_ask_table.then(|| view! { <AskTable voice quiz/> })}
                <button type="button" class="quiet" data-testid="back" on:click=move |_| quiz.review()>
                    {voice.say(Spoken::BackToAnswers)}
                </button>
            </div>
        </section>
    }
}

/// What the visitor is told about a failure.
const fn words(failure: &Failure) -> Spoken {
    match failure {
        Failure::NotConfigured => Spoken::NotConfigured,
        Failure::NobodyToAsk => Spoken::NobodyToAsk,
        Failure::Away => Spoken::Away,
        Failure::Offline => Spoken::Offline,
        Failure::TimedOut => Spoken::TimedOut,
        Failure::Throttled { .. } => Spoken::Throttled,
        Failure::Busy { .. } => Spoken::Busy,
        Failure::Refused { .. } => Spoken::Refused,
        Failure::Broken => Spoken::Broken,
        Failure::UnknownMysfit => Spoken::UnknownMysfit,
        Failure::Unreadable => Spoken::Unreadable,
    }
}
