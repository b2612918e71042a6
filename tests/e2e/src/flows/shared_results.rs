//! The addresses of results, which visitors share.

use anyhow::{Context as _, Result};
use mysfits_domain::{Entry, Locale};
use mysfits_site::results;

use super::{
    Flow, Visit,
    addresses::index,
    quiz::{WORKSHOP_ENTRY, code, numbers},
};
use crate::page::part;

/// The flows.
pub const FLOWS: &[Flow] =
    &[("the address of a result leads to it, and back leaves it", |visit| Box::pin(opened(visit)))];

async fn opened(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from(WORKSHOP_ENTRY)?;
    for locale in Locale::ALL {
        let address = results::path(locale, entry);
        page.open_ready(index(locale)).await?;
        // By a link: `open` would leave a blank page in the history.
        page.script(&format!("location.assign({address:?})")).await?;
        let target = [index(locale), &code(numbers(entry))].concat();
        page.wait(&format!("{address} leads to {target}"), async || Ok(page.path().await? == target)).await?;
        page.ready().await?;
        page.see(&format!("dialog[open]{}", part("quiz"))).await.context(address)?;
        // The page of the result is not in the history: back would lead to it, and it forward again.
        page.back().await?;
        let is_left = async || Ok(page.path().await? == index(locale));
        page.wait(&format!("back leads from {target} to {}", index(locale)), is_left).await?;
    }
    Ok(())
}
