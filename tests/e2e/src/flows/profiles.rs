//! Profiles: a dialog with its own address over the grid, and a page.

use anyhow::{Context as _, Result, ensure};
use mysfits_domain::{Locale, Mysfit, catalogue};
use serde_json::json;
use thirtyfour::Key;

use super::{
    Flow, Visit,
    addresses::{index, profile},
};
use crate::{
    page::{equal, part},
    proxy::InjectedFault,
};

/// The flows, in a visitor's order.
pub const FLOWS: &[Flow] = &[
    ("profiles open and close", |visit| Box::pin(profiles_open_and_close(visit))),
    ("back closes a profile and forward opens it", |visit| Box::pin(back_and_forward(visit))),
    ("back after a reload leads to the grid", |visit| Box::pin(back_after_reload(visit))),
    ("a click beside a profile closes it", |visit| Box::pin(closed_by_backdrop(visit))),
    ("every profile has a page of its own", |visit| Box::pin(own_pages(visit))),
    ("profiles can be read without scripts", |visit| Box::pin(without_scripts(visit))),
    ("a profile's link works before the code is loaded", |visit| Box::pin(without_code(visit))),
    ("a profile opens in a new tab", |visit| Box::pin(new_tab(visit))),
];

/// Returns the link on a card.
fn link(mysfit: &Mysfit) -> String {
    format!("{}[href$=\"/mysfits/{}/\"]", part("view-profile"), mysfit.slug)
}

/// Returns the dialog while it shows this mysfit.
fn dialog(mysfit: &Mysfit) -> String {
    format!("dialog[open]{}[data-slug=\"{}\"]", part("profile"), mysfit.slug)
}

async fn profiles_open_and_close(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    page.open_ready("/").await?;
    for (i, mysfit) in catalogue().iter().enumerate() {
        page.click(&link(mysfit)).await?;
        let dialog = dialog(mysfit);
        equal("its heading", page.text(&format!("{dialog} h2")).await?, mysfit.name.en)?;
        let is_there = format!("return document.activeElement.matches({})", json!(format!("{dialog} h2")));
        page.wait("the focus is on the heading", async || Ok(page.script(&is_there).await? == true)).await?;
        equal("the address", page.path().await?, profile(Locale::En, mysfit))?;
        let text = page.text(&dialog).await?;
        for words in [mysfit.species.en, mysfit.description.en] {
            ensure!(text.contains(words), "the profile does not say {words:?}: {text:?}");
        }
        if i % 2 == 0 {
            page.press(Key::Escape).await?;
        } else {
            page.click(&format!("{dialog} {}", part("close"))).await?;
        }
        page.gone("dialog[open]").await?;
        page.wait("the address is the grid's again", async || Ok(page.path().await? == "/")).await?;
        let focus = page.script("return document.activeElement.getAttribute('href')").await?;
        equal("what has the focus afterwards", focus, json!(profile(Locale::En, mysfit)))?;
    }
    Ok(())
}

async fn back_and_forward(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let [first, second, ..] = catalogue();
    page.open_ready("/").await?;
    for mysfit in [first, second] {
        page.click(&link(mysfit)).await?;
        page.see(&dialog(mysfit)).await?;
        page.back().await?;
        page.gone("dialog[open]").await?;
        equal("the address", page.path().await?, "/")?;
        page.forward().await?;
        page.see(&dialog(mysfit)).await?;
        equal("the address", page.path().await?, profile(Locale::En, mysfit))?;
        page.press(Key::Escape).await?;
        page.gone("dialog[open]").await?;
        // The address follows by way of the history, and a profile that was opened before would be closed by it.
        page.wait("the address is the grid's", async || Ok(page.path().await? == "/")).await?;
    }
    Ok(())
}

/// The reload loads the profile's own page; the entry before it is the index.
async fn back_after_reload(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let mysfit = &catalogue()[9];
    for locale in Locale::ALL {
        page.open_ready(index(locale)).await?;
        page.click(&link(mysfit)).await?;
        page.see(&dialog(mysfit)).await?;
        page.reload().await?;
        check_own_page(visit, locale, mysfit).await?;
        page.back().await?;
        page.see(&part("grid")).await?;
        page.ready().await?;
        equal("the address", page.path().await?, index(locale))?;
        page.gone("dialog[open]").await?;
        page.forward().await?;
        page.see(&dialog(mysfit)).await.context("forward again")?;
    }
    Ok(())
}

async fn closed_by_backdrop(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let mysfit = &catalogue()[0];
    page.open_ready("/").await?;
    page.click(&link(mysfit)).await?;
    page.see(&dialog(mysfit)).await?;
    page.click_at(5, 5).await?;
    page.gone("dialog[open]").await?;
    page.wait("the address is the grid's", async || Ok(page.path().await? == "/")).await
}

async fn own_pages(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    for locale in [Locale::En, Locale::Ko] {
        for mysfit in catalogue() {
            page.open(&profile(locale, mysfit)).await?;
            let main = format!("main{}", part("profile-page"));
            let name = mysfit.name.get(locale);
            equal("the heading", page.text(&format!("{main} h1")).await?, name)?;
            ensure!(page.title().await?.contains(name), "the title does not name {name}");
            let text = page.text(&main).await?;
            for words in [mysfit.species, mysfit.description] {
                let words = words.get(locale);
                ensure!(text.contains(words), "the page does not say {words:?}: {text:?}");
            }
        }
    }
    Ok(())
}

/// Checks that the profile's own page is open.
async fn check_own_page(visit: &Visit, locale: Locale, mysfit: &Mysfit) -> Result<()> {
    let page = &visit.page;
    let heading = format!("main{} h1", part("profile-page"));
    equal("the heading", page.text(&heading).await?, mysfit.name.get(locale))?;
    equal("the address", page.path().await?, profile(locale, mysfit))
}

async fn without_scripts(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    page.allow_scripts(false).await?;
    for locale in Locale::ALL {
        let mysfit = &catalogue()[4];
        page.open(index(locale)).await?;
        page.click(&link(mysfit)).await?;
        check_own_page(visit, locale, mysfit).await?;
        page.click(&format!("main a[href=\"{}\"]", index(locale))).await?;
        page.see(&part("card")).await?;
        equal("the address", page.path().await?, index(locale))?;
    }
    Ok(())
}

/// Console messages about the missing code are ignored.
async fn without_code(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    visit.proxy.fail("*.wasm", InjectedFault::HangUp);
    for locale in Locale::ALL {
        let mysfit = &catalogue()[9];
        page.open(index(locale)).await?;
        page.click(&link(mysfit)).await?;
        check_own_page(visit, locale, mysfit).await?;
    }
    // The page that was left reports nothing more.
    page.open_nothing().await?;
    page.console().await.map(drop)
}

async fn new_tab(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let mysfit = &catalogue()[1];
    page.open_ready("/").await?;
    let opened = page.click_for_new_tab(&link(mysfit)).await?;
    equal("the new tab's address", opened, profile(Locale::En, mysfit))?;
    page.gone("dialog[open]").await?;
    equal("this tab's address", page.path().await?, "/")
}
