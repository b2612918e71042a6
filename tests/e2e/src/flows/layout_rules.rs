//! The layout by rule: each state of the page keeps the rules in every window, with forced colours and on paper.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use mysfits_domain::{Entry, Locale, catalogue};

use super::{
    Flow, Visit,
    addresses::{index, profile},
    quiz::WORKSHOP_ENTRY,
};
use crate::page::{
    emulation::{Medium, Window},
    part,
};

/// Windows: a phone and a laptop, which every engine checks; then small and large phones, a tablet, a desktop, a phone held
/// sideways, and what is left of a laptop's window with text of 200 % and 400 %.
const WINDOWS: [(u32, u32); 9] = [
    (360, 740),
    (1280, 800),
    (320, 740),
    (430, 932),
    (768, 1024),
    (1920, 1080),
    (740, 360),
    (640, 400),
    (320, 256),
];
/// How many of them other engines than Chromium check for each pull request.
const MAIN_WINDOWS: usize = 2;

/// The flows, in a visitor's order.
pub const FLOWS: &[Flow] = &[
    ("the rules of the layout notice faults", |visit| Box::pin(notice_faults(visit))),
    ("no state breaks the rules of the layout", |visit| Box::pin(every_state(visit))),
    ("symbols are visible with forced colours", |visit| Box::pin(forced_colours(visit))),
    ("printed pages are dark on white", |visit| Box::pin(printed(visit))),
];

/// What the rules must notice: a part of the sentence, and a script that breaks the rule. `add` adds an element with a style
/// and a text, `main` is where to: the page or a dialog.
const BROKEN: [(&str, &str); 7] = [
    ("less than 24", "add(main, 'button', 'width: 10px; height: 30px; padding: 0; border: 0', '')"),
    (
        "overlap",
        "for (const left of [100, 120])
             add(main, 'button', `position: fixed; top: 300px; left: ${left}px; width: 60px; height: 40px`, '')",
    ),
    (
        "lies over the text",
        "const { left, top } = main.querySelector('h2').getBoundingClientRect();
         const style = `position: fixed; left: ${left}px; top: ${top}px; width: 60px; height: 60px`;
         add(main, 'button', style, '')",
    ),
    ("is cut off by", "add(add(main, 'div', 'height: 20px; overflow: hidden', ''), 'button', 'height: 60px', 'text')"),
    ("cannot be clicked", "add(add(main, 'div', 'height: 0; overflow: hidden', ''), 'button', '', 'text')"),
    (
        "although motion is reduced",
        "add(main, 'div', '', 'text').animate({ opacity: [0, 1] }, { duration: 1, iterations: Infinity })",
    ),
    ("elements overflow", "add(main, 'div', 'width: 3000px; height: 10px', '')"),
];

/// What breaks a rule in a state, and the windows in which it does.
type BrokenRules = BTreeMap<(&'static str, String), Vec<String>>;

/// Rules that notice nothing would let every state pass.
async fn notice_faults(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    page.open_ready("/").await?;
    notice_faults_in(visit, "main").await?;
    page.click(&part("view-profile")).await?;
    page.see(&format!("dialog[open]{}", part("profile"))).await?;
    notice_faults_in(visit, "dialog[open] .profile > div").await.context("in a dialog")
}

async fn notice_faults_in(visit: &Visit, place: &str) -> Result<()> {
    let page = &visit.page;
    let Window { width, .. } = Window::USUAL;
    for (expected, script) in BROKEN {
        let script = format!(
            "const main = document.querySelector('{place}');
             const add = (parent, name, style, text) => {{
                 const element = document.createElement(name);
                 element.dataset.added = '';
                 element.style.cssText = style;
                 element.textContent = text;
                 parent.append(element);
                 return element;
             }};
             {script}"
        );
        page.script(&script).await?;
        let faults = page.layout_faults(width).await?;
        ensure!(faults.iter().any(|fault| fault.contains(expected)), "{expected:?} is not among {faults:?}");
        page.script("document.querySelectorAll('[data-added]').forEach(element => element.remove())").await?;
    }
    Ok(())
}

async fn every_state(visit: &Visit) -> Result<()> {
    let mut faults = BrokenRules::new();
    let locales = if visit.is_nightly { &Locale::ALL[..] } else { &[Locale::En] };
    for &locale in locales {
        states(visit, locale, &mut faults).await?;
    }
    let faults: Vec<String> = faults
        .into_iter()
        .map(|((state, fault), windows)| format!("\n     {state}, {}: {fault}", windows.join(", ")))
        .collect();
    ensure!(faults.is_empty(), "{} rules are broken:{}", faults.len(), faults.concat());
    Ok(())
}

/// Visits the states of the page and checks each in all windows.
async fn states(visit: &Visit, locale: Locale, faults: &mut BrokenRules) -> Result<()> {
    let page = &visit.page;
    let mysfit = &catalogue()[2];
    page.open_ready(index(locale)).await?;
    page.see(&part("sign-in")).await?;
    check(visit, locale, "grid", faults).await?;
    page.click(&format!("{}[href$=\"/mysfits/{}/\"]", part("view-profile"), mysfit.slug)).await?;
    page.see(&format!("dialog[open] {}", part("adopt"))).await?;
    check(visit, locale, "profile", faults).await?;
    page.open_ready(&profile(locale, mysfit)).await?;
    page.see(&part("adopt")).await?;
    check(visit, locale, "profile-page", faults).await?;
    page.click(&part("sign-in")).await?;
    page.see(&part("sign-in-form")).await?;
    check(visit, locale, "account", faults).await?;
    page.click("#sign-in-form [data-to=register-form]").await?;
    page.see(&part("register-form")).await?;
    check(visit, locale, "register", faults).await?;
    page.open(&format!("{}about/", index(locale))).await?;
    page.see("h1").await?;
    check(visit, locale, "about", faults).await?;
    visit.open_questionnaire(locale).await?;
    check(visit, locale, "question", faults).await?;
    visit.open_answers(locale, Entry::try_from(WORKSHOP_ENTRY)?).await?;
    check(visit, locale, "review", faults).await?;
    visit.submit().await?;
    page.see(&part("votes")).await?;
    check(visit, locale, "result", faults).await?;
    page.open("/nowhere/at/all").await?;
    page.see("h1").await?;
    check(visit, locale, "not-found", faults).await?;
    visit.expect_noise(&["/nowhere/at/all"]).await
}

async fn check(visit: &Visit, locale: Locale, state: &'static str, faults: &mut BrokenRules) -> Result<()> {
    let page = &visit.page;
    let count = if page.is_chromium() || visit.is_nightly { WINDOWS.len() } else { MAIN_WINDOWS };
    for &(width, height) in &WINDOWS[..count] {
        page.look_through(Window::new(width, height)).await?;
        let found = page.layout_faults(width).await.with_context(|| state.to_owned())?;
        for fault in found {
            let window = format!("{width}x{height} {}", locale.code());
            faults.entry((state, fault)).or_default().push(window);
        }
    }
    page.look_through(Window::USUAL).await
}

/// Browsers replace the colours that the page sets; what is drawn with backgrounds would disappear.
async fn forced_colours(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let window = Window::USUAL.with_medium(Medium::ForcedColors);
    page.look_through(window).await?;
    page.open_ready("/").await?;
    page.click(&part("view-profile")).await?;
    let dialog = format!("dialog[open]{}", part("profile"));
    page.see(&dialog).await?;
    ensure!(page.check_symbols("dialog[open]").await? > 0, "the profile has no close button");
    page.check_layout(window.width).await.context("profile")?;
    visit.open_questionnaire(Locale::En).await?;
    ensure!(page.check_symbols("dialog[open]").await? > 0, "the questionnaire has no close button");
    page.check_layout(window.width).await.context("question")
}

async fn printed(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    page.look_through(Window::USUAL.with_medium(Medium::Print)).await?;
    for address in ["/", &profile(Locale::En, &catalogue()[2])] {
        page.open_ready(address).await?;
        page.check_print().await.with_context(|| address.to_owned())?;
    }
    Ok(())
}
