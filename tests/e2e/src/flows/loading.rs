//! Loading: visits without a network, what is requested again, what profiles load, and that nothing moves meanwhile.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context as _, Result, ensure};
use mysfits_domain::{Entry, Locale, catalogue};
use serde_json::json;

use super::{Flow, Visit, addresses::profile};
use crate::{
    page::{
        BrowserPage,
        emulation::{Connection, Window},
        equal, part,
    },
    proxy::InjectedFault,
};

/// The site's settings.
const CONFIG: &str = "/config.json";
/// The page's code.
const CODE: &str = "*.wasm";
/// Answers to the five questions.
const ENTRY: [i64; 5] = [8, 6, 4, 2, 1];
/// The files that a reload may request again. All others have names with a hash.
const REVALIDATED: [&str; 6] =
    ["/", CONFIG, "/mysfits", "/favicon.svg", "/site.webmanifest", "/icon-192.png"];
/// The largest layout shift; 0.1 is good for the web in general.
const MAX_SHIFT: f64 = 0.01;

/// The flows, in a visitor's order.
pub const FLOWS: &[Flow] = &[
    ("the site opens offline after one visit", |visit| Box::pin(offline(visit))),
    ("a reload requests only what may have changed", |visit| Box::pin(reload(visit))),
    ("a profile without services loads no code", |visit| Box::pin(profile_without_services(visit))),
    ("a profile does not move while it loads", |visit| Box::pin(stable(visit))),
];

/// Waits until the service worker has installed the site.
async fn installed(page: &BrowserPage) -> Result<()> {
    let script = "const done = arguments[0]; navigator.serviceWorker.ready.then(() => done(true))";
    equal("the service worker", page.script_later(script).await?, true)
}

/// Waits until all portraits are shown that the window has.
async fn portraits(page: &BrowserPage) -> Result<()> {
    let script = "return [...document.querySelectorAll('.card > img:not([loading=lazy])')]
        .every(image => image.complete && image.naturalWidth > 0)";
    page.wait("the portraits are there", async || Ok(page.script(script).await? == true)).await
}

async fn offline(visit: &Visit) -> Result<()> {
    let (page, proxy) = (&visit.page, &visit.proxy);
    let entry = Entry::try_from(ENTRY)?;
    page.save_data(false).await?;
    page.open_ready("/").await?;
    installed(page).await?;

    // The server fails, but is there.
    proxy.fail("/", InjectedFault::problem(503, "The site is away"));
    page.open_ready("/").await.context("with a server that fails")?;

    proxy.fail("*", InjectedFault::HangUp);
    page.connect(Connection::Offline).await?;
    visit.open_answers(Locale::En, entry).await?;
    visit.submit().await?;
    visit.check_table_result(Locale::En, entry).await?;
    page.open_ready("/").await?;
    portraits(page).await?;

    // Pages that were never visited.
    let mysfit = &catalogue()[7];
    page.open_ready(&profile(Locale::Ko, mysfit)).await?;
    equal("the heading", page.text("main h1").await?, mysfit.name.ko)?;
    page.open("/r/12345").await?;
    page.wait("the result's address", async || Ok(page.path().await? == "/#quiz=12345")).await?;
    // The language is the chosen one.
    page.open_ready("/").await?;
    page.click(&part("language")).await?;
    visit.check_language(Locale::Ko).await?;
    page.open("/").await?;
    visit.check_language(Locale::Ko).await.context("the next time")?;
    let failed: BTreeSet<_> = proxy.seen("*").into_iter().map(|request| request.path).collect();
    visit
        .expect_noise(&failed.iter().map(String::as_str).filter(|path| *path != "/").collect::<Vec<_>>())
        .await
}

async fn reload(visit: &Visit) -> Result<()> {
    let (page, proxy) = (&visit.page, &visit.proxy);
    // Firefox runs without a cache, so that each flow is a new visitor.
    page.require_chromium()?;
    let paths = || -> BTreeSet<_> { proxy.seen("*").into_iter().map(|request| request.path).collect() };
    page.open_ready("/").await?;
    portraits(page).await?;
    page.wait("the likes are there", async || Ok(!proxy.seen("/mysfits").is_empty())).await?;
    let first = paths();
    proxy.forget();
    page.reload().await?;
    portraits(page).await?;
    let again: BTreeSet<_> = paths().intersection(&first).cloned().collect();
    let unexpected: Vec<_> = again.iter().filter(|path| !REVALIDATED.contains(&path.as_str())).collect();
    equal("files that are requested again", unexpected, [""; 0])?;
    ensure!(again.contains("/"), "a reload requests the page: {again:?}");
    Ok(())
}

async fn profile_without_services(visit: &Visit) -> Result<()> {
    let (page, proxy) = (&visit.page, &visit.proxy);
    let mysfit = &catalogue()[3];
    proxy.fail(
        CONFIG,
        InjectedFault::json(r#"{ "recommendationsApiEndpoint": "", "awsRegion": "eu-west-1" }"#),
    );
    for locale in Locale::ALL {
        page.open_ready(&profile(locale, mysfit)).await?;
        equal("requests for the settings", proxy.seen(CONFIG).len(), 1)?;
        equal("requests for the code", proxy.seen(CODE).len(), 0)?;
        proxy.forget();
    }
    // The link to the other language stores the choice all the same.
    page.click(&part("language")).await?;
    page.wait("the other language", async || Ok(page.path().await? == profile(Locale::En, mysfit))).await?;
    page.ready().await?;
    equal("the stored language", page.script("return document.cookie").await?, json!("lang=en"))?;
    equal("requests for the code", proxy.seen(CODE).len(), 0)?;
    // Likes need it.
    proxy.fail(CONFIG, InjectedFault::json(r#"{ "mysfitsApiEndpoint": "" }"#));
    page.open_ready(&profile(Locale::En, mysfit)).await?;
    page.see(&part("like")).await?;
    equal("requests for the code", proxy.seen(CODE).len(), 1)
}

async fn stable(visit: &Visit) -> Result<()> {
    let (page, proxy) = (&visit.page, &visit.proxy);
    // Long after the first paint.
    proxy.fail(CONFIG, InjectedFault::Late(Duration::from_millis(600)));
    for width in [360, 1280] {
        page.look_through(Window::new(width, 800)).await?;
        page.open_ready(&profile(Locale::En, &catalogue()[0])).await?;
        page.see(&part("like")).await?;
        let script = "const done = arguments[0];
            const sum = list => list.getEntries().reduce((sum, entry) => sum + entry.value, 0);
            new PerformanceObserver(list => done(sum(list))).observe({ type: 'layout-shift', buffered: true });
            setTimeout(done, 300, 0)";
        let shift = page.script_later(script).await?.as_f64().context("a number")?;
        ensure!(shift < MAX_SHIFT, "at {width} px the layout shifts by {shift}");
    }
    Ok(())
}
