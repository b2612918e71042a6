//! The home page's address, its first window on a phone, and the page about the site.

use anyhow::{Context as _, Result, ensure};
use mysfits_domain::{GoodEvil, Locale, MYSFIT_COUNT, Mysfit, catalogue};
use serde_json::json;

use super::{
    Flow, Visit,
    addresses::{index, profile},
};
use crate::page::{emulation::Window, equal, part};

/// The flows, in a visitor's order.
pub const FLOWS: &[Flow] = &[
    ("filters and order are in the address", |visit| Box::pin(filters_in_address(visit))),
    ("a phone's first window shows portraits", |visit| Box::pin(first_window(visit))),
    ("a profile's page shares its address", |visit| Box::pin(share_profile(visit))),
    ("the map of neighbours works without scripts", |visit| Box::pin(neighbour_map(visit))),
];

/// Returns the slugs of the evil mysfits, or of all, the youngest first.
fn by_age(only_evil: bool) -> Vec<&'static str> {
    let is_shown = |mysfit: &&Mysfit| !only_evil || mysfit.alignment.good_evil == GoodEvil::Evil;
    let mut shown: Vec<_> = catalogue().iter().filter(is_shown).collect();
    shown.sort_by_key(|mysfit| mysfit.age);
    shown.into_iter().map(|mysfit| mysfit.slug).collect()
}

async fn filters_in_address(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let shows = async |what: &str, slugs: &[&str]| {
        page.wait(what, async || Ok(page.cards().await? == slugs)).await.with_context(|| format!("{slugs:?}"))
    };
    for locale in Locale::ALL {
        let home = index(locale);
        page.open_ready(&format!("{home}?good-evil=Evil&sort=age")).await?;
        shows("a link shows its filters", &by_age(true)).await?;
        page.click(&part("view-all")).await?;
        shows("the button shows all as they arrived", &catalogue().each_ref().map(|it| it.slug)).await?;
        equal("the address", page.path().await?, home)?;

        page.click(&format!("{} option[value=age]", part("sort"))).await?;
        shows("the youngest is first", &by_age(false)).await?;
        page.choose("#good-evil-Evil").await?;
        shows("the evil ones are shown", &by_age(true)).await?;
        let address = format!("{home}?good-evil=Evil&sort=age");
        page.wait("the address has both", async || Ok(page.path().await? == address)).await?;
        page.reload().await?;
        shows("a reload keeps both", &by_age(true)).await?;
        page.click(&part("about-link")).await?;
        page.see(&part("about")).await?;
        page.back().await?;
        page.ready().await?;
        shows("the way back keeps both", &by_age(true)).await?;
    }
    // An address may hold anything.
    page.open_ready("/?good-evil=%22%3E&law-chaos=lawful&sort=%23quiz").await?;
    equal("the cards", page.cards().await?.len(), MYSFIT_COUNT)?;
    equal("the address", page.path().await?, "/")
}

/// The banner and the filters leave room for the first portraits.
async fn first_window(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    page.look_through(Window::new(360, 740)).await?;
    for locale in Locale::ALL {
        page.open_ready(index(locale)).await?;
        let script = "const bottom = css => document.querySelector(css).getBoundingClientRect().bottom;
            return [bottom('.banner'), bottom('.card > img')].map(Math.ceil)";
        let [banner, portrait]: [u32; 2] = serde_json::from_value(page.script(script).await?)?;
        ensure!(banner <= 380, "the banner is {banner} px high");
        ensure!(portrait <= 740, "the first portrait ends at {portrait} px");
    }
    Ok(())
}

/// Browsers with a share sheet get title and address; others copy it, or show it if that is refused.
async fn share_profile(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let path = profile(Locale::En, &catalogue()[7]);
    page.open_ready(&path).await?;
    let address = format!("{}{path}", page.origin());
    let note = "[data-share-note]";
    let says = async |what: &str, text: &str| {
        page.click(&part("share-profile")).await?;
        page.wait(what, async || Ok(page.text(note).await? == text)).await
    };
    page.script(
        "window.told = [];
         navigator.share = async data => told.push(data.title, data.url);
         Object.defineProperty(navigator, 'clipboard', { value: { writeText: async text => told.push(text) } })",
    )
    .await?;
    page.click(&part("share-profile")).await?;
    page.wait("the share sheet got the address", async || {
        Ok(page.script("return told[1]").await? == *address)
    })
    .await?;
    page.script("navigator.share = undefined").await?;
    says("the address is copied", "Link copied").await?;
    equal("the copied text", page.script("return told[2]").await?, json!(address))?;
    page.script("navigator.clipboard.writeText = async () => { throw new Error('refused') }").await?;
    says("the address is shown", &address).await
}

async fn neighbour_map(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    page.allow_scripts(false).await?;
    for locale in Locale::ALL {
        page.open(&format!("{}about/", index(locale))).await?;
        // At the crossroads, each number of neighbours leads to another mysfit.
        for (k, slug) in [(1, "gary"), (3, "hasla"), (10, "coco")] {
            page.choose(&format!("#k-{k}")).await?;
            check_verdict(visit, locale, slug).await.with_context(|| format!("{k} neighbours"))?;
        }
        page.choose("#at-2").await?;
        check_verdict(visit, locale, "gary").await.context("another place")?;
        // The places on the map are labels too.
        page.click(".spot-3").await?;
        check_verdict(visit, locale, "hasla").await.context("a place on the map")?;
    }
    Ok(())
}

/// Checks that exactly one verdict is shown, and that it ends with this mysfit.
async fn check_verdict(visit: &Visit, locale: Locale, slug: &str) -> Result<()> {
    let text = visit.page.text(&part("verdict")).await?;
    let name = Mysfit::by_slug(slug).context("a mysfit")?.name.get(locale);
    ensure!(text.lines().count() == 1, "not one verdict: {text:?}");
    ensure!(text.trim_end_matches('.').ends_with(name), "{text:?} does not end with {name}");
    Ok(())
}
