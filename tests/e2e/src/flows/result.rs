//! The result and its explanation: the page shows the API's answer.

use anyhow::{Context as _, Result, bail, ensure};
use mysfits_domain::{Entry, Explanation, Locale, Mysfit, MysfitId, Recommendation};
use serde_json::json;

use super::{
    Flow, Visit,
    addresses::index,
    quiz::{WORKSHOP_ENTRY, code, numbers},
};
use crate::page::{equal, part};

/// The flows, in a visitor's order.
pub const FLOWS: &[Flow] = &[
    ("five answers lead to the API's mysfit", |visit| Box::pin(met(visit))),
    ("the result shows the neighbours' votes", |visit| Box::pin(explained(visit))),
    ("a runner-up's profile opens over the result", |visit| Box::pin(runner_up(visit))),
    ("other answers lead to another mysfit", |visit| Box::pin(asked_again(visit))),
];

impl Visit {
    /// Waits for the result and checks its mysfit.
    ///
    /// # Errors
    /// If no result appears in time, or another mysfit.
    pub async fn check_result(&self, locale: Locale, expected: MysfitId) -> Result<()> {
        let result = part("result");
        equal("the result", self.page.attribute(&result, "data-mysfit-id").await?, expected.as_str())?;
        let text = self.page.text(&result).await?;
        for words in [expected.mysfit().name, expected.mysfit().species, expected.mysfit().description] {
            let words = words.get(locale);
            ensure!(text.contains(words), "the result does not say {words:?}: {text:?}");
        }
        Ok(())
    }

    /// Checks that the answer is from the decision table and equals the API's, and that the page shows a note instead of
    /// votes.
    ///
    /// # Errors
    /// If it is not so.
    pub async fn check_table_result(&self, locale: Locale, entry: Entry) -> Result<String> {
        let page = &self.page;
        self.check_result(locale, self.api.recommend(entry).await?).await?;
        equal("the source", page.attribute(&part("result"), "data-source").await?, "table")?;
        page.gone(&part("votes")).await?;
        let words = page.text(&part("why")).await?;
        ensure!(!words.is_empty(), "the page does not say that the answer is from the table");
        Ok(words)
    }

    /// Returns the API's answer with its explanation.
    async fn explanation(&self, entry: Entry) -> Result<(MysfitId, Explanation)> {
        let answer = self.api.post(&json!({ "entry": entry, "explain": true }).to_string()).await?;
        let answer: Recommendation = serde_json::from_str(&answer.body).context("the API's answer")?;
        Ok((answer.recommended_mysfit, answer.explanation.context("the API does not explain")?))
    }

    /// Returns an entry whose explanation satisfies the condition.
    async fn entry_where(&self, is_right: impl Fn(&Explanation) -> bool) -> Result<Entry> {
        for entry in Entry::all().step_by(331) {
            if is_right(&self.explanation(entry).await?.1) {
                return Ok(entry);
            }
        }
        bail!("no entry satisfies the condition")
    }

    /// Opens a link to these answers and sends them.
    ///
    /// # Errors
    /// If no result appears.
    pub async fn ask(&self, locale: Locale, entry: Entry) -> Result<()> {
        self.open_answers(locale, entry).await?;
        self.submit().await?;
        self.page.see(&part("result")).await.map(drop)
    }
}

/// Returns how many neighbours gave exactly the visitor's answers.
fn n_exact(explanation: &Explanation) -> usize {
    explanation.distances.iter().filter(|distance| **distance == 0.0).count()
}

async fn explained(visit: &Visit) -> Result<()> {
    let split = visit.entry_where(|it| it.votes.len() >= 4 && n_exact(it) > 0).await.context("split")?;
    let far = visit.entry_where(|it| n_exact(it) == 0).await.context("without a neighbour who is alike")?;
    for locale in Locale::ALL {
        for entry in [Entry::try_from(WORKSHOP_ENTRY)?, split, far] {
            let checked = votes_and_distances(visit, locale, entry).await;
            checked.with_context(|| format!("{:?} in {}", numbers(entry), locale.code()))?;
        }
    }
    Ok(())
}

async fn votes_and_distances(visit: &Visit, locale: Locale, entry: Entry) -> Result<()> {
    let page = &visit.page;
    let (mysfit, explanation) = visit.explanation(entry).await?;
    visit.ask(locale, entry).await?;
    visit.check_result(locale, mysfit).await?;
    equal("the source", page.attribute(&part("result"), "data-source").await?, "neighbours")?;

    // The chart: each mysfit's name, the number of votes as text, and a bar of that length.
    let rows = "return [...document.querySelectorAll('[data-testid=votes] > li')].map(row => [
        row.dataset.mysfitId, row.dataset.testid, row.querySelector('a').innerText.trim(),
        row.querySelector('a').getAttribute('href'), parseInt(row.querySelector('.n').innerText),
        +row.querySelector('.full').getAttribute('width')])";
    let expected: Vec<_> = explanation
        .votes
        .iter()
        .map(|vote| {
            let role = if vote.mysfit == mysfit { "winner" } else { "runner-up" };
            let (name, slug) = (vote.mysfit.mysfit().name.get(locale), vote.mysfit.mysfit().slug);
            let address = format!("{}mysfits/{slug}/", index(locale));
            json!([vote.mysfit, role, name, address, vote.count, vote.count * 100 / explanation.k])
        })
        .collect();
    equal("the votes", page.script(rows).await?, json!(expected))?;

    let sure = page.text(&part("sure")).await?;
    let votes =
        explanation.votes.iter().find(|vote| vote.mysfit == mysfit).context("votes for the mysfit")?;
    for number in [votes.count, explanation.k] {
        ensure!(sure.contains(&number.to_string()), "how sure it is does not name {number}: {sure:?}");
    }
    let near = page.text(&part("near")).await?;
    // Answers are whole numbers: a distance of 1 is one answer that differs, the root of 2 are two.
    let differences = explanation.distances.iter().map(|distance| (distance * distance).round().min(3.0));
    for difference in [0.0, 1.0, 2.0, 3.0] {
        let count = differences.clone().filter(|it| *it == difference).count();
        ensure!(
            count == 0 || near.contains(&count.to_string()),
            "how near they are does not name {count}: {near:?}"
        );
    }
    if let Some(second) = explanation.votes.iter().find(|vote| vote.mysfit != mysfit) {
        let (text, name) = (page.text(&part("second")).await?, second.mysfit.mysfit().name.get(locale));
        ensure!(text.contains(name), "the second is {name}: {text:?}");
    }

    // The picture: a portrait for each neighbour, farther from the middle with its distance.
    let script = "const map = document.querySelector('[data-testid=map] [role=img]');
        const middle = map.querySelector('.you').getBoundingClientRect();
        const centre = box => [box.x + box.width / 2, box.y + box.height / 2];
        const away = dot => Math.hypot(...centre(dot.lastChild.getBoundingClientRect())
            .map((at, axis) => at - centre(middle)[axis]));
        const dots = [...map.querySelectorAll('.dot')];
        return [map.getAttribute('aria-label'), dots.map(dot => dot.querySelector('image').getAttribute('href')),
            dots.map(dot => Math.round(away(dot)))]";
    let (label, portraits, radii): (String, Vec<String>, Vec<u32>) =
        serde_json::from_value(page.script(script).await?).context("the picture")?;
    equal("the neighbours in the picture", portraits.len(), explanation.k)?;
    for (portrait, neighbour) in portraits.iter().zip(&explanation.neighbours) {
        let Mysfit { slug, name, .. } = neighbour.mysfit();
        ensure!(portrait.contains(slug), "{portrait} is not the portrait of {slug}");
        ensure!(label.contains(name.get(locale)), "{label:?} does not name {slug}");
    }
    ensure!(radii.is_sorted() && radii[0] > 0, "nearest first: {radii:?}");
    for (pair, radii) in explanation.distances.windows(2).zip(radii.windows(2)) {
        // A distance of 0.1 is a few pixels.
        ensure!(pair[1] - pair[0] < 0.1 || radii[1] > radii[0], "{pair:?} are {radii:?} px away");
    }
    Ok(())
}

async fn runner_up(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let entry = visit.entry_where(|it| it.votes.len() >= 3).await?;
    for locale in Locale::ALL {
        let (mysfit, explanation) = visit.explanation(entry).await?;
        visit.ask(locale, entry).await?;
        let other =
            explanation.votes.iter().find(|vote| vote.mysfit != mysfit).context("a runner-up")?.mysfit;
        let link = format!("{}[data-mysfit-id=\"{other}\"] a", part("runner-up"));
        page.click(&link).await?;
        let slug = other.mysfit().slug;
        let profile = format!("dialog[open]{}[data-slug=\"{slug}\"]", part("profile"));
        equal("the heading", page.text(&format!("{profile} h2")).await?, other.mysfit().name.get(locale))?;
        equal("the address", page.path().await?, format!("{}mysfits/{slug}/", index(locale)))?;
        page.back().await?;
        page.gone(&profile).await?;
        visit.check_result(locale, mysfit).await.context("after going back")?;
        equal("the address", page.path().await?, format!("{}{}", index(locale), code(numbers(entry))))?;
        page.click(&link).await?;
        page.click(&format!("{profile} {}", part("close"))).await?;
        page.gone(&profile).await?;
        visit.check_result(locale, mysfit).await.context("after closing")?;
    }
    visit.check_asked(2)
}

async fn asked_again(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from(WORKSHOP_ENTRY)?;
    let mysfit = visit.api.recommend(entry).await?;
    visit.ask(Locale::En, entry).await?;
    visit.check_result(Locale::En, mysfit).await?;
    // Back to the answers, to change one.
    page.click(&part("back")).await?;
    page.see(&part("review")).await?;
    equal("the answers", page.chosen().await?, json!(entry))?;
    visit.submit().await?;
    visit.check_result(Locale::En, mysfit).await?;
    // Starts again with other answers.
    let (entry, other) = another_taste(visit, mysfit).await?;
    page.click(&part("start-over")).await?;
    page.see(&part("next")).await?;
    equal("the answers after starting over", page.chosen().await?, json!([null, null, null, null, null]))?;
    equal("the address", page.path().await?, format!("/{}", code([0; 5])))?;
    page.answer_all(entry).await?;
    visit.submit().await?;
    visit.check_result(Locale::En, other).await?;
    visit.check_asked(3)
}

/// Returns an entry for which the API recommends another mysfit.
///
/// # Errors
/// If the API fails, or recommends the same mysfit for every entry.
pub async fn another_taste(visit: &Visit, than: MysfitId) -> Result<(Entry, MysfitId)> {
    for entry in Entry::all().step_by(4_681) {
        let mysfit = visit.api.recommend(entry).await?;
        if mysfit != than {
            return Ok((entry, mysfit));
        }
    }
    bail!("the API recommends {than} for every entry")
}

/// The page shows the API's recommendation, wherever site and API are.
async fn met(visit: &Visit) -> Result<()> {
    for entry in [WORKSHOP_ENTRY, [8, 6, 4, 2, 1]] {
        let entry = Entry::try_from(entry)?;
        let mysfit = visit.api.recommend(entry).await?;
        for locale in Locale::ALL {
            visit.open_answers(locale, entry).await?;
            visit.submit().await?;
            visit.check_result(locale, mysfit).await?;
        }
    }
    Ok(())
}
