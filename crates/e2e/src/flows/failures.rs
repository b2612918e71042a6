//! What the visitor meets when things go wrong: words and a way on, and never lost answers.

use std::time::Duration;

use anyhow::{Context as _, Result};
use mysfits_domain::Entry;
use serde_json::json;

use super::{Flow, Visit};
use crate::{
    page::{equal, part},
    proxy::Fault,
};

/// Where recommendations are asked for, whatever stands before it.
const RECOMMENDATIONS: &str = "*/recommendations";
/// How long the page waits for an answer.
const PAGE_WAITS: Duration = Duration::from_secs(10);
/// Somebody's answers.
const ENTRY: [i64; 5] = [8, 6, 4, 2, 1];

/// The flows, in the order in which a visitor would come across them.
pub const FLOWS: &[Flow] = &[
    ("the API away is no disaster", |visit| Box::pin(api_away(visit))),
    ("every failure has its words", |visit| Box::pin(every_failure(visit))),
];

async fn api_away(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from(ENTRY)?;
    let answers = json!(entry);
    let mysfit = visit.api.recommend(entry).await?;
    visit.open_questionnaire().await?;
    page.block(Some(RECOMMENDATIONS)).await?;
    page.answer_all(entry).await?;
    visit.submit().await?;
    equal("the failure", page.attribute(&part("failure"), "data-kind").await?, "away")?;
    // Back to the answers, and once more in vain.
    page.click(&part("back")).await?;
    page.see(&part("quiz-form")).await?;
    equal("the answers", &page.chosen().await?, &answers)?;
    visit.submit().await?;
    page.see(&part("failure")).await?;
    page.click(&part("retry")).await?;
    page.see(&part("failure")).await?;
    equal("the answers", &page.chosen().await?, &answers)?;
    // The API is back.
    page.block(None).await?;
    page.click(&part("retry")).await?;
    visit.check_result(mysfit).await?;
    visit.expect_noise("/recommendations").await
}

/// Every way in which the service can fail shows what it is, keeps the answers, and is over when the service is well.
async fn every_failure(visit: &Visit) -> Result<()> {
    let unknown = r#"{"recommendedMysfit":"00000000-0000-4000-8000-000000000000"}"#;
    for (kind, fault) in [
        ("away", Fault::HangUp),
        ("timed-out", Fault::Late(PAGE_WAITS + Duration::from_millis(500))),
        ("busy", Fault::problem(429, "Too many requests").with_retry_after(1)),
        ("busy", Fault::problem(503, "The endpoint is away").with_retry_after(1)),
        ("refused", Fault::problem(400, "entry[2] is 9")),
        ("broken", Fault::problem(500, "Something failed")),
        ("unreadable", Fault::json("<html>")),
        ("unknown-mysfit", Fault::json(unknown)),
    ] {
        failure(visit, kind, fault.clone()).await.with_context(|| format!("{fault:?}"))?;
    }
    Ok(())
}

async fn failure(visit: &Visit, kind: &str, fault: Fault) -> Result<()> {
    let (page, proxy) = (&visit.page, &visit.proxy);
    let entry = Entry::try_from(ENTRY)?;
    visit.open_questionnaire().await?;
    page.answer_all(entry).await?;
    proxy.fail(RECOMMENDATIONS, fault);
    visit.submit().await?;
    equal("the failure", page.attribute(&part("failure"), "data-kind").await?, kind)?;
    equal("the answers", page.chosen().await?, json!(entry))?;
    // Late, but well: the visitor waits and is answered.
    proxy.fail(RECOMMENDATIONS, Fault::Late(Duration::from_millis(300)));
    page.click(&part("retry")).await?;
    visit.check_result(visit.api.recommend(entry).await?).await?;
    proxy.heal();
    visit.expect_noise("/recommendations").await
}
