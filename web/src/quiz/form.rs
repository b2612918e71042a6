//! The form: five questions that never change, and a bar that does.

use leptos::prelude::*;
use mysfits_domain::{Entry, Locale, QUESTION_COUNT, questionnaire};

use super::{
    FORM_HEADING_ID,
    question::{Questions, field_id, option_id},
};
use crate::{
    Texts,
    answers::{Missing, answered, entry_from},
    browser,
    fixed::fixed,
};

/// The form's id.
pub const FORM_ID: &str = "quiz-form";

/// The form with all questions. Its radios belong to the browser; they are read when it is submitted.
#[component]
pub fn QuizForm(
    /// The language.
    locale: Locale,
    /// Called with a complete entry.
    submit: impl Fn(Entry) + 'static,
    /// Whether something else is shown in the form's place.
    hidden: Signal<bool>,
) -> impl IntoView {
    let texts = Texts::of(locale);
    let missing = RwSignal::new(None::<Missing>);
    let count = RwSignal::new(0);
    // False in the served page: a form sent before the code is here would leave the page.
    let ready = RwSignal::new(false);
    let chosen = |name: &str| browser::chosen(FORM_ID, name);
    let read = move || {
        count.set(answered(chosen));
        missing.update(|gap| *gap = gap.filter(|gap| entry_from(chosen) == Err(*gap)));
    };
    Effect::new(move |_| {
        read();
        ready.set(true);
    });
    Effect::new(move |_| mark(missing.get()));
    let on_submit = move || match entry_from(chosen) {
        Ok(entry) => submit(entry),
        Err(gap) => {
            missing.set(Some(gap));
            point_at(gap);
        }
    };
    // What is missing, or else how far the visitor has come.
    let progress = move || match missing.get() {
        Some(Missing(position)) => (texts.unanswered)(position + 1),
        None => (texts.answered)(count.get(), QUESTION_COUNT),
    };
    view! {
        <form
            id=FORM_ID
            class="quiz-form"
            novalidate
            autocomplete="off"
            data-testid="quiz-form"
            hidden=hidden
            on:submit=move |event| {
                event.prevent_default();
                on_submit();
            }
            on:change=move |_| read()
            on:reset=move |_| {
                count.set(0);
                missing.set(None);
            }
        >
            <div
                class="questions"
                inner_html=fixed(|| view! { <Questions locale heading_id=FORM_HEADING_ID/> })
            ></div>
            <div class="send">
                <p role="status" data-testid="progress" data-missing=move || missing.get().map(|_| "")>
                    {progress}
                </p>
                <button type="submit" class="button main" data-testid="submit" disabled=move || !ready.get()>
                    {texts.submit}
                </button>
            </div>
        </form>
    }
}

/// Brings the visitor to an unanswered question.
fn point_at(Missing(position): Missing) {
    if let Some(question) = questionnaire().get(position) {
        browser::focus(&option_id(question, 0));
        browser::reveal(&field_id(question));
    }
}

/// Marks the unanswered question, and no other.
fn mark(missing: Option<Missing>) {
    for (position, question) in questionnaire().iter().enumerate() {
        browser::mark(&field_id(question), "data-missing", missing == Some(Missing(position)));
    }
}
