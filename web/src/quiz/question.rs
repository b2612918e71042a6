//! The questions themselves; nothing here is ever hydrated.

use leptos::prelude::*;
use mysfits_domain::{Locale, QUESTION_COUNT, Question, questionnaire};

use crate::Texts;

/// The id of a question's fieldset.
pub fn field_id(question: &Question) -> String {
    format!("question-{}", question.feature)
}

/// The id of an option's radio; `option` counts from 0.
pub fn option_id(question: &Question, option: usize) -> String {
    format!("{}-{}", question.feature, option + 1)
}

/// The form's heading and all questions, in the questionnaire's order.
#[component]
pub fn Questions(
    /// The language.
    locale: Locale,
    /// The heading's id; it can take the focus.
    heading_id: &'static str,
) -> impl IntoView {
    let texts = Texts::of(locale);
    let field = |(position, question)| view! { <QuestionField question position locale/> };
    view! {
        <h2 id=heading_id tabindex="-1">{texts.quiz_title}</h2>
        <p>{texts.quiz_intro}</p>
        {questionnaire().iter().enumerate().map(field).collect_view()}
    }
}

/// One question and its eight options: radios named after the feature, with the values 1 to 8.
#[component]
fn QuestionField(
    /// The question.
    question: &'static Question,
    /// Its place in the questionnaire, counted from 0.
    position: usize,
    /// The language.
    locale: Locale,
) -> impl IntoView {
    let texts = Texts::of(locale);
    let option = |(option, text): (usize, &mysfits_domain::Text)| {
        view! {
            <label class="option">
                <input
                    type="radio"
                    id=option_id(question, option)
                    name=question.feature
                    value=(option + 1).to_string()
                    required
                />
                <span>{text.get(locale)}</span>
            </label>
        }
    };
    view! {
        <fieldset id=field_id(question) class="question" data-testid="question" data-feature=question.feature>
            <legend>
                <span class="step">{(texts.question)(position + 1, QUESTION_COUNT)}</span>
                " "
                {question.prompt.get(locale)}
            </legend>
            <div class="options">{question.options.iter().enumerate().map(option).collect_view()}</div>
        </fieldset>
    }
}
