//! What if: for each question, who would come with another answer.

use leptos::prelude::*;
use mysfits_domain::{Entry, FEATURES, Locale, MysfitId};
use mysfits_site::results;

use crate::{
    browser,
    i18n::{DynamicText, Messages},
    state::{Alternative, Alternatives, CardData, Quiz, QuizAnswers, card_by_id, option_text},
};

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
    let alternatives = RwSignal::new(None::<Alternatives>);
    browser::spawn(async move {
        alternatives.try_set(quiz.alternatives(entry, mysfit).await);
    });
    move || {
        let name = name.clone();
        alternatives.get().map(|alternatives| {
            view! { <Questions alternatives entry name messages locale/> }
        })
    }
}

#[component]
fn Questions(
    alternatives: Alternatives,
    entry: Entry,
    name: String,
    messages: Messages,
    locale: Locale,
) -> impl IntoView {
    let questions = FEATURES.iter().zip(entry.answers()).zip(alternatives);
    let rows = questions
        .map(|((&feature, answer), alternatives)| {
            let given = option_text(feature, answer.get());
            let instead = messages.format(DynamicText::InsteadOf, &[("option", &given)]);
            let unchanged = alternatives
                .is_empty()
                .then(|| messages.format(DynamicText::NoAlternative, &[("name", &name)]));
            let others = alternatives.into_iter();
            let others = others.map(|alternative| view! { <ResultLink alternative feature locale/> });
            view! {
                <li>
                    <p>{instead}</p>
                    <div class="others">
                        {unchanged.map(|text| view! { <p class="unchanged">{text}</p> })}
                        {others.collect_view()}
                    </div>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="what-if" data-testid="what-if">
            <h4>{messages.get(DynamicText::WhatIfTitle)}</h4>
            <p>{messages.get(DynamicText::WhatIfHint)}</p>
            <ul>{rows}</ul>
        </section>
    }
}

/// A link to the result with another answer: the mysfit and the answer.
#[component]
fn ResultLink(alternative: Alternative, feature: &'static str, locale: Locale) -> impl IntoView {
    let Alternative { answer, entry, mysfit } = alternative;
    let CardData { name, portrait, .. } = card_by_id(mysfit);
    view! {
        <a
            class="other-result"
            data-testid="alternative"
            data-mysfit-id=mysfit.as_str()
            data-result=QuizAnswers::from(entry).to_string()
            href=results::path(locale, entry)
        >
            <img src=portrait alt="" width="40" height="40"/>
            <span><b>{name}</b> " " <small>{option_text(feature, answer.get())}</small></span>
        </a>
    }
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
        let name = "Snowflake".to_owned();
        let html =
            Owner::new().with(|| view! { <Questions alternatives entry name messages locale/> }.to_html());
        assert_eq!(html.matches("<li>").count(), 5);
        assert_eq!(html.matches("class=\"unchanged\"").count(), 4, "{html}");
        let link = format!("data-result=\"12355\" href=\"{}\"", results::path(locale, other));
        assert!(html.contains(&link), "{html}");
        assert!(html.contains(catalogue()[6].id.as_str()), "{html}");
    }
}
