//! What if: for each question, who would come with another answer.

use leptos::prelude::*;
use mysfits_domain::{Entry, FEATURES, Locale, MysfitId};
use mysfits_site::results;

use super::html::fill;
use crate::{
    browser,
    i18n::{DynamicText, Messages},
    state::{Alternative, Alternatives, CardData, Quiz, QuizAnswers, card_by_id, option_text},
};

/// A question: the visitor's answer, and below it the links or a text.
const QUESTION: &str = "<li><p>{instead}</p><div class=\"others\">";
const UNCHANGED: &str = "<p class=\"unchanged\">{text}</p>";
const QUESTION_END: &str = "</div></li>";
/// A link to the result with another answer: the mysfit and the answer.
const LINK: &str = "<a class=\"other-result\" data-testid=\"alternative\" data-mysfit-id=\"{id}\" data-result=\"{code}\" \
    href=\"{href}\"><img src=\"{portrait}\" alt=\"\" width=\"40\" height=\"40\"><span><b>{name}</b> \
    <small>{option}</small></span></a>";

/// The five answers, each with links to the results of others. Shown when the decision table has been fetched.
#[component]
pub fn WhatIf(
    entry: Entry,
    mysfit: MysfitId,
    name: String,
    messages: Messages,
    locale: Locale,
    quiz: Quiz,
) -> impl IntoView {
    let list = RwSignal::new(String::new());
    browser::spawn(async move {
        if let Some(alternatives) = quiz.alternatives(entry, mysfit).await {
            list.try_set(questions(alternatives, entry, &name, messages, locale));
        }
    });
    view! {
        <section class="what-if" data-testid="what-if" hidden=move || list.with(String::is_empty)>
            <h4>{messages.get(DynamicText::WhatIfTitle)}</h4>
            <p>{messages.get(DynamicText::WhatIfHint)}</p>
            <ul inner_html=move || list.get()></ul>
        </section>
    }
}

/// Returns the questions as HTML.
fn questions(
    alternatives: Alternatives,
    entry: Entry,
    name: &str,
    messages: Messages,
    locale: Locale,
) -> String {
    let mut html = String::new();
    for ((feature, answer), alternatives) in FEATURES.iter().zip(entry.answers()).zip(alternatives) {
        let given = option_text(feature, answer.get());
        let instead = messages.format(DynamicText::InsteadOf, &[("option", &given)]);
        html += &fill(QUESTION, &[("instead", &instead)]);
        if alternatives.is_empty() {
            let text = messages.format(DynamicText::NoAlternative, &[("name", name)]);
            html += &fill(UNCHANGED, &[("text", &text)]);
        }
        for Alternative { answer, entry, mysfit } in alternatives {
            let CardData { id, name, portrait, .. } = card_by_id(mysfit);
            let values = [
                ("id", id.as_str()),
                ("code", &QuizAnswers::from(entry).to_string()),
                ("href", &results::path(locale, entry)),
                ("portrait", &portrait),
                ("name", &name),
                ("option", &option_text(feature, answer.get())),
            ];
            html += &fill(LINK, &values);
        }
        html += QUESTION_END;
    }
    html
}

#[cfg(test)]
mod tests {
    use mysfits_domain::{Answer, catalogue};

    use super::*;

    #[test]
    fn each_question_links_to_other_results_or_says_that_nothing_changes() {
        let entry = Entry::try_from([1, 2, 3, 4, 5]).expect("an entry");
        let other = Entry::try_from([1, 2, 3, 5, 5]).expect("an entry");
        let answer = Answer::try_from(5).expect("an answer");
        let alternatives: Alternatives = std::array::from_fn(|question| {
            let alternative = Alternative { answer, entry: other, mysfit: catalogue()[6].id };
            if question == 3 { vec![alternative] } else { Vec::new() }
        });
        let (messages, locale) = (Messages::new(Locale::En), Locale::En);
        let html = questions(alternatives, entry, "Snowflake", messages, locale);
        assert_eq!(html.matches("<li>").count(), 5);
        assert_eq!(html.matches("class=\"unchanged\"").count(), 4, "{html}");
        let link = format!("data-result=\"12355\" href=\"{}\"", results::path(locale, other));
        assert!(html.contains(&link), "{html}");
        assert!(html.contains(catalogue()[6].id.as_str()), "{html}");
    }
}
