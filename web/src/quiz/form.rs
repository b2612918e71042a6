//! The form: five questions, of which one is shown, the review, and the bar with the way on.

use leptos::prelude::*;
use mysfits_domain::{FEATURES, Locale, QUESTION_COUNT};

use super::{
    FORM_ID, Quiz, Stage,
    question::{QuestionContent, field_id},
    review::Review,
};
use crate::{
    browser,
    fixed::fixed,
    footer::LoadError,
    kept::Kept,
    words::{Spoken, Voice, Written},
};

/// The form. Its radios belong to the browser: no signal writes to them, so an answer that was chosen before the code
/// arrived survives hydration.
#[component]
pub fn QuizForm(
    /// The language.
    locale: Locale,
    /// What the code says.
    voice: Voice,
    /// The state.
    quiz: Quiz,
) -> impl IntoView {
    let stage = quiz.stage();
    // False in the served page: a form sent before the code is here would leave the page.
    let ready = RwSignal::new(false);
    // Whether the last thing that touched the form was a finger or a mouse. With the keyboard, moving through the
    // options chooses them, so there the visitor says when to go on.
    let by_hand = Kept::new(false);
    Effect::new(move |_| {
        quiz.begin();
        ready.set(true);
    });
    focus_follows(quiz);
    // An array, because a list of unknown length would be followed by a comment.
    let fields = std::array::from_fn::<_, QUESTION_COUNT, _>(|question| {
        let feature = FEATURES[question];
        let is_asked = move || stage.with(|stage| *stage == Stage::Asking(question));
        view! {
            <fieldset
                id=field_id(feature)
                class="question"
                data-testid="question"
                data-feature=feature
                data-skipped=move || (is_asked() && quiz.skipped().get()).then_some("")
                hidden=move || !is_asked()
                inner_html=fixed(|| view! { <QuestionContent question locale/> })
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
            hidden=move || !stage.with(Stage::is_form)
            on:submit=move |event| {
                event.prevent_default();
                quiz.next();
            }
            on:change=move |_| quiz.read_form()
            on:pointerdown=move |_| by_hand.set(true)
            on:keydown=move |_| by_hand.set(false)
            on:click=move |event| {
                if by_hand.get() && browser::is_radio(&event) {
                    quiz.glance();
                }
            }
        >
            <div class="questions">
                <p class="intro" inner_html=fixed(|| Written::QuizIntro.get(locale))></p>
                {fields}
                <Review locale quiz/>
            </div>
            <div
                class="load-error"
                data-load-error
                role="alert"
                hidden
                inner_html=fixed(|| view! { <LoadError locale/> })
            ></div>
            <div class="send">
                <Progress quiz voice/>
                <button
                    type="button"
                    class="button"
                    data-testid="previous"
                    disabled=move || stage.with(|stage| *stage == Stage::Asking(0))
                    on:click=move |_| quiz.previous()
                    inner_html=fixed(|| Written::Previous.get(locale))
                ></button>
                <button
                    type="submit"
                    class="button main"
                    data-testid=move || Some(if is_review(stage) { "submit" } else { "next" })
                    disabled=move || !ready.get()
                    inner_html=move || voice.say(if is_review(stage) { Spoken::Submit } else { Spoken::Next })
                ></button>
            </div>
        </form>
    }
}

fn is_review(stage: RwSignal<Stage>) -> bool {
    stage.with(|stage| *stage == Stage::Review)
}

/// How far the visitor has come, as a bar and in words.
#[component]
fn Progress(
    /// The state.
    quiz: Quiz,
    /// What the code says.
    voice: Voice,
) -> impl IntoView {
    let n_answered = move || quiz.answers().get().count().to_string();
    let words = move || {
        let of = QUESTION_COUNT.to_string();
        match quiz.stage().get() {
            Stage::Asking(_) if quiz.skipped().get() => voice.say(Spoken::Skipped).to_owned(),
            Stage::Asking(_) => voice.fill(Spoken::Progress, &[("answered", &n_answered()), ("of", &of)]),
            _ => voice.say(Spoken::AllAnswered).to_owned(),
        }
    };
    view! {
        <progress max=QUESTION_COUNT.to_string() value=n_answered aria-hidden="true"></progress>
        <p
            role="status"
            data-testid="progress"
            data-skipped=move || quiz.skipped().get().then_some("")
            inner_html=words
        ></p>
    }
}

/// The focus goes where the visitor is asked next: to the answer of the question, or to the review.
fn focus_follows(quiz: Quiz) {
    Effect::new(move |before: Option<Stage>| {
        let stage = quiz.stage().get();
        let target = match stage {
            Stage::Asking(question) => {
                let field = FEATURES.get(question).map(|feature| field_id(feature)).unwrap_or_default();
                Some([format!("#{field} :checked"), format!("#{field} input")])
            }
            Stage::Review => Some(["#review-title".to_owned(), String::new()]),
            _ => None,
        };
        // Not at the start, and not where nothing was changed.
        if let (Some(target), Some(before)) = (target, before)
            && before != stage
        {
            browser::next_frame(move || browser::focus_first(&target));
        }
        stage
    });
}
