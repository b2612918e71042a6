//! A question.

use leptos::prelude::*;
use mysfits_domain::{Answer, Locale, Mysfit, QUESTION_COUNT, questionnaire};

use super::icon::Icon;
use crate::{
    i18n::{StaticText, interpolate},
    state::option_id,
};

/// The slugs of the mysfits that ask the questions, in the order of the questionnaire. Each nods when its question is answered.
const ASKING: [&str; QUESTION_COUNT] = ["hasla", "evangeline", "nessi", "twilight-glitter", "cole"];

/// A question and its eight options: radio buttons with the feature as name and the values 1 to 8. Static HTML.
#[component]
pub fn QuestionContent(
    /// The question, counted from 0.
    question: usize,
    locale: Locale,
) -> impl IntoView {
    let content = &questionnaire()[question];
    let numbers = [("number", &*(question + 1).to_string()), ("of", &QUESTION_COUNT.to_string())];
    let step = interpolate(StaticText::QuestionNumber.get(locale), &numbers);
    let option = |(answer, text): (Answer, &mysfits_domain::LocalizedText)| {
        view! {
            <label class="option">
                <input
                    type="radio"
                    id=option_id(content.feature, answer.get().into())
                    name=content.feature
                    value=answer.get().to_string()
                    aria-keyshortcuts=answer.get().to_string()
                    required
                />
                <Icon feature=content.feature number=answer.get()/>
                <span>{text.get(locale)}</span>
            </label>
        }
    };
    let asking = Mysfit::by_slug(ASKING[question]);
    view! {
        <legend>
            {asking.map(|mysfit| {
                view! {
                    <img
                        class="asking"
                        src=mysfit.image_uri()
                        alt=""
                        width="96"
                        height="96"
                        loading="lazy"
                        decoding="async"
                    />
                }
            })}
            <span class="step">{step}</span>
            " "
            <span class="prompt">{content.prompt.get(locale)}</span>
        </legend>
        <div class="options">{Answer::all().zip(&content.options).map(option).collect_view()}</div>
    }
}
