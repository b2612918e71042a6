//! English and Korean: chosen by the browser, chosen by hand, and kept.

use anyhow::{Context as _, Result, ensure};
use mysfits_domain::{Locale, catalogue};
use serde_json::json;

use super::{Flow, Visit};
use crate::page::{equal, part};

/// What a Korean browser prefers.
const KOREAN: &str = "ko-KR,ko,en";

/// The flows, in the order in which a visitor would come across them.
pub const FLOWS: &[Flow] = &[
    ("a browser that prefers Korean gets Korean", |visit| Box::pin(by_browser(visit))),
    ("a language chosen by hand is kept", |visit| Box::pin(by_hand(visit))),
];

/// The address of the grid in a language.
#[must_use]
pub fn index(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "/",
        Locale::Ko => "/ko/",
    }
}

impl Visit {
    /// Checks that the grid is open in this language, words included.
    ///
    /// # Errors
    /// If it is not.
    pub async fn check_language(&self, locale: Locale) -> Result<()> {
        let page = &self.page;
        page.ready().await?;
        equal("the address", page.path().await?, index(locale))?;
        let lang = page.script("return document.documentElement.lang").await?;
        equal("the page's language", lang, json!(locale.code()))?;
        for mysfit in catalogue() {
            let card = format!("{}[data-slug=\"{}\"]", part("card"), mysfit.slug);
            let text = page.text(&card).await?;
            let name = mysfit.name.get(locale);
            ensure!(text.contains(name), "the card does not say {name:?}: {text:?}");
        }
        Ok(())
    }
}

async fn by_browser(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    page.open("/").await?;
    visit.check_language(Locale::En).await.context("a browser that prefers English")?;
    page.prefer(KOREAN).await?;
    page.open("/").await?;
    visit.check_language(Locale::Ko).await.context("a browser that prefers Korean")?;
    page.prefer("fr-FR,fr").await?;
    page.open("/").await?;
    visit.check_language(Locale::En).await.context("a browser that prefers neither")
}

async fn by_hand(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    page.prefer(KOREAN).await?;
    page.open("/").await?;
    visit.check_language(Locale::Ko).await?;
    page.click(&part("language")).await?;
    visit.check_language(Locale::En).await.context("after the choice")?;
    page.open("/").await?;
    visit.check_language(Locale::En).await.context("the next time")?;
    page.click(&part("language")).await?;
    visit.check_language(Locale::Ko).await.context("after the choice back")?;
    page.prefer("en-US,en").await?;
    page.open("/").await?;
    visit.check_language(Locale::Ko).await.context("the next time, in an English browser")
}
