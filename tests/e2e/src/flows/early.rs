//! What works before the page's code is loaded.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::{Flow, Visit};
use crate::{page::part, proxy::InjectedFault};

/// The flows.
pub const FLOWS: &[Flow] =
    &[("the questionnaire opens before the code is loaded", |visit| Box::pin(open_early(visit)))];

/// In browsers with the attribute `command` the browser opens it, in others the loader.
async fn open_early(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    visit.proxy.fail("*.wasm", InjectedFault::Late(Duration::from_secs(3)));
    page.open("/").await?;
    for _ in 0..2 {
        page.click(&part("recommend")).await?;
        page.see("dialog[open]#quiz").await?;
        page.click(&format!("dialog[open] {}", part("close"))).await?;
        page.gone("dialog[open]#quiz").await?;
    }
    page.click(&part("recommend")).await?;
    let is_ready = page.script("return 'ready' in document.documentElement.dataset").await?;
    ensure!(is_ready == false, "the code was not late");
    page.ready().await?;
    page.see("dialog[open]#quiz").await.map(drop)
}
