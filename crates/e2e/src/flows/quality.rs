//! Every state of the page, looked at by axe and kept as pictures: in every window, in light and in dark.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use mysfits_domain::{Entry, MYSFIT_COUNT, catalogue};

use super::{Flow, Visit, quiz::WORKSHOP_ENTRY};
use crate::{
    page::{
        emulation::{Scheme, Window},
        equal, part,
        picture::Extent,
    },
    proxy::Fault,
};

/// The page's code.
const CODE: &str = "*.wasm";
/// Windows to look through: a phone, a tablet, a laptop, a desktop.
const WINDOWS: [(u32, u32); 4] = [(360, 740), (768, 1024), (1280, 800), (1920, 1080)];
/// The windows that axe looks through: where the layout differs most.
const WINDOWS_FOR_AXE: [u32; 2] = [360, 1280];

/// The flows, in the order in which a visitor would come across them.
pub const FLOWS: &[Flow] = &[
    ("the page is painted before its code is there", |visit| Box::pin(painted_first(visit))),
    ("the page is readable if its code never comes", |visit| Box::pin(readable_without_code(visit))),
    ("grid and profile in every window", |visit| Box::pin(grid_and_profile(visit))),
    ("questionnaire and result in every window", |visit| Box::pin(questionnaire(visit))),
];

impl Visit {
    /// Looks at what the page shows now, through every window, in light and in dark: nothing sticks out, axe finds
    /// nothing, and pictures are taken, named after state, language, scheme and width.
    ///
    /// # Errors
    /// With everything that was found.
    pub async fn inspect(&self, state: &str, extent: Extent) -> Result<()> {
        let page = &self.page;
        let language = page.script("return document.documentElement.lang").await?;
        let language = language.as_str().unwrap_or_default();
        let mut found = Vec::new();
        for scheme in Scheme::ALL {
            for (width, height) in WINDOWS {
                page.look_through(Window::new(width, height).with_scheme(scheme)).await?;
                let name = format!("{state}-{language}-{}-{width}", scheme.as_str());
                let mut note = |checked: Result<()>| {
                    found.extend(checked.err().map(|error| format!("\n     {name}: {error:#}")));
                };
                note(page.check_no_overflow(width).await);
                page.screenshot(&self.screenshots.join(format!("{name}.png")), extent).await?;
                // After the picture, for it may scroll.
                if let Some(axe) = &self.axe
                    && WINDOWS_FOR_AXE.contains(&width)
                {
                    note(axe.check(page).await);
                }
            }
        }
        page.look_through(Window::USUAL).await?;
        ensure!(found.is_empty(), "{}", found.concat());
        Ok(())
    }
}

/// However late the code, the visitor sees the page at once.
async fn painted_first(visit: &Visit) -> Result<()> {
    const LATE: Duration = Duration::from_millis(1500);
    let page = &visit.page;
    visit.proxy.fail(CODE, Fault::Late(LATE));
    page.open_ready("/").await?;
    let times = page
        .script(
            "const code = performance.getEntriesByType('resource').find(it => it.name.endsWith('.wasm'));
             const [paint] = performance.getEntriesByName('first-contentful-paint');
             return [paint.startTime, code.responseStart]",
        )
        .await?;
    let [paint, code]: [f64; 2] = serde_json::from_value(times).context("when what came")?;
    ensure!(paint < code, "painted after {paint} ms, the code came after {code} ms");
    ensure!(code >= LATE.as_millis() as f64, "the code was not late at all");
    Ok(())
}

/// The cards are there all the same. What the console says about the missing code is not looked at.
async fn readable_without_code(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    visit.proxy.fail(CODE, Fault::HangUp);
    page.open("/").await?;
    equal("the cards", page.cards().await?.len(), MYSFIT_COUNT)?;
    page.console().await.map(drop)
}

async fn grid_and_profile(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    page.open_ready("/").await?;
    visit.inspect("grid", Extent::WholePage).await?;
    page.click(&format!("{}[data-opens=\"{}\"]", part("view-profile"), catalogue()[2].slug)).await?;
    page.see(&format!("dialog[open]{} img", part("profile"))).await?;
    visit.inspect("profile", Extent::Window).await?;
    page.open("/nowhere/at/all").await?;
    page.see("h1").await?;
    visit.inspect("not-found", Extent::Window).await?;
    visit.expect_noise("/nowhere/at/all").await
}

async fn questionnaire(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    visit.open_questionnaire().await?;
    visit.inspect("questionnaire", Extent::Window).await?;
    visit.proxy.fail("*/recommendations", Fault::problem(503, "The endpoint is away"));
    page.answer_all(Entry::try_from(WORKSHOP_ENTRY)?).await?;
    visit.submit().await?;
    page.see(&part("failure")).await?;
    visit.inspect("failure", Extent::Window).await?;
    visit.proxy.heal();
    page.click(&part("retry")).await?;
    page.see(&format!("{} img", part("result"))).await?;
    visit.inspect("result", Extent::Window).await?;
    visit.expect_noise("/recommendations").await
}
