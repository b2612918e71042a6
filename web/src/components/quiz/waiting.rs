//! The panel while a request is sent.

use leptos::prelude::*;

use crate::{
    i18n::{DynamicText, Messages},
    state::Quiz,
};

/// The panel. If the request takes long, it offers the decision table.
#[component]
pub fn WaitingPanel(
    /// Whether the request takes longer than usual.
    slow: bool,
    messages: Messages,
    quiz: Quiz,
) -> impl IntoView {
    let hint = if slow { DynamicText::WaitingLong } else { DynamicText::WaitingHint };
    view! {
        <section class="panel" data-testid="waiting" data-slow=slow.then_some("")>
            <div class="spinner" aria-hidden="true"></div>
            <h3 tabindex="-1" data-takes-focus>{messages.get(DynamicText::Waiting)}</h3>
            <p role="status">{messages.get(hint)}</p>
            <div class="actions">
                {slow.then(|| view! { <AskDecisionTable messages quiz/> })}
                <button type="button" class="quiet" data-testid="back" on:click=move |_| quiz.review()>
                    {messages.get(DynamicText::BackToAnswers)}
                </button>
            </div>
        </section>
    }
}

/// The button that uses the decision table instead of the service.
#[component]
fn AskDecisionTable(messages: Messages, quiz: Quiz) -> impl IntoView {
    view! {
        <button type="button" class="button" data-testid="ask-table" on:click=move |_| quiz.ask_decision_table()>
            {messages.get(DynamicText::AskDecisionTable)}
        </button>
    }
}
