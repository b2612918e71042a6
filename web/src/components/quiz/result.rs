//! The panel with the recommended mysfit and the explanation: the neighbours' votes and distances.

use leptos::prelude::*;
use mysfits_domain::{Explanation, Locale, MysfitId, Vote};

use crate::{
    api::explanation::{Agreement, agreement, count_exact, votes_for},
    browser,
    i18n::{DynamicText, Messages, one_decimal},
    state::{
        CardData, DecisionTableReason, Quiz, QuizResult, ResultSource, card_by_id, profile_html, profile_path,
    },
};

/// The id of the text field with the link, for browsers that cannot copy it.
const LINK_ID: &str = "link";
/// How long the page says that the link was copied.
const NOTICE_MS: u32 = 4_000;

/// The profile of the recommended mysfit, the explanation, and buttons to restart, to return to the answers and to copy a link.
#[component]
pub fn ResultPanel(result: QuizResult, messages: Messages, locale: Locale, quiz: Quiz) -> impl IntoView {
    let QuizResult { mysfit, source } = result;
    let card = card_by_id(mysfit).unwrap_or_else(|| CardData::empty(mysfit));
    let profile = profile_html(&card.slug);
    let source_name = source.name();
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
    let name = card.name.clone();
    let neighbours =
        explanation.map(|explanation| view! { <Neighbours explanation mysfit name messages locale/> });
    let copied = RwSignal::new(None::<bool>);
    let copy = move |_| {
        browser::spawn(async move {
            let is_copied = browser::copy_address().await;
            copied.set(Some(is_copied));
            if is_copied {
                browser::set_timeout(NOTICE_MS, move || copied.set(None));
            } else {
                browser::next_frame(|| browser::select_text(LINK_ID));
            }
        });
    };
    view! {
        <section
            class="result"
            data-testid="result"
            data-mysfit-id=mysfit.as_str()
            data-slug=card.slug
            data-source=source_name
        >
            <p class="kicker" tabindex="-1" data-takes-focus>
                {messages.get(DynamicText::Result)}
                <span class="sr">" "{card.name}</span>
            </p>
            <div class="told">
                <div class="content" inner_html=profile></div>
                <div class="why" data-testid="why">
                    {neighbours}
                    {reason.map(|text| view! { <p>{messages.get(text)}</p> })}
                    {can_retry
                        .then(|| {
                            view! {
                                <button type="button" class="button" data-testid="retry" on:click=move |_| quiz.send()>
                                    {messages.get(DynamicText::AskService)}
                                </button>
                            }
                        })}
                </div>
            </div>
            <div class="actions">
                <button type="button" class="button main" data-testid="ask-again" on:click=move |_| quiz.restart()>
                    {messages.get(DynamicText::AskAgain)}
                </button>
                <button type="button" class="button" data-testid="back" on:click=move |_| quiz.review()>
                    {messages.get(DynamicText::BackToAnswers)}
                </button>
                <button type="button" class="quiet" data-testid="copy-link" on:click=copy>
                    {messages.get(DynamicText::CopyLink)}
                </button>
                <p role="status" data-testid="link-copied">
                    {move || if copied.get() == Some(true) { messages.get(DynamicText::LinkCopied) } else { "" }}
                </p>
                <label class="field" hidden=move || copied.get() != Some(false)>
                    <span>{messages.get(DynamicText::CopyByHand)}</span>
                    <input id=LINK_ID data-testid="link" readonly value=browser::address()/>
                </label>
            </div>
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
    let k = explanation.k;
    let text = match agreement(&explanation, mysfit) {
        Agreement::Unanimous => DynamicText::Unanimous,
        Agreement::Clear => DynamicText::Clear,
        Agreement::Leaning => DynamicText::Leaning,
        Agreement::Close => DynamicText::Close,
    };
    let votes = votes_for(&explanation, mysfit).to_string();
    let sure = messages.format(text, &[("votes", &votes), ("k", &k.to_string()), ("name", &name)]);
    let n_exact = count_exact(&explanation);
    let farthest = explanation.distances.last().copied().unwrap_or_default();
    let near = if n_exact == k {
        messages.format(DynamicText::AllExact, &[("k", &k.to_string())])
    } else {
        let numbers = [("exact", &*n_exact.to_string()), ("farthest", &one_decimal(farthest))];
        messages.format(if n_exact > 0 { DynamicText::SomeExact } else { DynamicText::NoneExact }, &numbers)
    };
    let rows = explanation.votes.iter().map(|&vote| view! { <Row vote k mysfit messages locale/> });
    view! {
        <h3>{messages.format(DynamicText::WhyTitle, &[("name", &name)])}</h3>
        <p data-testid="sure">{sure}</p>
        <ol class="votes" data-testid="votes">{rows.collect_view()}</ol>
        <p class="near" data-testid="near">{near}</p>
    }
}

/// The votes for one mysfit: portrait, name, bar and number.
#[component]
fn Row(
    vote: Vote,
    /// The number of neighbours.
    k: usize,
    /// The recommended mysfit; all others are runners-up.
    mysfit: MysfitId,
    messages: Messages,
    locale: Locale,
) -> impl IntoView {
    let card = card_by_id(vote.mysfit).unwrap_or_else(|| CardData::empty(vote.mysfit));
    let CardData { slug, name, portrait, .. } = card;
    let text = if vote.count == 1 { DynamicText::OneVote } else { DynamicText::Votes };
    let count = messages.format(text, &[("count", &vote.count.to_string())]);
    let role = if vote.mysfit == mysfit { "winner" } else { "runner-up" };
    view! {
        <li data-testid=role data-mysfit-id=vote.mysfit.as_str()>
            <img src=portrait alt="" width="40" height="40"/>
            <a href=profile_path(locale, &slug) data-opens=slug>{name}</a>
            // SVG attributes instead of inline styles, which the content security policy forbids.
            <svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                <rect width="100" height="10"></rect>
                <rect class="full" width=(vote.count * 100 / k).to_string() height="10"></rect>
            </svg>
            <span class="n">{count}</span>
        </li>
    }
}
