//! Why this mysfit: the neighbours' votes and how much their answers differ.

use leptos::prelude::*;
use mysfits_domain::{Explanation, Locale, MysfitId, Vote};

use super::{html::fill, map::NeighbourMap};
use crate::{
    api::explanation::{Agreement, agreement, count_by_difference, runner_up, votes_for},
    i18n::{DynamicText, Messages},
    state::{CardData, DecisionTableReason, Quiz, ResultSource, card_by_id, profile_path},
};

/// The explanation, or why it is missing.
#[component]
pub fn Why(
    source: ResultSource,
    mysfit: MysfitId,
    name: String,
    messages: Messages,
    locale: Locale,
    quiz: Quiz,
) -> impl IntoView {
    let can_retry = source == ResultSource::DecisionTable(DecisionTableReason::ServiceFailed);
    let (explanation, reason) = match source {
        ResultSource::Neighbours(explanation) => (Some(explanation), None),
        ResultSource::Unexplained => (None, Some(DynamicText::Unexplained)),
        ResultSource::DecisionTable(reason) => (
            None,
            Some(match reason {
                DecisionTableReason::Offline => DynamicText::TableOffline,
                DecisionTableReason::NoService => DynamicText::TableNoService,
                DecisionTableReason::Requested => DynamicText::TableRequested,
                DecisionTableReason::ServiceFailed => DynamicText::TableServiceFailed,
            }),
        ),
    };
    let title = messages.format(DynamicText::WhyTitle, &[("name", &name)]);
    view! {
        <section class="why" data-testid="why">
            <h4>{title}</h4>
            {explanation
                .map(|explanation| view! { <Neighbours explanation mysfit name messages locale/> })}
            {reason.map(|text| view! { <p data-testid="reason">{messages.get(text)}</p> })}
            {can_retry
                .then(|| {
                    view! {
                        <button type="button" class="button" data-testid="retry" on:click=move |_| quiz.send()>
                            {messages.get(DynamicText::AskService)}
                        </button>
                    }
                })}
        </section>
    }
}

#[component]
fn Neighbours(
    explanation: Explanation,
    mysfit: MysfitId,
    name: String,
    messages: Messages,
    locale: Locale,
) -> impl IntoView {
    let rows = rows(&explanation, mysfit, messages, locale);
    let second = second_text(&explanation, mysfit, messages);
    view! {
        <p data-testid="sure">{agreement_text(&explanation, mysfit, &name, messages)}</p>
        <NeighbourMap explanation=explanation.clone() messages/>
        <ol class="votes" data-testid="votes" inner_html=rows></ol>
        {second.map(|text| view! { <p data-testid="second">{text}</p> })}
        <p class="near" data-testid="near">{difference_text(&explanation, messages)}</p>
    }
}

/// Returns how much the neighbours agree.
fn agreement_text(explanation: &Explanation, mysfit: MysfitId, name: &str, messages: Messages) -> String {
    let text = match agreement(explanation, mysfit) {
        Agreement::Unanimous => DynamicText::Unanimous,
        Agreement::Clear => DynamicText::Clear,
        Agreement::Leaning => DynamicText::Leaning,
        Agreement::Close => DynamicText::Close,
    };
    let (votes, k) = (votes_for(explanation, mysfit).to_string(), explanation.k.to_string());
    messages.format(text, &[("votes", &votes), ("k", &k), ("name", name)])
}

/// Returns who has the second most votes.
fn second_text(explanation: &Explanation, mysfit: MysfitId, messages: Messages) -> Option<String> {
    let second = runner_up(explanation, mysfit)?;
    let is_close = second.count + 2 >= votes_for(explanation, mysfit);
    let text = if is_close { DynamicText::CloseSecond } else { DynamicText::Second };
    Some(messages.format(text, &[("name", &card_by_id(second.mysfit).name)]))
}

/// Returns how many neighbours gave the visitor's answers, and how many differ in one answer, in two, or more.
fn difference_text(explanation: &Explanation, messages: Messages) -> String {
    let counts = count_by_difference(explanation);
    if counts[0] == explanation.k {
        return messages.format(DynamicText::AllSame, &[("k", &explanation.k.to_string())]);
    }
    let texts =
        [DynamicText::SameAnswers, DynamicText::OneDiffers, DynamicText::TwoDiffer, DynamicText::MoreDiffer];
    let parts = texts.into_iter().zip(counts).filter(|(_, count)| *count > 0);
    let parts: Vec<_> =
        parts.map(|(text, count)| messages.format(text, &[("n", &count.to_string())])).collect();
    messages.format(DynamicText::Differences, &[("list", &parts.join(", "))])
}

/// The votes for one mysfit: portrait, name, bar and number. The bar has SVG attributes instead of inline styles, which the content
/// security policy forbids.
const ROW: &str = "<li data-testid=\"{role}\" data-mysfit-id=\"{id}\"><img src=\"{portrait}\" alt=\"\" width=\"40\" \
    height=\"40\"><a href=\"{href}\" data-opens=\"{slug}\">{name}</a><svg class=\"share\" viewBox=\"0 0 100 10\" \
    preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect width=\"100\" height=\"10\"></rect><rect class=\"full\" \
    width=\"{share}\" height=\"10\"></rect></svg><span class=\"n\">{count}</span></li>";

/// Returns the votes as HTML.
fn rows(explanation: &Explanation, mysfit: MysfitId, messages: Messages, locale: Locale) -> String {
    let row = |vote: &Vote| {
        let CardData { id, slug, name, portrait, .. } = card_by_id(vote.mysfit);
        let text = if vote.count == 1 { DynamicText::OneVote } else { DynamicText::Votes };
        let values = [
            ("role", if vote.mysfit == mysfit { "winner" } else { "runner-up" }),
            ("id", id.as_str()),
            ("portrait", &portrait),
            ("href", &profile_path(locale, &slug)),
            ("slug", &slug),
            ("name", &name),
            ("share", &(vote.count * 100 / explanation.k).to_string()),
            ("count", &messages.format(text, &[("count", &vote.count.to_string())])),
        ];
        fill(ROW, &values)
    };
    explanation.votes.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(distances: &[f32], locale: Locale, expected: &str) {
        let explanation = Explanation {
            backend: "model".to_owned(),
            k: distances.len(),
            votes: Vec::new(),
            distances: distances.to_vec(),
            neighbours: Vec::new(),
        };
        assert_eq!(difference_text(&explanation, Messages::new(locale)), expected);
    }

    #[test]
    fn says_how_many_neighbours_differ_in_how_many_answers() {
        check(&[0.0; 3], Locale::En, "All 3 gave exactly your answers.");
        check(
            &[0.0, 1.0, 1.0, 2.0_f32.sqrt(), 2.0],
            Locale::En,
            "Of them, 1 gave exactly your answers, 2 differed in one answer, 1 differed in two, 1 differed more.",
        );
        check(
            &[0.0, 1.0],
            Locale::Ko,
            "그중에는 나와 답이 똑같은 이웃 1명, 답 하나만 다른 이웃 1명이 있어요.",
        );
    }
}
