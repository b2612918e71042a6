//! One mysfit looked at more closely.

use anyhow::{Result, ensure};
use mysfits_domain::catalogue;
use serde_json::json;
use thirtyfour::Key;

use super::{Flow, Visit};
use crate::page::{equal, part};

/// The flows, in the order in which a visitor would come across them.
pub const FLOWS: &[Flow] = &[("profiles open and close", |visit| Box::pin(profiles_open_and_close(visit)))];

async fn profiles_open_and_close(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    page.open_ready("/").await?;
    let dialog = format!("dialog[open]{}", part("profile"));
    for (i, mysfit) in catalogue().iter().enumerate() {
        let button = format!("{}[data-opens=\"{}\"]", part("view-profile"), mysfit.slug);
        page.click(&button).await?;
        equal("the profile", page.attribute(&dialog, "data-mysfit-id").await?, mysfit.id.as_str())?;
        equal("its heading", page.text(&format!("{dialog} h2")).await?, mysfit.name.en)?;
        let text = page.text(&dialog).await?;
        for words in [mysfit.species.en, mysfit.description.en] {
            ensure!(text.contains(words), "the profile does not say {words:?}: {text:?}");
        }
        if i % 2 == 0 {
            page.press(Key::Escape).await?;
        } else {
            page.click(&format!("{dialog} {}", part("close"))).await?;
        }
        page.gone(&dialog).await?;
        let focus = page.script("return document.activeElement.dataset.opens").await?;
        equal("what has the focus afterwards", focus, json!(mysfit.slug))?;
    }
    Ok(())
}
