//! The grid of all mysfits and its filters.

use anyhow::{Context as _, Result, ensure};
use mysfits_domain::{GoodEvil, LawChaos, Locale, MYSFIT_COUNT, catalogue};

use super::{Flow, Visit};
use crate::page::{equal, part};

/// The flows, in a visitor's order.
pub const FLOWS: &[Flow] = &[
    ("the page opens", |visit| Box::pin(page_opens(visit))),
    ("filters show the right mysfits", |visit| Box::pin(filters(visit))),
    ("a mistyped address leads home", |visit| Box::pin(mistyped(visit))),
];

async fn page_opens(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    page.open_ready("/").await?;
    equal("the cards", page.cards().await?, catalogue().each_ref().map(|mysfit| mysfit.slug))?;
    for mysfit in catalogue() {
        let card = format!("{}[data-slug=\"{}\"]", part("card"), mysfit.slug);
        let text = page.text(&card).await?;
        for words in [mysfit.name, mysfit.species] {
            let words = words.get(Locale::En);
            ensure!(text.contains(words), "the card does not say {words:?}: {text:?}");
        }
        // Portraits further down are fetched when they come near.
        page.script(&format!("document.querySelector('{card}').scrollIntoView()")).await?;
        page.wait(&format!("the portrait of {} is shown", mysfit.slug), async || {
            let script = format!("return document.querySelector('{card} img').naturalWidth > 0");
            Ok(page.script(&script).await? == true)
        })
        .await?;
    }
    Ok(())
}

async fn filters(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    page.open_ready("/").await?;
    let good_evil = [None].into_iter().chain(GoodEvil::ALL.map(Some));
    for (good_evil, law_chaos) in good_evil.flat_map(|good_evil| {
        [None].into_iter().chain(LawChaos::ALL.map(Some)).map(move |law_chaos| (good_evil, law_chaos))
    }) {
        let radio = |axis, value: Option<&str>| {
            format!("{} input[value=\"{}\"]", part(axis), value.unwrap_or_default())
        };
        page.choose(&radio("good-evil", good_evil.map(GoodEvil::as_str))).await?;
        page.choose(&radio("law-chaos", law_chaos.map(LawChaos::as_str))).await?;
        let expected: Vec<_> = catalogue()
            .iter()
            .filter(|mysfit| good_evil.is_none_or(|value| mysfit.alignment.good_evil == value))
            .filter(|mysfit| law_chaos.is_none_or(|value| mysfit.alignment.law_chaos == value))
            .map(|mysfit| mysfit.slug)
            .collect();
        check_shown(visit, &expected).await.with_context(|| format!("{good_evil:?} and {law_chaos:?}"))?;
    }
    page.click(&part("view-all")).await?;
    check_shown(visit, &catalogue().each_ref().map(|mysfit| mysfit.slug)).await.context("View All")?;
    Ok(())
}

/// Checks which cards are shown, and the count.
async fn check_shown(visit: &Visit, expected: &[&str]) -> Result<()> {
    equal("the cards", visit.page.cards().await?, expected)?;
    let count = format!("{} of {MYSFIT_COUNT}", expected.len());
    visit
        .page
        .wait(&format!("the count says {count}"), async || {
            Ok(visit.page.text(&part("count")).await?.starts_with(&count))
        })
        .await
}

async fn mistyped(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    page.open("/nowhere/at/all").await?;
    page.see("h1").await?;
    page.click("main section a").await?;
    page.see("html[data-ready]").await?;
    equal("the cards", page.cards().await?.len(), MYSFIT_COUNT)?;
    visit.expect_noise(&["/nowhere/at/all"]).await
}
