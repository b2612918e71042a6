//! Feedback on the result, where the site has a service for it.

use leptos::prelude::*;
use mysfits_domain::{Entry, MysfitId};

use crate::{
    browser,
    i18n::{DynamicText, Messages},
    state::{Quiz, is_feedback_sent},
};

/// Two buttons, which send whether the mysfit suits the visitor. Shown where feedback is configured; sent once.
#[component]
pub fn FeedbackButtons(
    entry: Entry,
    mysfit: MysfitId,
    name: String,
    messages: Messages,
    quiz: Quiz,
) -> impl IntoView {
    let is_shown = RwSignal::new(false);
    let is_sending = RwSignal::new(false);
    let is_sent = RwSignal::new(false);
    let note = RwSignal::new(String::new());
    let show = move |text| {
        note.try_set(messages.get(text).to_owned());
    };
    let mark_sent = move || {
        is_sent.try_set(true);
        show(DynamicText::FeedbackSent);
    };
    browser::spawn(async move {
        if quiz.has_feedback().await {
            if is_feedback_sent(entry) {
                mark_sent();
            }
            is_shown.try_set(true);
        }
    });
    let button = move |suits: bool, test_id: &'static str, label| {
        let send = move |_| {
            is_sending.set(true);
            show(DynamicText::Sending);
            browser::spawn(async move {
                if quiz.send_feedback(entry, mysfit, suits).await {
                    mark_sent();
                } else {
                    show(DynamicText::ActionFailed);
                }
                is_sending.try_set(false);
            });
        };
        view! {
            <button
                type="button"
                class="button"
                data-testid=test_id
                disabled=move || is_sending.get()
                on:click=send
            >
                {messages.get(label)}
            </button>
        }
    };
    view! {
        <section class="feedback" data-testid="feedback" hidden=move || !is_shown.get()>
            <div hidden=move || is_sent.get()>
                <h4>{messages.format(DynamicText::FeedbackQuestion, &[("name", &name)])}</h4>
                {button(true, "suits", DynamicText::FeedbackYes)} " "
                {button(false, "suits-not", DynamicText::FeedbackNo)}
                <p class="hint">{messages.get(DynamicText::FeedbackHint)}</p>
            </div>
            <p role="status" data-testid="feedback-note" inner_html=move || note.get()></p>
        </section>
    }
}
