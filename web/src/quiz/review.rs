//! The review: the five answers, each of which can still be changed.

use leptos::prelude::*;
use mysfits_domain::{FEATURES, Locale, QUESTION_COUNT, questionnaire};

use super::{Quiz, Stage, question::option_id};
use crate::{browser, fixed::fixed, words::Written};

/// The five answers in the visitor's own choice of words.
#[component]
pub fn Review(
    /// The language.
    locale: Locale,
    /// The state.
    quiz: Quiz,
) -> impl IntoView {
    let rows = std::array::from_fn::<_, QUESTION_COUNT, _>(|question| {
        let feature = FEATURES[question];
        let answer = move || {
            let answer = quiz.answers().get().get(question);
            let option = answer.map(|answer| option_id(feature, answer.get().into()));
            option.and_then(|id| browser::text(&format!("label:has(#{id}) span"))).unwrap_or_default()
        };
        view! {
            <li>
                <div>
                    <p class="asked" inner_html=fixed(|| questionnaire()[question].prompt.get(locale))></p>
                    <p class="answered" prop:textContent=answer></p>
                </div>
                <button
                    type="button"
                    class="quiet"
                    data-testid="edit"
                    on:click=move |_| quiz.edit(question)
                    inner_html=fixed(|| view! { <EditWords question locale/> })
                ></button>
            </li>
        }
    });
    view! {
        <section
            class="review"
            data-testid="review"
            aria-labelledby="review-title"
            hidden=move || quiz.stage().with(|stage| *stage != Stage::Review)
        >
            <h3 id="review-title" tabindex="-1" inner_html=fixed(|| Written::ReviewTitle.get(locale))></h3>
            <ol>{rows}</ol>
        </section>
    }
}

/// What the button says: "change", and to a screen reader also what.
#[component]
fn EditWords(
    /// The question, counted from 0.
    question: usize,
    /// The language.
    locale: Locale,
) -> impl IntoView {
    view! {
        {Written::Edit.get(locale)}
        <span class="sr">": "{questionnaire()[question].prompt.get(locale)}</span>
    }
}
