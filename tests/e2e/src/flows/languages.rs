//! The language: selected by the browser or by the visitor, and kept.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use mysfits_domain::{Locale, catalogue};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Flow, Visit,
    addresses::{index, profile},
};
use crate::page::{BrowserPage, equal, part};

/// What a Korean browser prefers.
const KOREAN: &str = "ko-KR,ko,en";

/// The flows, in a visitor's order.
pub const FLOWS: &[Flow] = &[
    ("a browser that prefers Korean gets Korean", |visit| Box::pin(by_browser(visit))),
    ("a language chosen with the link is kept", |visit| Box::pin(by_choice(visit))),
    ("a language chosen by hand is kept", |visit| Box::pin(by_hand(visit))),
    ("a link to a language is a choice", |visit| Box::pin(by_link(visit))),
    ("a language can be chosen without scripts", |visit| Box::pin(without_scripts(visit))),
    ("every page has a language, a title and a description", |visit| Box::pin(heads(visit))),
];

impl Visit {
    /// Checks that the grid is open and its text is in this language.
    ///
    /// # Errors
    /// If it is not.
    pub async fn check_language(&self, locale: Locale) -> Result<()> {
        let page = &self.page;
        // A click on a link may return before the page is left, and the code tidies the address.
        let is_there = async || Ok(page.path().await? == index(locale));
        page.wait(&format!("the address is {}", index(locale)), is_there).await?;
        page.ready().await?;
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

/// In a browser that prefers English.
async fn by_choice(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    page.open("/").await?;
    visit.check_language(Locale::En).await?;
    page.click(&part("language")).await?;
    visit.check_language(Locale::Ko).await.context("after the choice")?;
    page.open("/").await?;
    visit.check_language(Locale::Ko).await.context("the next time")?;
    page.click(&part("language")).await?;
    visit.check_language(Locale::En).await.context("after the choice back")
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

/// Returns the language that the visitor has chosen.
async fn choice(page: &BrowserPage) -> Result<Option<String>> {
    let cookies = page.script("return document.cookie").await?;
    let cookies = cookies.as_str().unwrap_or_default().to_owned();
    Ok(cookies.split("; ").find_map(|cookie| cookie.strip_prefix("lang=").map(ToOwned::to_owned)))
}

async fn by_link(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    page.prefer(KOREAN).await?;
    page.open("/?lang=en").await?;
    visit.check_language(Locale::En).await.context("a link to English, in a Korean browser")?;
    equal("what is kept", choice(page).await?.as_deref(), Some("en"))?;
    page.open("/").await?;
    visit.check_language(Locale::En).await.context("the next time")?;
    page.open("/ko/?lang=ko").await?;
    visit.check_language(Locale::Ko).await.context("a link to Korean")?;
    equal("what is kept", choice(page).await?.as_deref(), Some("ko"))?;
    // Reading a page in another language is not a choice.
    page.open(&profile(Locale::En, &catalogue()[0])).await?;
    page.ready().await?;
    equal("what is kept", choice(page).await?.as_deref(), Some("ko"))?;
    page.click(&part("language")).await?;
    equal("the address", page.path().await?, profile(Locale::Ko, &catalogue()[0]))
}

/// The link has the language in its address; without scripts the choice is not stored.
async fn without_scripts(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    page.prefer(KOREAN).await?;
    page.allow_scripts(false).await?;
    page.open("/").await?;
    equal("the address", page.path().await?, "/ko/")?;
    page.click(&part("language")).await?;
    let lang = page.script("return document.documentElement.lang").await?;
    equal("the page's language", lang, json!("en"))?;
    page.click(&part("language")).await?;
    let lang = page.script("return document.documentElement.lang").await?;
    equal("the page's language after the way back", lang, json!("ko"))
}

/// Each kind of page, in each language: its language, title, description, and a picture for those who show links.
async fn heads(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let mut titles = BTreeSet::new();
    for locale in Locale::ALL {
        let mysfit = &catalogue()[7];
        let profile = profile(locale, mysfit);
        for address in [index(locale), &profile] {
            page.open_ready(address).await?;
            let head = head(page).await.context("the head")?;
            equal("the page's language", head.lang.as_str(), locale.code())?;
            ensure!(titles.insert(head.title.clone()), "two pages are called {:?}", head.title);
            let words = [&head.title, &head.description];
            for words in words {
                let is_korean = words.chars().any(|c| ('가'..='힣').contains(&c));
                ensure!(is_korean == (locale == Locale::Ko) && !words.is_empty(), "{address} says {words:?}");
            }
            if address == profile {
                let name = mysfit.name.get(locale);
                ensure!(head.title.contains(name), "{name} is not in the title {:?}", head.title);
                equal("the description", head.description.as_str(), mysfit.description.get(locale))?;
            }
            let [kind, width, height] =
                card(page).await.with_context(|| format!("the picture of {address}"))?;
            equal("the picture", (kind, width, height), (json!("image/png"), json!(1200), json!(630)))?;
        }
    }
    Ok(())
}

/// The metadata of a page.
#[derive(Debug, Deserialize)]
struct HeadElements {
    lang: String,
    title: String,
    description: String,
}

async fn head(page: &BrowserPage) -> Result<HeadElements> {
    let head = "return { lang: document.documentElement.lang, title: document.title,
        description: document.querySelector('meta[name=description]').content }";
    Ok(serde_json::from_value(page.script(head).await?)?)
}

/// Returns the media type and the size of the preview image of a page.
async fn card(page: &BrowserPage) -> Result<[Value; 3]> {
    let card = "const done = arguments[0];
        const { content } = document.querySelector('meta[property=\"og:image\"]');
        (async () => {
            const answer = await fetch(content);
            const { width, height } = await createImageBitmap(await answer.blob());
            return [answer.headers.get('content-type'), width, height];
        })().then(done, error => done([String(error), 0, 0]))";
    Ok(serde_json::from_value(page.script_later(card).await?)?)
}
