//! The recommended mysfit, and why: the votes of the neighbours as a picture, how near they are, how sure that makes it.

use leptos::prelude::*;
use mysfits_domain::{Locale, MysfitId};

use super::{Met, Quiz, TableReason, Why};
use crate::{
    address,
    browser::{self, Creature},
    explanation::{Agreement, Explanation, Vote, one_decimal},
    words::{Spoken, Voice},
};

/// The text field with the link, for browsers that do not copy it.
const LINK_ID: &str = "link";
/// How long the page says that the link is copied, in milliseconds.
const NOTICE_MS: u32 = 4_000;

/// Who it is, why, and the ways on.
#[component]
pub fn ResultPanel(
    /// Who was found.
    met: Met,
    /// What the code says.
    voice: Voice,
    /// The language.
    locale: Locale,
    /// The state.
    quiz: Quiz,
) -> impl IntoView {
    let Met { mysfit, why } = met;
    let creature = browser::creature(mysfit).unwrap_or_else(|| Creature::unseen(mysfit));
    let profile = browser::profile_html(&creature.slug);
    let source = why.source();
    let (explanation, unsaid) = match why {
        Why::Neighbours(explanation) => (Some(explanation), None),
        Why::Unsaid => (None, Some(Spoken::Unsaid)),
        Why::Table(TableReason::Offline) => (None, Some(Spoken::TableOffline)),
        Why::Table(TableReason::NobodyToAsk) => (None, Some(Spoken::TableAlone)),
        Why::Table(TableReason::Wanted) => (None, Some(Spoken::TableWanted)),
    };
    let name = creature.name.clone();
    let neighbours =
        explanation.map(|explanation| view! { <Neighbours explanation mysfit name voice locale/> });
    let copied = RwSignal::new(None::<bool>);
    let copy = move |_| {
        browser::spawn(async move {
            let is_copied = browser::copy_address().await;
            copied.set(Some(is_copied));
            if is_copied {
                browser::later(NOTICE_MS, move || copied.set(None));
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
            data-slug=creature.slug
            data-source=source
        >
            <p class="kicker" tabindex="-1" data-takes-focus>
                {voice.say(Spoken::Result)}
                <span class="sr">" "{creature.name}</span>
            </p>
            <div class="told">
                <div class="content" inner_html=profile></div>
                <div class="why" data-testid="why">
                    {neighbours}
                    {unsaid.map(|word| view! { <p>{voice.say(word)}</p> })}
                </div>
            </div>
            <div class="actions">
                <button type="button" class="button main" data-testid="ask-again" on:click=move |_| quiz.again()>
                    {voice.say(Spoken::AskAgain)}
                </button>
                <button type="button" class="button" data-testid="back" on:click=move |_| quiz.review()>
                    {voice.say(Spoken::BackToAnswers)}
                </button>
                <button type="button" class="quiet" data-testid="copy-link" on:click=copy>
                    {voice.say(Spoken::CopyLink)}
                </button>
                <p role="status" data-testid="link-copied">
                    {move || if copied.get() == Some(true) { voice.say(Spoken::LinkCopied) } else { "" }}
                </p>
                <label class="field" hidden=move || copied.get() != Some(false)>
                    <span>{voice.say(Spoken::CopyByHand)}</span>
                    <input id=LINK_ID data-testid="link" readonly value=browser::address()/>
                </label>
            </div>
        </section>
    }
}

/// What the neighbours say.
#[component]
fn Neighbours(
    /// Their votes and distances.
    explanation: Explanation,
    /// Who was recommended.
    mysfit: MysfitId,
    /// The name of whoever was recommended.
    name: String,
    /// What the code says.
    voice: Voice,
    /// The language.
    locale: Locale,
) -> impl IntoView {
    let k = explanation.k;
    let words = match explanation.agreement(mysfit) {
        Agreement::Unanimous => Spoken::Unanimous,
        Agreement::Clear => Spoken::Clear,
        Agreement::Leaning => Spoken::Leaning,
        Agreement::Close => Spoken::Close,
    };
    let votes = explanation.votes_for(mysfit).to_string();
    let sure = voice.fill(words, &[("votes", &votes), ("k", &k.to_string()), ("name", &name)]);
    let n_exact = explanation.n_exact();
    let farthest = explanation.distances.last().copied().unwrap_or_default();
    let near = if n_exact as u32 == k {
        voice.fill(Spoken::AllExact, &[("k", &k.to_string())])
    } else {
        let numbers = [("exact", &*n_exact.to_string()), ("farthest", &one_decimal(farthest))];
        voice.fill(if n_exact > 0 { Spoken::SomeExact } else { Spoken::NoneExact }, &numbers)
    };
    let rows = explanation.votes.iter().map(|&vote| view! { <Row vote k mysfit voice locale/> });
    view! {
        <h3>{voice.fill(Spoken::WhyTitle, &[("name", &name)])}</h3>
        <p data-testid="sure">{sure}</p>
        <ol class="votes" data-testid="votes">{rows.collect_view()}</ol>
        <p class="near" data-testid="near">{near}</p>
    }
}

/// One mysfit's votes: portrait, name, bar and number.
#[component]
fn Row(
    /// The votes.
    vote: Vote,
    /// How many there are in all.
    k: u32,
    /// Who was recommended; everybody else is a runner-up.
    mysfit: MysfitId,
    /// What the code says.
    voice: Voice,
    /// The language.
    locale: Locale,
) -> impl IntoView {
    let creature = browser::creature(vote.mysfit).unwrap_or_else(|| Creature::unseen(vote.mysfit));
    let Creature { slug, name, portrait, .. } = creature;
    let words = if vote.count == 1 { Spoken::OneVote } else { Spoken::Votes };
    let count = voice.fill(words, &[("count", &vote.count.to_string())]);
    let role = if vote.mysfit == mysfit { "winner" } else { "runner-up" };
    view! {
        <li data-testid=role data-mysfit-id=vote.mysfit.as_str()>
            <img src=portrait alt="" width="40" height="40"/>
            <a href=address::profile(locale, &slug) data-opens=slug>{name}</a>
            // A picture with attributes, not a style: the page's policy has no inline styles.
            <svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                <rect width="100" height="10"></rect>
                <rect class="full" width=(vote.count * 100 / k).to_string() height="10"></rect>
            </svg>
            <span class="n">{count}</span>
        </li>
    }
}
