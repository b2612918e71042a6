//! What the dialog shows while the entry is on its way.

use leptos::prelude::*;

use super::Quiz;
use crate::words::{Spoken, Voice};

/// Somebody is being asked. If it takes long, the visitor need not wait.
#[component]
pub fn WaitingPanel(
    /// It takes longer than usual.
    slow: bool,
    /// What the code says.
    voice: Voice,
    /// The state.
    quiz: Quiz,
) -> impl IntoView {
    let hint = if slow { Spoken::WaitingLong } else { Spoken::WaitingHint };
    view! {
        <section class="panel" data-testid="waiting" data-slow=slow.then_some("")>
            <div class="spinner" aria-hidden="true"></div>
            <h3 tabindex="-1" data-takes-focus>{voice.say(Spoken::Waiting)}</h3>
            <p role="status">{voice.say(hint)}</p>
            <div class="actions">
                {slow.then(|| view! { <AskTable voice quiz/> })}
                <button type="button" class="quiet" data-testid="back" on:click=move |_| quiz.review()>
                    {voice.say(Spoken::BackToAnswers)}
                </button>
            </div>
        </section>
    }
}

/// The way to an answer without the service.
#[component]
pub fn AskTable(
    /// What the code says.
    voice: Voice,
    /// The state.
    quiz: Quiz,
) -> impl IntoView {
    view! {
        <button type="button" class="button" data-testid="ask-table" on:click=move |_| quiz.ask_table()>
            {voice.say(Spoken::AskTable)}
        </button>
    }
}
