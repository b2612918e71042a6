//! Five questions, and who suits the visitor.

use anyhow::{Result, bail, ensure};
use mysfits_domain::{Entry, Locale, MysfitId};
use serde_json::json;

use super::{Flow, Visit};
use crate::{
    api::Api,
    page::{equal, part},
};

/// The workshop's data point, and who suits it.
pub const WORKSHOP_ENTRY: [i64; 5] = [1, 2, 3, 4, 5];
const ATLANTIS: &str = "c0684344-1eb7-40e7-b334-06d25ac9268c";

/// The flows, in the order in which a visitor would come across them.
pub const FLOWS: &[Flow] = &[
    ("five answers meet their mysfit", |visit| Box::pin(five_answers(visit))),
    ("an open question is pointed out", |visit| Box::pin(open_question(visit))),
    ("the workshop's curl", |visit| Box::pin(workshops_curl(visit))),
];

impl Visit {
    /// Opens the page and the questionnaire on it.
    ///
    /// # Errors
    /// If it does not open.
    pub async fn open_questionnaire(&self) -> Result<()> {
        self.page.open_ready("/").await?;
        self.page.click(&part("recommend")).await?;
        self.page.see(&format!("dialog[open]{}", part("quiz"))).await.map(drop)
    }

    /// Sends the answers.
    ///
    /// # Errors
    /// If there is nothing to click.
    pub async fn submit(&self) -> Result<()> {
        self.page.click(&part("submit")).await
    }

    /// Waits for the result and checks who it is.
    ///
    /// # Errors
    /// If there is none in time, or it is somebody else.
    pub async fn check_result(&self, expected: MysfitId) -> Result<()> {
        let result = part("result");
        equal("the result", self.page.attribute(&result, "data-mysfit-id").await?, expected.as_str())?;
        let text = self.page.text(&result).await?;
        for words in [expected.mysfit().name, expected.mysfit().description] {
            let words = words.get(Locale::En);
            ensure!(text.contains(words), "the result does not say {words:?}: {text:?}");
        }
        Ok(())
    }
}

async fn five_answers(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from(WORKSHOP_ENTRY)?;
    let mysfit = visit.api.recommend(entry).await?;
    equal("whom the API recommends to the workshop's entry", mysfit.as_str(), ATLANTIS)?;
    visit.open_questionnaire().await?;
    page.answer_all(entry).await?;
    visit.submit().await?;
    visit.check_result(mysfit).await?;

    // Somebody with another taste takes over.
    let (entry, other) = another_taste(&visit.api, mysfit).await?;
    page.click(&part("ask-again")).await?;
    page.see(&part("submit")).await?;
    equal("the answers after asking again", page.chosen().await?, json!([null, null, null, null, null]))?;
    page.answer_all(entry).await?;
    visit.submit().await?;
    visit.check_result(other).await?;
    equal("requests for a recommendation", page.requests_to("/recommendations").await?, 2)?;
    Ok(())
}

/// An entry for which the API recommends somebody else.
async fn another_taste(api: &Api, than: MysfitId) -> Result<(Entry, MysfitId)> {
    for entry in Entry::all().step_by(4_681) {
        let mysfit = api.recommend(entry).await?;
        if mysfit != than {
            return Ok((entry, mysfit));
        }
    }
    bail!("the API recommends {than} to everybody")
}

async fn open_question(visit: &Visit) -> Result<()> {
    const OPEN: usize = 2;
    let page = &visit.page;
    let entry = Entry::try_from(WORKSHOP_ENTRY)?;
    visit.open_questionnaire().await?;
    visit.submit().await?;
    check_open(visit, 0).await?;
    for (position, answer) in entry.answers().iter().enumerate().filter(|(position, _)| *position != OPEN) {
        page.answer(position, answer.get()).await?;
    }
    visit.submit().await?;
    check_open(visit, OPEN).await?;
    equal("requests for a recommendation", page.requests_to("/recommendations").await?, 0)?;
    page.answer(OPEN, entry.answers()[OPEN].get()).await?;
    page.gone(&format!("{}[data-missing]", part("question"))).await?;
    visit.submit().await?;
    visit.check_result(visit.api.recommend(entry).await?).await?;
    Ok(())
}

/// Checks that this question, and no other, is pointed out: marked, named, and with the focus on its first option.
async fn check_open(visit: &Visit, position: usize) -> Result<()> {
    let page = &visit.page;
    let question = mysfits_domain::questionnaire()[position].feature;
    page.see(&format!("{}[data-missing][data-feature=\"{question}\"]", part("question"))).await?;
    let marked = page
        .script("return document.querySelectorAll('[data-testid=question][data-missing]').length")
        .await?;
    equal("questions that are marked", marked, json!(1))?;
    let progress = page.text(&part("progress")).await?;
    ensure!(
        progress.contains(&(position + 1).to_string()),
        "question {} is not named: {progress:?}",
        position + 1
    );
    let focus = page.script("return [document.activeElement.name, document.activeElement.value]").await?;
    equal("what has the focus", focus, json!([question, "1"]))
}

async fn workshops_curl(visit: &Visit) -> Result<()> {
    let answer = visit.api.post(r#"{"entry": [1,2,3,4,5]}"#).await?;
    equal("the status", answer.status, 200)?;
    equal("the body", answer.body.as_str(), format!("{{\"recommendedMysfit\":\"{ATLANTIS}\"}}"))?;
    for header in ["content-type: application/json", "access-control-allow-origin: *"] {
        ensure!(answer.head.contains(header), "there is no {header:?}: {}", answer.head);
    }
    Ok(())
}
