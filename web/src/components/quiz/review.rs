//! The review: the five answers, with buttons to change them.

use leptos::prelude::*;
use mysfits_domain::{FEATURES, Locale, QUESTION_COUNT, questionnaire};

use crate::{
    components::static_html::static_html,
    i18n::StaticText,
    state::{Quiz, QuizStage, REVIEW_TITLE_ID, option_text},
};

/// The questions and the selected options.
#[component]
pub fn Review(locale: Locale, quiz: Quiz) -> impl IntoView {
    let rows = std::array::from_fn::<_, QUESTION_COUNT, _>(|question| {
        let feature = FEATURES[question];
        let answer = move || {
            let answer = quiz.answers.get().get(question);
            answer.map(|answer| option_text(feature, answer.get())).unwrap_or_default()
        };
        view! {
            <li>
                <div>
                    <p class="asked" inner_html=static_html(|| questionnaire()[question].prompt.get(locale))></p>
                    <p class="answered" prop:textContent=answer></p>
                </div>
                <button
                    type="button"
                    class="quiet"
                    data-testid="edit"
                    on:click=move |_| quiz.edit(question)
                    inner_html=static_html(|| view! { <EditLabel question locale/> })
                ></button>
            </li>
        }
    });
    view! {
        <section
            class="review"
            data-testid="review"
            aria-labelledby=REVIEW_TITLE_ID
            hidden=move || quiz.stage.with(|stage| *stage != QuizStage::Review)
        >
            <h3 id=REVIEW_TITLE_ID tabindex="-1" inner_html=static_html(|| StaticText::ReviewTitle.get(locale))></h3>
            <ol>{rows}</ol>
        </section>
    }
}

/// The label of a button that changes an answer; for screen readers it includes the question. Static HTML.
#[component]
fn EditLabel(
    /// The question, counted from 0.
    question: usize,
    locale: Locale,
) -> impl IntoView {
    view! {
        {StaticText::Edit.get(locale)}
        <span class="sr">": "{questionnaire()[question].prompt.get(locale)}</span>
    }
}
