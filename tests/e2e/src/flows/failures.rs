//! Failures: each has its own text in both languages and a way to continue, and no answers are lost.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context as _, Result, ensure};
use mysfits_domain::{Entry, Locale};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{Flow, Visit, quiz::RECOMMENDATIONS};
use crate::{
    page::{emulation::Connection, equal, part},
    proxy::InjectedFault,
};

/// The site's settings.
const CONFIG: &str = "/config.json";
/// The decision table, for pages without an API.
const TABLE: &str = "/decision-table.bin";
/// The paths into which faults are injected; console messages about them are expected.
const NOISY: &[&str] = &["/recommendations", CONFIG, TABLE];
/// The delay after which the page shows that the answer is slow.
const PAGE_IS_PATIENT: Duration = Duration::from_millis(2500);
/// How long the page waits for an answer.
const PAGE_WAITS: Duration = Duration::from_secs(12);
/// The `Retry-After` of a busy service, in seconds.
const SECONDS: u32 = 7;
/// Answers to the five questions.
const ENTRY: [i64; 5] = [8, 6, 4, 2, 1];

/// The flows, in a visitor's order.
pub const FLOWS: &[Flow] = &[
    ("every failure has its own text", |visit| Box::pin(every_failure(visit, Locale::En))),
    ("every failure has its own text in Korean", |visit| Box::pin(every_failure(visit, Locale::Ko))),
    ("a late response times out", |visit| Box::pin(timed_out(visit))),
    ("a slow response can be replaced by the table's answer", |visit| Box::pin(slow(visit))),
    ("a failed request is answered from the table", |visit| Box::pin(answered_from_table(visit))),
    ("without an API the page answers from the table", |visit| Box::pin(without_api(visit))),
    ("without a network the page answers from the table", |visit| Box::pin(offline(visit))),
    ("without a network or a table the answers are kept", |visit| Box::pin(offline_without_table(visit))),
];

/// Returns the failures: the page's name for each, the path, and the injected fault.
fn failures() -> [(&'static str, &'static str, InjectedFault); 10] {
    let unknown = r#"{"recommendedMysfit":"00000000-0000-4000-8000-000000000000"}"#;
    [
        ("unreachable", RECOMMENDATIONS, InjectedFault::HangUp),
        ("throttled", RECOMMENDATIONS, InjectedFault::problem(429, "Too many").with_retry_after(SECONDS)),
        (
            "busy",
            RECOMMENDATIONS,
            InjectedFault::problem(503, "The endpoint is away").with_retry_after(SECONDS),
        ),
        ("refused", RECOMMENDATIONS, InjectedFault::problem(400, "entry[2] is 9")),
        ("server-error", RECOMMENDATIONS, InjectedFault::problem(500, "Something failed")),
        ("invalid-response", RECOMMENDATIONS, InjectedFault::json("<html>")),
        ("unknown-mysfit", RECOMMENDATIONS, InjectedFault::json(unknown)),
        ("not-configured", CONFIG, InjectedFault::json("{ \"recommendationsApiEndpoint\": ")),
        ("busy", CONFIG, InjectedFault::problem(503, "The settings are away")),
        ("unreachable", CONFIG, InjectedFault::HangUp),
    ]
}

/// Each failure of the service is shown, keeps the answers, and ends when the service works again.
async fn every_failure(visit: &Visit, locale: Locale) -> Result<()> {
    let (mut kinds, mut words) = (BTreeSet::new(), BTreeSet::new());
    for (kind, path, fault) in failures() {
        let said = failure(visit, locale, kind, path, &fault).await;
        words.insert(said.with_context(|| format!("{kind}: {path} with {fault:?}"))?);
        kinds.insert(kind);
    }
    equal("failures that have words of their own", words.len(), kinds.len())
}

/// Tests one failure.
async fn failure(
    visit: &Visit,
    locale: Locale,
    kind: &str,
    path: &str,
    fault: &InjectedFault,
) -> Result<String> {
    let (page, proxy) = (&visit.page, &visit.proxy);
    let entry = Entry::try_from(ENTRY)?;
    proxy.heal();
    // Before the page opens: it reads its settings as soon as its code is there. With a table there would be a result.
    proxy.fail(path, fault.clone());
    proxy.fail(TABLE, InjectedFault::HangUp);
    visit.open_answers(locale, entry).await?;
    visit.submit().await?;
    let words = check_failure(visit, locale, kind).await?;
    let text = page.text(&part("failure")).await?;
    if let InjectedFault::Answer { retry_after, body, .. } = fault {
        if let Some(seconds) = retry_after {
            let wait = page.text(&part("retry-after")).await?;
            ensure!(wait.contains(&seconds.to_string()), "it does not say {seconds} seconds: {wait:?}");
        }
        // The page has texts of its own, in the visitor's language.
        let problem: Value = serde_json::from_str(body).unwrap_or_default();
        if let Some(detail) = problem["detail"].as_str() {
            ensure!(!text.contains(detail), "a text of the service is shown: {text:?}");
        }
    }
    visit.check_phone(&format!("failure-{kind}")).await?;

    // Goes back to the answers and fails again.
    page.click(&part("back")).await?;
    page.see(&part("review")).await?;
    equal("the answers", page.chosen().await?, json!(entry))?;
    visit.submit().await?;
    check_failure(visit, locale, kind).await.context("once more")?;
    // A late response: the visitor waits and gets the result.
    proxy.heal();
    proxy.fail(RECOMMENDATIONS, InjectedFault::Late(Duration::from_millis(300)));
    page.click(&part("retry")).await?;
    visit.check_result(locale, visit.api.recommend(entry).await?).await?;
    visit.expect_noise(NOISY).await?;
    Ok(words)
}

/// Checks that this failure is shown in this language; returns its text.
async fn check_failure(visit: &Visit, locale: Locale, kind: &str) -> Result<String> {
    let page = &visit.page;
    equal("the failure", page.attribute(&part("failure"), "data-kind").await?, kind)?;
    let words = page.text(&format!("{} h3 + p", part("failure"))).await?;
    let is_korean = words.chars().any(|c| ('가'..='힣').contains(&c));
    ensure!(!words.is_empty(), "there are no words");
    equal("whether the words are Korean", is_korean, locale == Locale::Ko)?;
    let focus = "return document.activeElement.closest('[data-testid=failure]') !== null";
    page.wait("the focus is on what is said", async || Ok(page.script(focus).await? == true)).await?;
    Ok(words)
}

async fn timed_out(visit: &Visit) -> Result<()> {
    let proxy = &visit.proxy;
    let entry = Entry::try_from(ENTRY)?;
    visit.open_answers(Locale::En, entry).await?;
    proxy.fail(RECOMMENDATIONS, InjectedFault::Late(PAGE_WAITS + Duration::from_secs(2)));
    visit.submit().await?;
    let begun = Instant::now();
    visit.check_table_result(Locale::En, entry).await?;
    ensure!(
        begun.elapsed() + Duration::from_millis(500) > PAGE_WAITS,
        "it gave up after {:?}",
        begun.elapsed()
    );
    proxy.heal();
    visit.check_votes_after_retry().await
}

/// A slow request is announced and can be replaced by the table's answer; the late response then changes nothing.
async fn slow(visit: &Visit) -> Result<()> {
    const LATE: Duration = Duration::from_secs(8);
    let page = &visit.page;
    let entry = Entry::try_from(ENTRY)?;
    for locale in Locale::ALL {
        visit.proxy.heal();
        visit.open_answers(locale, entry).await?;
        visit.proxy.fail(RECOMMENDATIONS, InjectedFault::Late(LATE));
        visit.submit().await?;
        let begun = Instant::now();
        let hint = format!("{} p", part("waiting"));
        let at_first = page.text(&hint).await?;
        page.gone(&part("ask-table")).await?;
        page.see(&format!("{}[data-slow]", part("waiting"))).await?;
        let elapsed = begun.elapsed();
        ensure!(
            elapsed + Duration::from_millis(500) > PAGE_IS_PATIENT,
            "it is called slow after {elapsed:?}"
        );
        ensure!(elapsed < LATE, "it is not called slow in {elapsed:?}");
        ensure!(page.text(&hint).await? != at_first, "the words have not changed: {at_first:?}");
        page.click(&part("ask-table")).await?;
        visit.check_table_result(locale, entry).await?;
        sleep((LATE + Duration::from_millis(300)).saturating_sub(begun.elapsed())).await;
        visit.check_table_result(locale, entry).await.context("when the late answer has come")?;
    }
    visit.check_asked(2)
}

/// The page does not ask what to do: it shows the table's answer, says so, and offers to ask the service again.
async fn answered_from_table(visit: &Visit) -> Result<()> {
    let entry = Entry::try_from(ENTRY)?;
    for (locale, fault) in Locale::ALL
        .into_iter()
        .zip([InjectedFault::problem(503, "The endpoint is away"), InjectedFault::HangUp])
    {
        visit.proxy.heal();
        visit.open_answers(locale, entry).await?;
        visit.proxy.fail(RECOMMENDATIONS, fault);
        visit.submit().await?;
        visit.check_table_result(locale, entry).await?;
        visit.check_phone("result-service-failed").await?;
        visit.proxy.heal();
        visit.check_votes_after_retry().await?;
    }
    visit.expect_noise(NOISY).await
}

impl Visit {
    /// Asks the service again from a result of the table, and checks that the neighbours' votes are shown.
    async fn check_votes_after_retry(&self) -> Result<()> {
        self.page.click(&format!("{} {}", part("result"), part("retry"))).await?;
        self.page.see(&part("votes")).await.map(drop)
    }
}

/// If the settings name no API, the page answers from the table. Without a table it shows a failure.
async fn without_api(visit: &Visit) -> Result<()> {
    let (page, proxy) = (&visit.page, &visit.proxy);
    let entry = Entry::try_from(ENTRY)?;
    for (locale, settings) in Locale::ALL
        .into_iter()
        .zip([InjectedFault::json("{}"), InjectedFault::problem(404, "There are no settings")])
    {
        proxy.heal();
        proxy.fail(CONFIG, settings);
        visit.open_answers(locale, entry).await?;
        visit.submit().await?;
        visit.check_table_result(locale, entry).await?;
        proxy.fail(TABLE, InjectedFault::HangUp);
        visit.open_answers(locale, entry).await?;
        visit.submit().await?;
        check_failure(visit, locale, "no-service").await?;
        page.gone(&part("ask-table")).await?;
        visit.check_phone("failure-no-service").await?;
        proxy.heal();
        page.click(&part("retry")).await?;
        visit.check_table_result(locale, entry).await.context("once there is a table")?;
    }
    visit.check_asked(0)?;
    visit.expect_noise(NOISY).await
}

async fn offline(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from(ENTRY)?;
    let mut told = BTreeSet::new();
    for locale in Locale::ALL {
        visit.connect(Connection::Good).await?;
        visit.open_answers(locale, entry).await?;
        page.wait("the table is there", async || Ok(page.requests_to(TABLE).await? > 0)).await?;
        visit.connect(Connection::Offline).await?;
        visit.submit().await?;
        told.insert(visit.check_table_result(locale, entry).await?);
        // The network is back.
        visit.connect(Connection::Good).await?;
        page.click(&part("back")).await?;
        visit.submit().await?;
        visit.check_result(locale, visit.api.recommend(entry).await?).await?;
        equal("the source", page.attribute(&part("result"), "data-source").await?, "neighbours")?;
    }
    equal("languages in which it says that there is no network", told.len(), Locale::ALL.len())?;
    visit.expect_noise(NOISY).await
}

async fn offline_without_table(visit: &Visit) -> Result<()> {
    let (page, proxy) = (&visit.page, &visit.proxy);
    let entry = Entry::try_from(ENTRY)?;
    for locale in Locale::ALL {
        proxy.fail(TABLE, InjectedFault::HangUp);
        visit.open_answers(locale, entry).await?;
        page.wait("the table was asked for", async || Ok(!proxy.seen(TABLE).is_empty())).await?;
        visit.connect(Connection::Offline).await?;
        visit.submit().await?;
        check_failure(visit, locale, "offline").await?;
        page.gone(&part("ask-table")).await?;
        visit.check_phone("failure-offline").await?;
        page.click(&part("retry")).await?;
        check_failure(visit, locale, "offline").await.context("once more")?;
        equal("the answers", page.chosen().await?, json!(entry))?;
        proxy.heal();
        visit.connect(Connection::Good).await?;
        page.click(&part("retry")).await?;
        visit.check_result(locale, visit.api.recommend(entry).await?).await?;
        proxy.forget();
    }
    visit.expect_noise(NOISY).await
}
