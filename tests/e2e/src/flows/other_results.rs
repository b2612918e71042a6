//! What a result leads to: results of other answers, a comparison with a friend's, and feedback.

use anyhow::{Context as _, Result, ensure};
use http::Method;
use mysfits_domain::{Entry, Locale, QUESTION_COUNT};
use mysfits_site::results;
use serde_json::{Value, json};
use thirtyfour::Key;

use super::{
    Flow, Visit,
    addresses::index,
    quiz::{code, numbers},
    result::another_taste,
};
use crate::{
    page::{equal, part},
    proxy::InjectedFault,
};

/// Answers of which some bring another mysfit when they change.
const ENTRY: [i64; QUESTION_COUNT] = [5, 4, 6, 2, 5];
/// The paths of the settings and of feedback.
const CONFIG: &str = "/config.json";
const FEEDBACK: &str = "*/feedback";

/// The flows, in a visitor's order.
pub const FLOWS: &[Flow] = &[
    ("one other answer leads to another result and back", |visit| Box::pin(what_if(visit))),
    ("a result is compared with a friend's", |visit| Box::pin(compared(visit))),
    ("feedback on a result is sent once", |visit| Box::pin(feedback(visit))),
];

/// Returns in how many answers two entries differ.
fn n_different(a: [u8; QUESTION_COUNT], b: [u8; QUESTION_COUNT]) -> usize {
    a.iter().zip(b).filter(|(a, b)| **a != *b).count()
}

async fn what_if(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from(ENTRY)?;
    let mysfit = visit.api.recommend(entry).await?;
    for locale in Locale::ALL {
        visit.ask(locale, entry).await?;
        page.see(&part("what-if")).await?;
        let rows = page.script("return document.querySelectorAll('[data-testid=what-if] li').length").await?;
        equal("the questions", rows, json!(QUESTION_COUNT))?;
        let links = "return [...document.querySelectorAll('[data-testid=alternative]')].map(link =>
            [link.dataset.result, link.dataset.mysfitId, link.getAttribute('href'), link.innerText])";
        let links: Vec<[String; 4]> = serde_json::from_value(page.script(links).await?)?;
        ensure!(!links.is_empty(), "no other answer brings another mysfit");
        for [digits, other, href, text] in &links {
            let answers: Vec<u8> = digits.bytes().map(|digit| digit - b'0').collect();
            let answers: [u8; QUESTION_COUNT] = answers.try_into().ok().context("five digits")?;
            equal("the answers that differ", n_different(answers, numbers(entry)), 1)?;
            let other_entry = Entry::try_from(answers.map(i64::from))?;
            let expected = visit.api.recommend(other_entry).await?;
            equal("the other mysfit", other.as_str(), expected.as_str())?;
            ensure!(expected != mysfit, "{text:?} brings the same mysfit");
            equal("the address", href.as_str(), results::path(locale, other_entry))?;
            ensure!(text.contains(expected.mysfit().name.get(locale)), "{text:?} does not name {other}");
        }
        let [digits, other, ..] = &links[0];
        page.click(&format!("{}[data-result=\"{digits}\"]", part("alternative"))).await?;
        page.see(&format!("{}[data-mysfit-id=\"{other}\"]", part("result"))).await?;
        equal("the address", page.path().await?, format!("{}#quiz={digits}", index(locale)))?;
        page.back().await?;
        page.see(&format!("{}[data-mysfit-id=\"{mysfit}\"]", part("result"))).await?;
        equal("the address", page.path().await?, format!("{}{}", index(locale), code(numbers(entry))))?;
    }
    Ok(())
}

async fn compared(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from(ENTRY)?;
    let (other, mysfit) = another_taste(visit, visit.api.recommend(entry).await?).await?;
    let squares =
        numbers(entry).into_iter().zip(numbers(other)).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2));
    let distance = f64::from(squares.sum::<u32>()).sqrt();
    let n_equal = QUESTION_COUNT - n_different(numbers(entry), numbers(other));
    for locale in Locale::ALL {
        visit.ask(locale, entry).await?;
        let say = async |text: &str| {
            page.click(&part("friend")).await?;
            page.press(Key::Control + "a").await?;
            page.press(text).await?;
            page.click(&part("compare-submit")).await
        };
        say("12340").await?;
        page.see(&format!("{}[aria-invalid=true]", part("friend"))).await?;
        page.gone(&part("pair")).await?;
        say(&format!("{}{}", page.origin(), results::path(locale, other))).await?;
        let pair = format!("{}[data-mysfit-id=\"{mysfit}\"]", part("pair"));
        let text = page.text(&pair).await?;
        ensure!(text.contains(mysfit.mysfit().name.get(locale)), "{text:?} does not name {mysfit}");
        let note = page.text(&part("compare-note")).await?;
        for number in [n_equal.to_string(), format!("{distance:.1}")] {
            ensure!(note.contains(&number), "the comparison does not name {number}: {note:?}");
        }
        visit.check_phone("compared").await?;
    }
    Ok(())
}

async fn feedback(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from(ENTRY)?;
    // Not configured.
    visit.ask(Locale::En, entry).await?;
    page.gone(&format!("{}:not([hidden])", part("feedback"))).await?;

    let settings = json!({ "recommendationsApiEndpoint": "", "feedbackEndpoint": "" }).to_string();
    visit.proxy.fail(CONFIG, InjectedFault::json(settings));
    visit.proxy.fail(FEEDBACK, InjectedFault::problem(503, "full"));
    visit.ask(Locale::En, entry).await?;
    page.click(&part("suits")).await?;
    page.wait("the page says that it did not arrive", async || {
        Ok(page.text(&part("feedback-note")).await?.contains("again"))
    })
    .await?;
    visit.expect_noise(&["/feedback"]).await?;
    visit.proxy.fail(
        FEEDBACK,
        InjectedFault::Answer {
            status: 204,
            retry_after: None,
            content_type: "text/plain",
            body: String::new(),
        },
    );
    page.click(&part("suits-not")).await?;
    page.wait("the page says thank you", async || {
        Ok(page.text(&part("feedback-note")).await?.contains("Thank you"))
    })
    .await?;
    page.gone(&format!("{} :not([hidden]) > {}", part("feedback"), part("suits"))).await?;
    let sent = visit.proxy.seen(FEEDBACK);
    let sent: Vec<Value> = sent
        .iter()
        .filter(|request| request.method == Method::POST)
        .map(|request| serde_json::from_str(&request.body))
        .collect::<Result<_, _>>()?;
    let mysfit = visit.api.recommend(entry).await?;
    let expected = |suits: bool| json!({ "entry": entry, "mysfit": mysfit, "suits": suits });
    equal("what was sent", sent, vec![expected(true), expected(false)])
}
