//! Every state of the page, looked at by axe and kept as pictures: in every window, in light and in dark.

use anyhow::Result;
use mysfits_domain::{Entry, catalogue};

use super::{Flow, Visit, quiz::WORKSHOP_ENTRY};
use crate::{
    page::{
        emulation::{Scheme, Window},
        part,
        picture::Extent,
    },
    proxy::Fault,
};

/// Windows to look through: a phone, a tablet, a laptop, a desktop.
const WINDOWS: [(u32, u32); 4] = [(360, 740), (768, 1024), (1280, 800), (1920, 1080)];
/// The windows that axe looks through: where the layout differs most.
const WINDOWS_FOR_AXE: [u32; 2] = [360, 1280];

/// The flows, in the order in which a visitor would come across them.
pub const FLOWS: &[Flow] = &[
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
                if let Some(axe) = &self.axe
                    && WINDOWS_FOR_AXE.contains(&width)
                {
                    note(axe.check(page).await);
                }
                page.screenshot(&self.screenshots.join(format!("{name}.png")), extent).await?;
            }
        }
        page.look_through(Window::USUAL).await?;
        anyhow::ensure!(found.is_empty(), "{}", found.concat());
        Ok(())
    }
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
