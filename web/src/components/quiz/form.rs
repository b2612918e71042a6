//! The form: progress, five questions, of which one is shown, the review, and the buttons.

use leptos::prelude::*;
use mysfits_domain::{FEATURES, Locale, QUESTION_COUNT};

use super::{question::QuestionContent, review::Review};
use crate::{
    browser,
    components::{footer::LoadError, static_html::static_html},
    i18n::{DynamicText, Messages, StaticText},
    state::{FORM_ID, Quiz, QuizStage, Stored, field_id},
};

/// The id of the text about the progress, which describes a question without an answer.
const STATUS_ID: &str = "quiz-status";

/// The form. No signal writes to its radio buttons, so an answer that was given before hydration is kept.
#[component]
pub fn QuizForm(locale: Locale, messages: Messages, quiz: Quiz) -> impl IntoView {
    let stage = quiz.stage;
    // False in the served HTML: a submission without the code would leave the page.
    let ready = RwSignal::new(false);
    // Whether the last input came from a pointer. The arrow keys select each option that they pass, so the form advances
    // automatically only after a pointer.
    let is_pointer = Stored::new(false);
    Effect::new(move |_| {
        quiz.start();
        ready.set(true);
    });
    move_focus(quiz);
    // An array, because leptos adds a comment after a list of unknown length.
    let fields = std::array::from_fn::<_, QUESTION_COUNT, _>(|question| {
        let feature = FEATURES[question];
        let is_shown = move || stage.with(|stage| *stage == QuizStage::Question(question));
        let is_skipped = move || is_shown() && quiz.skipped.get();
        view! {
            <fieldset
                id=field_id(feature)
                class="question"
                role="radiogroup"
                data-testid="question"
                data-feature=feature
                data-skipped=move || is_skipped().then_some("")
                aria-invalid=move || is_skipped().then_some("true")
                aria-describedby=move || is_skipped().then_some(STATUS_ID)
                hidden=move || !is_shown()
                inner_html=static_html(|| view! { <QuestionContent question locale/> })
            ></fieldset>
        }
    });
    view! {
        <form
            id=FORM_ID
            class="quiz-form"
            novalidate
            autocomplete="off"
            data-testid="quiz-form"
            hidden=move || !stage.with(QuizStage::is_form)
            on:submit=move |event| {
                event.prevent_default();
                quiz.next();
            }
            on:change=move |_| quiz.read_form()
            on:pointerdown=move |_| is_pointer.set(true)
            on:keydown=move |_| is_pointer.set(false)
            on:click=move |event| {
                if is_pointer.get() && browser::is_click_on_radio(&event) {
                    quiz.auto_advance();
                }
            }
        >
            <Progress quiz messages/>
            <div class="questions">
                <p class="intro" inner_html=static_html(|| StaticText::QuizIntro.get(locale))></p>
                {fields}
                <Review locale quiz/>
                <p class="keys" inner_html=static_html(|| StaticText::QuizKeys.get(locale))></p>
            </div>
            <div
                class="load-error"
                data-load-error
                role="alert"
                hidden
                inner_html=static_html(|| view! { <LoadError locale/> })
            ></div>
            <div class="send">
                <button
                    type="button"
                    class="button"
                    data-testid="previous"
                    disabled=move || stage.with(|stage| *stage == QuizStage::Question(0))
                    on:click=move |_| quiz.previous()
                    inner_html=static_html(|| StaticText::Previous.get(locale))
                ></button>
                <button
                    type="submit"
                    class="button main"
                    data-testid=move || Some(if is_review(stage) { "submit" } else { "next" })
                    disabled=move || !ready.get()
                    inner_html=move || messages.get(if is_review(stage) { DynamicText::Submit } else { DynamicText::Next })
                ></button>
            </div>
        </form>
    }
}

fn is_review(stage: RwSignal<QuizStage>) -> bool {
    stage.with(|stage| *stage == QuizStage::Review)
}

/// The progress as a bar with a segment for each question, and as text. The text also says that an answer is missing.
#[component]
fn Progress(quiz: Quiz, messages: Messages) -> impl IntoView {
    let n_answered = move || quiz.answers.get().count().to_string();
    let text = move || {
        let of = QUESTION_COUNT.to_string();
        match quiz.stage.get() {
            QuizStage::Question(_) if quiz.skipped.get() => messages.get(DynamicText::Skipped).to_owned(),
            QuizStage::Question(_) => {
                messages.format(DynamicText::Progress, &[("answered", &n_answered()), ("of", &of)])
            }
            _ => messages.get(DynamicText::AllAnswered).to_owned(),
        }
    };
    view! {
        <div class="progress">
            <progress max=QUESTION_COUNT.to_string() value=n_answered aria-hidden="true"></progress>
            <p
                id=STATUS_ID
                role="status"
                data-testid="progress"
                data-skipped=move || quiz.skipped.get().then_some("")
                inner_html=text
            ></p>
        </div>
    }
}

/// Moves the focus to the question or the review that is shown next.
fn move_focus(quiz: Quiz) {
    Effect::new(move |before: Option<QuizStage>| {
        let stage = quiz.stage.get();
        // Not at the start, and not without a change.
        if stage.is_form() && before.is_some_and(|before| before != stage) {
            quiz.focus();
        }
        stage
    });
}
