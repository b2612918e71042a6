//! Tests of the test tools: a tool that notices nothing would let every test pass.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context as _, Result, ensure};
use mysfits_output::outln;
use serde_json::json;
use thirtyfour::Key;
use tokio::time::Instant;

use super::{Flow, Visit};
use crate::{
    axe::AxeResult,
    page::{
        emulation::{Connection, Motion, Scheme, Window},
        equal, part,
    },
    proxy::InjectedFault,
};

/// The flows; they run before all others.
pub const FLOWS: &[Flow] = &[
    ("axe notices faults", |visit| Box::pin(axe_notices(visit))),
    ("the proxy records requests and injects faults", |visit| Box::pin(proxy_works(visit))),
    ("the browser emulates what it is set to", |visit| Box::pin(browser_pretends(visit))),
    ("keyboard and fingers reach the page", |visit| Box::pin(hands_reach(visit))),
];

/// An image without a text and a text that hardly differs from its ground are found, both and nothing else.
async fn axe_notices(visit: &Visit) -> Result<()> {
    let Some(axe) = &visit.axe else {
        outln!("    not tried: there is no --axe")?;
        return Ok(());
    };
    let page = &visit.page;
    page.open_ready("/").await?;
    let broken = "const image = document.createElement('img');
        image.src = document.images[0].src;
        const text = document.createElement('p');
        text.textContent = 'hardly to be seen';
        text.style.color = '#777';
        text.style.background = '#888';
        document.querySelector('main').append(image, text)";
    let ids = |verdict: AxeResult| verdict.violations.into_iter().map(|it| it.id).collect::<BTreeSet<_>>();
    let before = ids(axe.look_at(page).await?);
    page.script(broken).await?;
    let after = ids(axe.look_at(page).await?);
    let noticed: Vec<_> = after.difference(&before).collect();
    equal("what axe notices", noticed, ["color-contrast", "image-alt"])?;

    // Over a picture, where axe cannot tell: dark letters on a dark ground are noticed, light ones are not.
    let over_picture = |color: &str| {
        format!(
            "document.querySelector('main > p:last-child').style.cssText =
                 'color: {color}; background: linear-gradient(#222, #333)'"
        )
    };
    let text = "main > p:last-child";
    page.script(&over_picture("#444")).await?;
    ensure!(page.check_contrast(text).await.is_err(), "dark letters on a dark ground pass");
    page.script(&over_picture("#fff")).await?;
    page.check_contrast(text).await
}

async fn proxy_works(visit: &Visit) -> Result<()> {
    let (page, proxy) = (&visit.page, &visit.proxy);
    let ask = |path: &str| {
        let script = format!(
            "const done = arguments[0];
             fetch('{path}', {{ method: 'POST', body: 'five' }})
                 .then(async answer => done([answer.status, answer.headers.get('Retry-After'), await answer.text()]))
                 .catch(error => done(error.name))"
        );
        async move { page.script_later(&script).await }
    };
    page.open("/robots.txt").await?;
    proxy.fail("/invented", InjectedFault::json("{}").with_retry_after(7));
    equal("an invented answer", ask("/invented").await?, json!([200, "7", "{}"]))?;
    let [seen] = &proxy.seen("/invented")[..] else { anyhow::bail!("{:?}", proxy.seen("*")) };
    equal("what was sent", (seen.method.as_str(), seen.body.as_str()), ("POST", "five"))?;
    proxy.fail("/invented", InjectedFault::HangUp);
    equal("no server", ask("/invented").await?, json!("TypeError"))?;
    let time = Duration::from_millis(300);
    proxy.fail("/invented", InjectedFault::Late(time));
    let begun = Instant::now();
    ask("/invented").await?;
    ensure!(begun.elapsed() >= time, "what was to be late came after {:?}", begun.elapsed());
    proxy.heal();
    if !page.is_chromium() {
        return Ok(());
    }
    equal("third-party origins", visit.third_party_origins().await?, BTreeSet::new())?;
    // From a page without a policy: the site's would forbid it.
    page.open_nothing().await?;
    let fetch = "const done = arguments[0]; fetch('https://stranger.invalid/').catch(() => done(0))";
    page.script_later(fetch).await?;
    let stranger = BTreeSet::from(["https://stranger.invalid".to_owned()]);
    equal("third-party origins", visit.third_party_origins().await?, stranger)?;
    let noise = page.console().await?;
    ensure!(!noise.is_empty(), "the console holds nothing about all this");
    Ok(())
}

async fn browser_pretends(visit: &Visit) -> Result<()> {
    let (page, proxy) = (&visit.page, &visit.proxy);
    let media =
        "return ['(prefers-color-scheme: dark)', '(prefers-reduced-motion: reduce)', '(width: 360px)']
        .map(query => matchMedia(query).matches)";
    page.look_through(Window::new(360, 740).with_scheme(Scheme::Dark).with_motion(Motion::Full)).await?;
    page.open("/robots.txt").await?;
    equal("a dark, lively phone", page.script(media).await?, json!([true, false, true]))?;
    page.look_through(Window::USUAL).await?;
    equal("a laptop in daylight", page.script(media).await?, json!([false, true, false]))?;

    page.prefer("ko-KR,ko,en").await?;
    proxy.forget();
    page.open("/robots.txt").await?;
    equal(
        "the page's languages",
        page.script("return navigator.languages").await?,
        json!(["ko-KR", "ko", "en"]),
    )?;
    let seen = proxy.seen("/robots.txt");
    let told =
        seen.first().and_then(|seen| seen.headers.get("accept-language")).context("no Accept-Language")?;
    equal("what the server is told", told.to_str()?, "ko-KR,ko;q=0.9,en;q=0.8")?;

    page.allow_scripts(false).await?;
    page.open("/").await?;
    page.see(&part("card")).await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    ensure!(
        page.script("return 'ready' in document.documentElement.dataset").await? == false,
        "a script ran"
    );
    page.allow_scripts(true).await?;
    page.open_ready("/").await?;

    page.connect(Connection::Offline).await?;
    equal("what the page knows offline", page.script("return navigator.onLine").await?, json!(false))?;
    let fetch = "const done = arguments[0]; fetch('/robots.txt?').then(() => done(1)).catch(() => done(0))";
    equal("what comes through offline", page.script_later(fetch).await?, json!(0))?;
    page.connect(Connection::Slow).await?;
    let begun = Instant::now();
    equal("what comes through slowly", page.script_later(fetch).await?, json!(1))?;
    ensure!(begun.elapsed() >= Duration::from_millis(400), "a slow line took {:?}", begun.elapsed());
    page.connect(Connection::Good).await?;
    visit.expect_noise(&["/robots.txt"]).await
}

async fn hands_reach(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    page.require_chromium()?;
    page.open_ready("/").await?;
    let stops = page.tab_through(40).await?;
    ensure!(stops.len() > 12, "Tab stops at {stops:?} only");
    page.script("document.activeElement.blur()").await?;
    page.tab_to(&part("recommend"), 40).await?;
    let there = page.focus().await?;
    page.press(Key::Tab).await?;
    page.press(Key::Shift + Key::Tab).await?;
    equal("what has the focus after one step on and one back", page.focus().await?, there)?;
    page.press(Key::Enter).await?;
    page.see(&format!("dialog[open]{}", part("quiz"))).await?;
    page.press(Key::Escape).await?;
    page.gone("dialog[open]").await?;
    // The address follows by way of the history, and a dialog that was opened before would be closed by it.
    page.wait("the address is the grid's", async || Ok(page.path().await? == "/")).await?;

    page.touchable(true).await?;
    let coarse = page.script("return matchMedia('(pointer: coarse)').matches").await?;
    equal("a screen to be touched", coarse, json!(true))?;
    page.tap(&part("recommend")).await?;
    page.see(&format!("dialog[open]{}", part("quiz"))).await.map(drop)
}
