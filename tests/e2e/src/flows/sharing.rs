//! The reveal of a result, and sharing it: by the device's share sheet, by the clipboard, or by hand.

use anyhow::{Context as _, Result, ensure};
use mysfits_domain::{Entry, Locale};
use mysfits_site::results;
use serde_json::json;

use super::{Flow, Visit, quiz::WORKSHOP_ENTRY};
use crate::page::{BrowserPage, emulation::Window, equal, part};

/// The flows, in a visitor's order.
pub const FLOWS: &[Flow] = &[
    ("a phone shows name, portrait and share button at once", |visit| Box::pin(reveal(visit))),
    ("a result is shared with the device's share sheet", |visit| Box::pin(share_sheet(visit))),
    ("a link to the result can be copied", |visit| Box::pin(link_copied(visit))),
    ("a link that cannot be copied is shown", |visit| Box::pin(link_not_copied(visit))),
];

/// What the page says about the link.
async fn note(page: &BrowserPage) -> Result<String> {
    let text = page.script("return document.querySelector('[data-testid=link-note]').textContent").await?;
    text.as_str().map(ToOwned::to_owned).context("a text")
}

async fn reveal(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from(WORKSHOP_ENTRY)?;
    for (locale, (width, height)) in Locale::ALL.into_iter().zip([(360, 740), (1280, 800)]) {
        page.look_through(Window::new(width, height)).await?;
        visit.ask(locale, entry).await?;
        let name = visit.api.recommend(entry).await?.mysfit().name.get(locale);
        let heading = page.text(".reveal h3").await?;
        ensure!(heading.ends_with(name), "the heading does not end with {name}: {heading:?}");
        let focused = page.script("return document.activeElement.matches('.reveal h3')").await?;
        equal("whether the heading has the focus", focused, json!(true))?;
        for shown in [".reveal h3", ".portrait", "[data-testid=share]"] {
            let script = format!(
                "const box = document.querySelector('{shown}').getBoundingClientRect();
                return [box.top, box.left, innerHeight - box.bottom, innerWidth - box.right].map(Math.round)"
            );
            let margins: Vec<i64> = serde_json::from_value(page.script(&script).await?)?;
            ensure!(
                margins.iter().all(|margin| *margin >= 0),
                "{shown} is cut off at {width} px: {margins:?}"
            );
        }
        for words in [".reveal h3", "[data-testid=share]", "[data-testid=start-over]"] {
            page.check_contrast(words).await?;
        }
    }
    Ok(())
}

/// A browser with a share sheet, which the visitor uses, closes, or which is not allowed.
async fn share_sheet(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from(WORKSHOP_ENTRY)?;
    visit.ask(Locale::Ko, entry).await?;
    let name = visit.api.recommend(entry).await?.mysfit().name.ko;
    let sheet = |outcome: &str| {
        format!(
            "navigator.share = data => {{ window.shared = data; return {outcome} }};
            Object.defineProperty(navigator, 'clipboard',
                {{ value: {{ writeText: async text => {{ window.copied = text }} }}, configurable: true }})"
        )
    };
    let link = format!("{}{}", page.origin(), results::path(Locale::Ko, entry));

    page.script(&sheet("Promise.resolve()")).await?;
    page.click(&part("share")).await?;
    page.wait("the page says that it is shared", async || Ok(!note(page).await?.is_empty())).await?;
    let shared = page.script("return [shared.url, shared.text]").await?;
    equal("the shared link", &shared[0], &json!(link))?;
    ensure!(shared[1].as_str().is_some_and(|text| text.contains(name)), "the shared text: {shared}");

    page.script(&sheet("Promise.reject(new DOMException('', 'AbortError'))")).await?;
    page.click(&part("share")).await?;
    page.wait("nothing is said of a closed sheet", async || Ok(note(page).await?.is_empty())).await?;
    equal("what was copied", page.script("return window.copied").await?, json!(null))?;

    page.script(&sheet("Promise.reject(new DOMException('', 'NotAllowedError'))")).await?;
    page.click(&part("share")).await?;
    page.wait("the link is copied instead", async || {
        Ok(page.script("return window.copied").await? == link && !note(page).await?.is_empty())
    })
    .await
}

async fn link_copied(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from(WORKSHOP_ENTRY)?;
    page.allow_clipboard().await?;
    for locale in Locale::ALL {
        visit.ask(locale, entry).await?;
        page.click(&part("share")).await?;
        page.wait("the page says that the link is copied", async || Ok(!note(page).await?.is_empty()))
            .await?;
        let copied = "const done = arguments[0]; navigator.clipboard.readText().then(done, error => done(String(error)))";
        let link = format!("{}{}", page.origin(), results::path(locale, entry));
        equal("what was copied", page.script_later(copied).await?, json!(link))?;
    }
    Ok(())
}

/// A browser that refuses to copy, and one that cannot: insecure contexts have no clipboard.
async fn link_not_copied(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from(WORKSHOP_ENTRY)?;
    let refuses = "{ writeText: () => Promise.reject(new DOMException('', 'NotAllowedError')) }";
    for (locale, clipboard) in Locale::ALL.into_iter().zip([refuses, "undefined"]) {
        visit.ask(locale, entry).await?;
        let broken = format!(
            "navigator.share = undefined; Object.defineProperty(navigator, 'clipboard', {{ value: {clipboard} }})"
        );
        page.script(&broken).await?;
        page.click(&part("share")).await?;
        page.see(&part("link")).await?;
        let selected = "const field = document.activeElement;
            return field.value.slice(field.selectionStart, field.selectionEnd)";
        let link = format!("{}{}", page.origin(), results::path(locale, entry));
        page.wait("the link is selected", async || Ok(page.script(selected).await? == link)).await?;
        ensure!(!note(page).await?.is_empty(), "the page does not say that the link is not copied");
        visit.check_phone("link-not-copied").await?;
    }
    Ok(())
}
