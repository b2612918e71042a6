//! What the visitor does, and what must come of it. Expectations come from the domain and from the API, never from the
//! page.

use std::{
    path::{Path, PathBuf},
    pin::Pin,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use mysfits_domain::{Entry, GoodEvil, LawChaos, Locale, MYSFIT_COUNT, MysfitId, catalogue};
use serde_json::json;
use thirtyfour::Key;

use crate::{
    api::Api,
    page::{Extent, Page, equal, part},
};

/// How long a flow may take.
const TIMEOUT: Duration = Duration::from_mins(2);
/// The workshop's data point, and who suits it.
const WORKSHOP_ENTRY: [i64; 5] = [1, 2, 3, 4, 5];
const ATLANTIS: &str = "c0684344-1eb7-40e7-b334-06d25ac9268c";
/// Windows to look through: a phone, a tablet, a laptop, a desktop.
const WINDOWS: [(u32, u32); 4] = [(360, 740), (768, 1024), (1280, 800), (1920, 1080)];

/// What a flow works with.
#[derive(Debug)]
pub struct Visit {
    /// The page.
    pub page: Page,
    /// The API behind it.
    pub api: Api,
    /// Where pictures go.
    pub screenshots: PathBuf,
}

/// A flow under way.
type Running<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;
/// A flow: fails with what is not as it should be.
pub type Flow = for<'a> fn(&'a Visit) -> Running<'a>;

/// All flows with their names, in the order in which a visitor would come across them.
#[must_use]
pub fn all() -> Vec<(&'static str, Flow)> {
    vec![
        ("the page opens", |visit| Box::pin(page_opens(visit))),
        ("profiles open and close", |visit| Box::pin(profiles_open_and_close(visit))),
        ("filters show the right mysfits", |visit| Box::pin(filters(visit))),
        ("five answers meet their mysfit", |visit| Box::pin(five_answers(visit))),
        ("an open question is pointed out", |visit| Box::pin(open_question(visit))),
        ("the API away is no disaster", |visit| Box::pin(api_away(visit))),
        ("a mistyped address leads home", |visit| Box::pin(mistyped(visit))),
        ("the workshop's curl", |visit| Box::pin(workshops_curl(visit))),
        ("every window size", |visit| Box::pin(window_sizes(visit))),
    ]
}

/// Runs a flow in a window of a usual size, with nothing blocked and an empty console.
///
/// # Errors
/// The flow's, or that it takes too long.
pub async fn run(visit: &Visit, flow: Flow) -> Result<()> {
    visit.page.resize(1280, 800).await?;
    visit.page.block(None).await?;
    visit.page.console().await?;
    tokio::time::timeout(TIMEOUT, flow(visit))
        .await
        .with_context(|| format!("not done after {} s", TIMEOUT.as_secs()))?
}

/// Runs the chosen flows one after the other, a line each; how many failed.
pub async fn run_all(visit: &Visit, chosen: impl Fn(&str) -> bool) -> usize {
    let (mut passed, mut failed) = (0, 0);
    for (name, flow) in all().into_iter().filter(|(name, _)| chosen(name)) {
        let begun = Instant::now();
        match run(visit, flow).await {
            Ok(()) => {
                passed += 1;
                println!("ok  {name}  {:.1} s", begun.elapsed().as_secs_f64());
            }
            Err(error) => {
                failed += 1;
                println!("FAILED {name}: {}", in_a_line(&error));
                if let Ok(seen) = visit.show_failure(name).await {
                    println!("       seen at the end: {}", seen.display());
                }
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    failed
}

/// An error with its causes, without the driver's stack trace.
fn in_a_line(error: &anyhow::Error) -> String {
    let text = format!("{error:#}");
    let lines = text.lines().map(str::trim).take_while(|line| !line.starts_with("Stacktrace:"));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

impl Visit {
    /// Takes a picture of what a failed flow saw last.
    ///
    /// # Errors
    /// The browser's, or the file's.
    pub async fn show_failure(&self, name: &str) -> Result<PathBuf> {
        let path = self
            .screenshots
            .join(format!("failed-{}.png", name.replace(|c: char| !c.is_alphanumeric(), "-")));
        self.page.screenshot(&path, Extent::Window).await?;
        Ok(path)
    }

    async fn check_console(&self) -> Result<()> {
        equal("the browser's console", self.page.console().await?, Vec::<String>::new())
    }

    async fn open_questionnaire(&self) -> Result<()> {
        self.page.open_ready().await?;
        self.page.click(&part("recommend")).await?;
        self.page.see(&format!("dialog[open]{}", part("quiz"))).await.map(drop)
    }

    async fn submit(&self) -> Result<()> {
        self.page.click(&part("submit")).await
    }

    /// Waits for the result and checks who it is.
    async fn check_result(&self, expected: MysfitId) -> Result<()> {
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

async fn page_opens(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    page.open_ready().await?;
    equal("the cards", page.cards().await?, catalogue().each_ref().map(|mysfit| mysfit.slug))?;
    for mysfit in catalogue() {
        let card = format!("{}[data-slug=\"{}\"]", part("card"), mysfit.slug);
        let text = page.text(&card).await?;
        for words in [mysfit.name, mysfit.species] {
            let words = words.get(Locale::En);
            ensure!(text.contains(words), "the card does not say {words:?}: {text:?}");
        }
        // Portraits further down are fetched when they come near.
        page.script(&format!("document.querySelector('{card}').scrollIntoView()")).await?;
        page.wait(&format!("the portrait of {} is shown", mysfit.slug), async || {
            let script = format!("return document.querySelector('{card} img').naturalWidth > 0");
            Ok(page.script(&script).await? == true)
        })
        .await?;
    }
    visit.check_console().await
}

async fn profiles_open_and_close(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    page.open_ready().await?;
    let dialog = format!("dialog[open]{}", part("profile"));
    for (i, mysfit) in catalogue().iter().enumerate() {
        let button = format!("{}[data-opens=\"{}\"]", part("view-profile"), mysfit.slug);
        page.click(&button).await?;
        equal("the profile", page.attribute(&dialog, "data-mysfit-id").await?, mysfit.id.as_str())?;
        equal("its heading", page.text(&format!("{dialog} h2")).await?, mysfit.name.en)?;
        let text = page.text(&dialog).await?;
        for words in [mysfit.species.en, mysfit.description.en] {
            ensure!(text.contains(words), "the profile does not say {words:?}: {text:?}");
        }
        if i % 2 == 0 {
            page.press(Key::Escape).await?;
        } else {
            page.click(&format!("{dialog} {}", part("close"))).await?;
        }
        page.gone(&dialog).await?;
        let focus = page.script("return document.activeElement.dataset.opens").await?;
        equal("what has the focus afterwards", focus, json!(mysfit.slug))?;
    }
    visit.check_console().await
}

async fn filters(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    page.open_ready().await?;
    let good_evil = [None].into_iter().chain(GoodEvil::ALL.map(Some));
    for (good_evil, law_chaos) in good_evil.flat_map(|good_evil| {
        [None].into_iter().chain(LawChaos::ALL.map(Some)).map(move |law_chaos| (good_evil, law_chaos))
    }) {
        let radio = |axis, value: Option<&str>| {
            format!("{} input[value=\"{}\"]", part(axis), value.unwrap_or_default())
        };
        page.choose(&radio("good-evil", good_evil.map(GoodEvil::as_str))).await?;
        page.choose(&radio("law-chaos", law_chaos.map(LawChaos::as_str))).await?;
        let expected: Vec<_> = catalogue()
            .iter()
            .filter(|mysfit| good_evil.is_none_or(|value| mysfit.alignment.good_evil == value))
            .filter(|mysfit| law_chaos.is_none_or(|value| mysfit.alignment.law_chaos == value))
            .map(|mysfit| mysfit.slug)
            .collect();
        check_shown(visit, &expected).await.with_context(|| format!("{good_evil:?} and {law_chaos:?}"))?;
    }
    page.click(&part("view-all")).await?;
    check_shown(visit, &catalogue().each_ref().map(|mysfit| mysfit.slug)).await.context("View All")?;
    visit.check_console().await
}

/// Checks which cards are shown, and that the count says so.
async fn check_shown(visit: &Visit, expected: &[&str]) -> Result<()> {
    equal("the cards", visit.page.cards().await?, expected)?;
    let count = format!("{} of {MYSFIT_COUNT}", expected.len());
    visit
        .page
        .wait(&format!("the count says {count}"), async || {
            Ok(visit.page.text(&part("count")).await?.starts_with(&count))
        })
        .await
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
    visit.check_console().await
}

/// An entry for which the API recommends somebody else.
async fn another_taste(api: &Api, than: MysfitId) -> Result<(Entry, MysfitId)> {
    for entry in Entry::all().step_by(4_681) {
        let mysfit = api.recommend(entry).await?;
        if mysfit != than {
            return Ok((entry, mysfit));
        }
    }
    anyhow::bail!("the API recommends {than} to everybody")
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
    visit.check_console().await
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

async fn api_away(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from([8, 6, 4, 2, 1])?;
    let answers = json!(entry);
    let mysfit = visit.api.recommend(entry).await?;
    visit.open_questionnaire().await?;
    page.block(Some("*/recommendations")).await?;
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
    let console = page.console().await?;
    ensure!(
        console.iter().all(|line| line.contains("/recommendations")),
        "the browser's console: {console:?}"
    );
    Ok(())
}

async fn mistyped(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    page.open("/nowhere/at/all").await?;
    page.see("h1").await?;
    page.click("main a").await?;
    page.see("html[data-ready]").await?;
    equal("the cards", page.cards().await?.len(), MYSFIT_COUNT)
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

async fn window_sizes(visit: &Visit) -> Result<()> {
    for (width, height) in WINDOWS {
        window_size(visit, width, height).await.with_context(|| format!("at {width} px"))?;
    }
    Ok(())
}

async fn window_size(visit: &Visit, width: u32, height: u32) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from(WORKSHOP_ENTRY)?;
    let path = |what: &str| visit.screenshots.join(format!("{what}-{width}.png"));
    let look = async |path: &Path, extent| {
        page.check_no_overflow(width).await?;
        page.screenshot(path, extent).await
    };
    page.resize(width, height).await?;
    page.open_ready().await?;
    look(&path("grid"), Extent::WholePage).await?;

    page.click(&format!("{}[data-opens=\"{}\"]", part("view-profile"), catalogue()[2].slug)).await?;
    page.see(&format!("dialog[open]{} img", part("profile"))).await?;
    look(&path("profile"), Extent::Window).await?;

    visit.open_questionnaire().await?;
    look(&path("questionnaire"), Extent::Window).await?;
    page.block(Some("*/recommendations")).await?;
    page.answer_all(entry).await?;
    visit.submit().await?;
    page.see(&part("failure")).await?;
    look(&path("failure"), Extent::Window).await?;
    page.block(None).await?;
    page.click(&part("retry")).await?;
    page.see(&format!("{} img", part("result"))).await?;
    look(&path("result"), Extent::Window).await
}
