//! Feedback on the result, where the site has a service for it.

use leptos::prelude::*;
use mysfits_domain::{Entry, MysfitId};

use crate::{
    browser,
    i18n::{DynamicText, Messages},
    state::{Quiz, is_feedback_sent},
};

/// The state of the feedback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FeedbackStage {
    /// The site has no service for feedback, as far as is known.
    Unavailable,
    Ready,
    Sending,
    Sent,
    Failed,
}

/// Two buttons, which send whether the mysfit suits the visitor. Shown where feedback is configured; sent once.
#[component]
pub fn FeedbackButtons(
    entry: Entry,
    mysfit: MysfitId,
    name: String,
    messages: Messages,
    quiz: Quiz,
) -> impl IntoView {
    let stage = RwSignal::new(FeedbackStage::Unavailable);
    browser::spawn(async move {
        if quiz.has_feedback().await {
            let sent = is_feedback_sent(entry);
            stage.try_set(if sent { FeedbackStage::Sent } else { FeedbackStage::Ready });
        }
    });
    let send = move |suits| {
        stage.set(FeedbackStage::Sending);
        browser::spawn(async move {
            let has_arrived = quiz.send_feedback(entry, mysfit, suits).await;
            stage.try_set(if has_arrived { FeedbackStage::Sent } else { FeedbackStage::Failed });
        });
    };
    let is_busy = move || stage.get() == FeedbackStage::Sending;
    let is_sent = move || stage.get() == FeedbackStage::Sent;
    let note = move || match stage.get() {
        FeedbackStage::Sending => messages.get(DynamicText::Sending),
        FeedbackStage::Sent => messages.get(DynamicText::FeedbackSent),
        FeedbackStage::Failed => messages.get(DynamicText::ActionFailed),
        _ => "",
    };
    view! {
        <section class="feedback" data-testid="feedback" hidden=move || stage.get() == FeedbackStage::Unavailable>
            <div hidden=is_sent>
                <h4>{messages.format(DynamicText::FeedbackQuestion, &[("name", &name)])}</h4>
                <button
                    type="button"
                    class="button"
                    data-testid="suits"
                    disabled=is_busy
                    on:click=move |_| send(true)
                >
                    {messages.get(DynamicText::FeedbackYes)}
                </button>
                " "
                <button
                    type="button"
                    class="button"
                    data-testid="suits-not"
                    disabled=is_busy
                    on:click=move |_| send(false)
                >
                    {messages.get(DynamicText::FeedbackNo)}
                </button>
                <p class="hint">{messages.get(DynamicText::FeedbackHint)}</p>
            </div>
            <p role="status" data-testid="feedback-note">{note}</p>
        </section>
    }
}
