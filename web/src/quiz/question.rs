//! The questions themselves; their content is never hydrated.

use leptos::prelude::*;
use mysfits_domain::{Answer, Locale, QUESTION_COUNT, questionnaire};

use crate::words::{Written, fill};

/// The id of a question's fieldset.
pub fn field_id(feature: &str) -> String {
    format!("question-{feature}")
}

/// The id of an option's radio; `answer` counts from 1.
pub fn option_id(feature: &str, answer: usize) -> String {
    format!("{feature}-{answer}")
}

/// One question and its eight options: radios named after the feature, with the values 1 to 8.
#[component]
pub fn QuestionContent(
    /// The question, counted from 0.
    question: usize,
    /// The language.
    locale: Locale,
) -> impl IntoView {
    let content = &questionnaire()[question];
    let numbers = [("number", &*(question + 1).to_string()), ("of", &QUESTION_COUNT.to_string())];
    let step = fill(Written::QuestionNumber.get(locale), &numbers);
    let option = |(answer, text): (Answer, &mysfits_domain::Text)| {
        view! {
            <label class="option">
                <input
                    type="radio"
                    id=option_id(content.feature, answer.get().into())
                    name=content.feature
                    value=answer.get().to_string()
                    required
                />
                <span>{text.get(locale)}</span>
            </label>
        }
    };
    view! {
        <legend>
            <span class="step">{step}</span>
            " "
            <span class="prompt">{content.prompt.get(locale)}</span>
        </legend>
        <div class="options">{Answer::all().zip(&content.options).map(option).collect_view()}</div>
    }
}
