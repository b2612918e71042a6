//! The questionnaire: answered by mouse, touch and keyboard; skipped, changed, kept and shared.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use http::Method;
use mysfits_domain::{Entry, Locale, QUESTION_COUNT, questionnaire};
use mysfits_output::outln;
use serde_json::json;
use thirtyfour::Key;
use tokio::time::{Instant, sleep};

use super::{Flow, Visit, addresses::index};
use crate::page::{BrowserPage, emulation::Window, equal, part};

/// The workshop's data point, and its mysfit.
pub const WORKSHOP_ENTRY: [i64; QUESTION_COUNT] = [1, 2, 3, 4, 5];
const ATLANTIS: &str = "c0684344-1eb7-40e7-b334-06d25ac9268c";
/// The path of recommendations, without the API's prefix.
pub const RECOMMENDATIONS: &str = "*/recommendations";
/// A laptop's window in which WebKit once showed only 68 px of the questionnaire.
const LAPTOP: Window = Window::new(1280, 822);
/// The least height of a question in it.
const LEAST_HEIGHT: u64 = 500;
/// Longer than the page shows an answer before it advances.
const WHILE: Duration = Duration::from_millis(800);
/// The longest time until the next question.
const SOON: Duration = Duration::from_secs(2);

/// The flows, in a visitor's order.
pub const FLOWS: &[Flow] = &[
    ("the questionnaire is as high as its content", |visit| Box::pin(height(visit))),
    ("five answers by mouse lead to a mysfit", |visit| Box::pin(by_mouse(visit))),
    ("five answers by touch lead to a mysfit", |visit| Box::pin(by_touch(visit))),
    ("five answers by keyboard lead to a mysfit", |visit| Box::pin(by_keyboard(visit))),
    ("a skipped question shows a hint", |visit| Box::pin(skipped(visit))),
    ("every answer can be changed", |visit| Box::pin(changed(visit))),
    ("answers survive a reload and a closed dialog", |visit| Box::pin(kept(visit))),
    ("a link carries answers", |visit| Box::pin(shared(visit))),
    ("the workshop's curl", |visit| Box::pin(workshops_curl(visit))),
];

/// Returns the dialog while it is open.
fn dialog() -> String {
    format!("dialog[open]{}", part("quiz"))
}

/// Returns the question at this place, counted from 0, while it is asked.
#[must_use]
pub fn asked(position: usize) -> String {
    format!(
        "{} {}[data-feature=\"{}\"]:not([hidden])",
        dialog(),
        part("question"),
        questionnaire()[position].feature
    )
}

/// Returns the radio of an answer to the question at this place, while that is asked.
#[must_use]
pub fn radio(position: usize, answer: u8) -> String {
    format!("{} input[value=\"{answer}\"]", asked(position))
}

/// Returns the part of an address that carries answers; 0 stands for none.
#[must_use]
pub fn code(answers: [u8; QUESTION_COUNT]) -> String {
    format!("#quiz={}", answers.map(|answer| answer.to_string()).concat())
}

/// Returns the answers as numbers.
#[must_use]
pub fn numbers(entry: Entry) -> [u8; QUESTION_COUNT] {
    entry.answers().map(mysfits_domain::Answer::get)
}

impl Visit {
    /// Opens the page and the questionnaire on it.
    ///
    /// # Errors
    /// If it does not open.
    pub async fn open_questionnaire(&self, locale: Locale) -> Result<()> {
        self.page.open_ready(index(locale)).await?;
        self.page.click(&part("recommend")).await?;
        self.page.see(&asked(0)).await.map(drop)
    }

    /// Opens the review of these answers, by a link that lacks the last one: a link with all of them shows the result.
    ///
    /// # Errors
    /// If it does not open.
    pub async fn open_answers(&self, locale: Locale, entry: Entry) -> Result<()> {
        let [first, second, third, fourth, last] = numbers(entry);
        let so_far = [first, second, third, fourth, 0];
        self.page.open_ready(&format!("{}{}", index(locale), code(so_far))).await?;
        self.page.answer(QUESTION_COUNT - 1, last).await?;
        self.page.see(&part("review")).await?;
        equal("the answers of the link", self.page.chosen().await?, json!(entry))
    }

    /// Sends the answers.
    ///
    /// # Errors
    /// If there is nothing to click.
    pub async fn submit(&self) -> Result<()> {
        self.page.click(&part("submit")).await
    }

    /// Checks how often the page has asked for a recommendation.
    ///
    /// # Errors
    /// If it was another number.
    pub fn check_asked(&self, times: usize) -> Result<()> {
        let seen = self.proxy.seen(RECOMMENDATIONS);
        let asked = seen.iter().filter(|request| request.method == Method::POST).count();
        equal("requests for a recommendation", asked, times)
    }

    /// Checks that this question is asked, with so many answered so far, and that the address carries the answers.
    ///
    /// # Errors
    /// If another one is asked.
    pub async fn check_question(
        &self,
        locale: Locale,
        position: usize,
        so_far: [u8; QUESTION_COUNT],
    ) -> Result<()> {
        let page = &self.page;
        let text = page.text(&asked(position)).await?;
        let prompt = questionnaire()[position].prompt.get(locale);
        ensure!(text.contains(prompt), "question {} is not {prompt:?}: {text:?}", position + 1);
        let shown = page
            .script(
                "return [...document.querySelectorAll('[data-testid=question]')].filter(it => it.checkVisibility()).length",
            )
            .await?;
        equal("questions that are to be seen", shown, json!(1))?;
        let n_answered = so_far.iter().filter(|answer| **answer > 0).count();
        self.check_progress(n_answered).await?;
        self.wait_for_answers(locale, so_far).await
    }

    /// Waits until the address carries these answers. Going back in the history takes a moment.
    ///
    /// # Errors
    /// If it does not.
    pub async fn wait_for_answers(&self, locale: Locale, answers: [u8; QUESTION_COUNT]) -> Result<()> {
        let address = format!("{}{}", index(locale), code(answers));
        self.page.wait(&address, async || Ok(self.page.path().await? == address)).await
    }

    /// Checks that text and bar show how many questions are answered.
    async fn check_progress(&self, n_answered: usize) -> Result<()> {
        let page = &self.page;
        let words = page.text(&part("progress")).await?;
        let digits: Vec<_> = words.split(|c: char| !c.is_ascii_digit()).filter(|it| !it.is_empty()).collect();
        let expected = [n_answered.to_string(), QUESTION_COUNT.to_string()];
        ensure!(
            digits.len() == 2 && expected.iter().all(|number| digits.contains(&number.as_str())),
            "{n_answered} of {QUESTION_COUNT} are answered, but the progress is {words:?}"
        );
        let bar = page.script("return document.querySelector('#quiz progress').value").await?;
        equal("the bar", bar, json!(n_answered))
    }

    /// Checks that the review shows these answers in the questionnaire's words, and that the address carries them.
    ///
    /// # Errors
    /// If it does not.
    pub async fn check_review(&self, locale: Locale, entry: Entry) -> Result<()> {
        let page = &self.page;
        let review = page.text(&part("review")).await?;
        for (question, answer) in questionnaire().iter().zip(numbers(entry)) {
            for words in [question.prompt, question.options[usize::from(answer) - 1]] {
                let words = words.get(locale);
                ensure!(review.contains(words), "the review does not say {words:?}: {review:?}");
            }
        }
        self.wait_for_answers(locale, numbers(entry)).await?;
        equal("the answers", page.chosen().await?, json!(entry))
    }

    /// Sends the answers of the review, which were not sent before, and checks the result.
    async fn check_sent(&self, locale: Locale, entry: Entry) -> Result<()> {
        self.check_asked(0).context("before the answers were sent")?;
        self.submit().await?;
        self.check_result(locale, self.api.recommend(entry).await?).await?;
        self.check_asked(1)?;
        let sent = &self.proxy.seen(RECOMMENDATIONS)[0].body;
        let sent: serde_json::Value = serde_json::from_str(sent).with_context(|| sent.clone())?;
        equal("what was sent", sent, json!({ "entry": entry, "explain": true }))
    }
}

/// The dialog's height follows its content, in each of its states.
async fn height(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let phone = Window::new(360, 740);
    page.look_through(LAPTOP).await?;
    visit.open_questionnaire(Locale::En).await?;
    check_height(page, "question", LAPTOP, LEAST_HEIGHT).await?;
    page.look_through(phone).await?;
    check_height(page, "question", phone, 600).await?;
    page.look_through(LAPTOP).await?;
    visit.open_answers(Locale::En, Entry::try_from(WORKSHOP_ENTRY)?).await?;
    check_height(page, "review", LAPTOP, 400).await?;
    visit.submit().await?;
    page.see(&part("result")).await?;
    check_height(page, "result", LAPTOP, LEAST_HEIGHT).await
}

async fn check_height(page: &BrowserPage, state: &str, window: Window, least: u64) -> Result<()> {
    let height = "return Math.round(document.getElementById('quiz').getBoundingClientRect().height)";
    let height = page.script(height).await?.as_u64().context("a height")?;
    outln!("    {state}: {height} px in {} x {}", window.width, window.height)?;
    ensure!(height >= least, "the dialog is only {height} px high ({state}), expected {least} or more");
    Ok(())
}

/// A click on an answer shows the next question after a moment.
async fn by_mouse(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from(WORKSHOP_ENTRY)?;
    for locale in Locale::ALL {
        visit.proxy.forget();
        visit.open_questionnaire(locale).await?;
        let mut so_far = [0; QUESTION_COUNT];
        for (position, answer) in numbers(entry).into_iter().enumerate() {
            visit.check_question(locale, position, so_far).await?;
            page.choose(&radio(position, answer)).await?;
            let begun = Instant::now();
            page.gone(&asked(position)).await?;
            ensure!(begun.elapsed() < SOON, "the next question came after {:?}", begun.elapsed());
            so_far[position] = answer;
        }
        visit.check_review(locale, entry).await?;
        visit.check_sent(locale, entry).await?;
        // The tab keeps the answers; the other language begins without any.
        page.click(&part("start-over")).await?;
        visit.check_question(locale, 0, [0; QUESTION_COUNT]).await?;
    }
    Ok(())
}

async fn by_touch(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from([8, 7, 1, 8, 3])?;
    page.look_through(Window::new(360, 740)).await?;
    page.touchable(true).await?;
    page.open_ready("/").await?;
    page.tap(&part("recommend")).await?;
    let mut so_far = [0; QUESTION_COUNT];
    for (position, answer) in numbers(entry).into_iter().enumerate() {
        visit.check_question(Locale::En, position, so_far).await?;
        page.tap(&format!("{} label:has([value=\"{answer}\"])", asked(position))).await?;
        page.gone(&asked(position)).await?;
        so_far[position] = answer;
    }
    visit.check_review(Locale::En, entry).await?;
    page.tap(&part("submit")).await?;
    visit.check_result(Locale::En, visit.api.recommend(entry).await?).await?;
    visit.check_asked(1)
}

/// Arrow keys choose options, so the page does not advance until Enter is pressed.
async fn by_keyboard(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from([3, 1, 4, 1, 5])?;
    page.open_ready("/").await?;
    page.tab_to(&part("recommend"), 40).await?;
    page.press(Key::Enter).await?;
    page.see(&asked(0)).await?;
    let mut so_far = [0; QUESTION_COUNT];
    for (position, answer) in numbers(entry).into_iter().enumerate() {
        visit.check_question(Locale::En, position, so_far).await?;
        let first = radio(position, 1);
        let is_there = format!("return document.activeElement.matches({})", json!(first));
        page.wait(&format!("the focus is on {first}"), async || Ok(page.script(&is_there).await? == true))
            .await?;
        page.press(" ").await?;
        for _ in 1..answer {
            page.press(Key::Down).await?;
        }
        let focus = page.focus().await?.context("the focus is lost")?;
        ensure!(focus.is_framed, "the focus on {focus:?} is not visible");
        let option = questionnaire()[position].options[usize::from(answer) - 1].en;
        equal("the option that has the focus", focus.label.as_str(), option)?;
        so_far[position] = answer;
        sleep(WHILE).await;
        visit.check_question(Locale::En, position, so_far).await.context("after a while")?;
        page.press(Key::Enter).await?;
        page.gone(&asked(position)).await?;
    }
    visit.check_review(Locale::En, entry).await?;
    visit.check_asked(0)?;
    page.tab_to(&part("submit"), QUESTION_COUNT + 4).await?;
    page.press(Key::Enter).await?;
    visit.check_result(Locale::En, visit.api.recommend(entry).await?).await?;
    page.tab_to(&part("start-over"), 20).await?;
    page.press(Key::Enter).await?;
    page.see(&asked(0)).await?;
    page.press(Key::Escape).await?;
    page.gone("dialog[open]").await?;
    let focus = page.focus().await?.map(|focus| focus.test_id);
    equal("what has the focus afterwards", focus.as_deref(), Some("recommend"))
}

async fn skipped(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    for locale in Locale::ALL {
        visit.open_questionnaire(locale).await?;
        let unskipped = page.text(&part("progress")).await?;
        page.click(&part("next")).await?;
        let question = format!("{}[data-skipped]", asked(0));
        page.see(&question).await?;
        let words = page.text(&format!("{}[data-skipped]", part("progress"))).await?;
        ensure!(words != unskipped && !words.is_empty(), "no hint about the missing answer: {words:?}");
        // Screen readers connect the hint with the question, which has the focus again.
        let described = "const question = document.activeElement.closest('fieldset[aria-invalid=true]');
            return question && document.getElementById(question.getAttribute('aria-describedby')).innerText";
        page.wait("the hint describes the question with the focus", async || {
            Ok(page.script(described).await? == words.as_str())
        })
        .await?;
        // The hint disappears with an answer.
        page.choose(&radio(0, 8)).await?;
        page.gone(&question).await?;
        visit.check_question(locale, 1, [8, 0, 0, 0, 0]).await?;
        page.click(&part("next")).await?;
        page.see(&format!("{}[data-skipped]", asked(1))).await?;
        page.click(&part("previous")).await?;
        visit.check_question(locale, 0, [8, 0, 0, 0, 0]).await?;
        page.see(&format!("{}:disabled", part("previous"))).await?;
        // Not kept in the other language.
        page.script("sessionStorage.clear()").await?;
    }
    visit.check_asked(0)
}

async fn changed(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from(WORKSHOP_ENTRY)?;
    for locale in Locale::ALL {
        let mut answers = numbers(entry);
        visit.open_answers(locale, entry).await?;
        for position in 0..QUESTION_COUNT {
            let edit = format!("{} li:nth-child({}) {}", part("review"), position + 1, part("edit"));
            page.click(&edit).await?;
            visit.check_question(locale, position, answers).await?;
            let focus = format!(
                "return document.activeElement.matches({})",
                json!(radio(position, answers[position]))
            );
            page.wait("the focus is on the answer", async || Ok(page.script(&focus).await? == true)).await?;
            answers[position] = 9 - answers[position];
            page.choose(&radio(position, answers[position])).await?;
            page.gone(&asked(position)).await?;
            visit.check_review(locale, Entry::try_from(answers.map(i64::from))?).await?;
        }
        // Going back leads through the questions and keeps the answers.
        page.click(&part("previous")).await?;
        visit.check_question(locale, QUESTION_COUNT - 1, answers).await?;
        page.click(&part("previous")).await?;
        visit.check_question(locale, QUESTION_COUNT - 2, answers).await?;
        page.click(&part("next")).await?;
        visit.check_review(locale, Entry::try_from(answers.map(i64::from))?).await?;
    }
    visit.check_asked(0)
}

async fn kept(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let so_far = [7, 2, 0, 0, 0];
    visit.open_questionnaire(Locale::En).await?;
    page.answer(0, so_far[0]).await?;
    page.answer(1, so_far[1]).await?;
    page.reload().await?;
    visit.check_question(Locale::En, 2, so_far).await.context("after a reload")?;
    page.press(Key::Escape).await?;
    page.gone("dialog[open]").await?;
    page.wait("the address is the grid's", async || Ok(page.path().await? == "/")).await?;
    page.click(&part("recommend")).await?;
    visit.check_question(Locale::En, 2, so_far).await.context("after the dialog was closed")?;
    page.click(&format!("{} {}", dialog(), part("close"))).await?;
    page.gone("dialog[open]").await?;
    page.open_ready("/").await?;
    page.click(&part("recommend")).await?;
    visit.check_question(Locale::En, 2, so_far).await.context("in the same tab, later")?;
    page.back().await?;
    page.gone("dialog[open]").await?;
    page.forward().await?;
    visit.check_question(Locale::En, 2, so_far).await.context("back and forward")
}

async fn shared(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    for locale in Locale::ALL {
        let (some, all) = ([1, 2, 0, 4, 5], [1, 2, 6, 4, 5]);
        page.open_ready(&format!("{}{}", index(locale), code(some))).await?;
        visit.check_question(locale, 2, some).await?;
        page.answer(2, all[2]).await?;
        visit.check_review(locale, Entry::try_from(all.map(i64::from))?).await?;
        page.press(Key::Escape).await?;
        page.gone("dialog[open]").await?;
        page.wait("the address is the grid's", async || Ok(page.path().await? == index(locale))).await?;
    }
    // Other fragments open nothing.
    for wrong in ["#quiz=", "#quiz=1234", "#quiz=abcde", "#other"] {
        page.open_ready(&format!("/{wrong}")).await?;
        page.gone("dialog[open]").await.with_context(|| wrong.to_owned())?;
    }
    visit.check_asked(0)
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
