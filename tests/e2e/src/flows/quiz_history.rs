//! The questionnaire in the browser's history, by its keys, and on a phone.

use anyhow::{Context as _, Result, ensure};
use mysfits_domain::{Entry, Locale, OPTION_COUNT, QUESTION_COUNT};
use serde_json::json;
use thirtyfour::Key;

use super::{
    Flow, Visit,
    addresses::index,
    quiz::{WORKSHOP_ENTRY, asked, code, numbers, radio},
};
use crate::page::{emulation::Window, equal, part};

/// The flows, in a visitor's order.
pub const FLOWS: &[Flow] = &[
    ("back leads one question back", |visit| Box::pin(one_back(visit))),
    ("a link with all answers opens the result", |visit| Box::pin(result_by_link(visit))),
    ("digits choose answers", |visit| Box::pin(by_digits(visit))),
    ("all options of a question fit a phone", |visit| Box::pin(fits_phone(visit))),
];

/// Each question has an entry in the history, also after a reload. Back on the first question closes the questionnaire.
async fn one_back(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let so_far = [4, 2, 6, 0, 0];
    visit.open_questionnaire(Locale::En).await?;
    for (position, answer) in so_far.into_iter().enumerate().take(3) {
        page.answer(position, answer).await?;
    }
    visit.check_question(Locale::En, 3, so_far).await?;
    page.back().await?;
    visit.check_question(Locale::En, 2, so_far).await.context("back")?;
    page.reload().await?;
    visit.check_question(Locale::En, 2, so_far).await.context("after a reload")?;
    page.forward().await?;
    visit.check_question(Locale::En, 3, so_far).await.context("forward")?;
    // The page's own button and the browser's agree.
    page.click(&part("previous")).await?;
    visit.check_question(Locale::En, 2, so_far).await.context("with the button")?;
    for position in [1, 0] {
        page.back().await?;
        visit.check_question(Locale::En, position, so_far).await.context("back again")?;
    }
    page.back().await?;
    page.gone("dialog[open]").await.context("back on the first question")?;
    equal("the address", page.path().await?, "/")?;
    page.forward().await?;
    visit.check_question(Locale::En, 0, so_far).await.context("forward from the grid")?;
    // Closing leaves all questions at once.
    page.click(&part("next")).await?;
    visit.check_question(Locale::En, 1, so_far).await?;
    page.click(&format!("#quiz {}", part("close"))).await?;
    page.wait("the address is the grid's", async || Ok(page.path().await? == "/")).await?;
    page.gone("dialog[open]").await?;
    visit.check_asked(0)
}

/// The result has an entry too: back leads to it from a new start, and from it to the answers.
async fn result_by_link(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from(WORKSHOP_ENTRY)?;
    let mysfit = visit.api.recommend(entry).await?;
    for locale in Locale::ALL {
        visit.proxy.forget();
        page.open_ready(&format!("{}{}", index(locale), code(numbers(entry)))).await?;
        visit.check_result(locale, mysfit).await?;
        visit.check_asked(1)?;
        page.click(&format!("{} {}", part("result"), part("back"))).await?;
        visit.check_review(locale, entry).await?;
        page.reload().await?;
        visit.check_review(locale, entry).await.context("after a reload")?;
        page.back().await?;
        visit.check_result(locale, mysfit).await.context("back")?;
    }
    page.click(&part("start-over")).await?;
    visit.check_question(Locale::Ko, 0, [0; QUESTION_COUNT]).await?;
    page.back().await?;
    visit.check_result(Locale::Ko, mysfit).await.context("back from a new start")?;
    equal("the answers", page.chosen().await?, json!(entry))
}

async fn by_digits(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from([8, 1, 3, 7, 2])?;
    visit.open_questionnaire(Locale::En).await?;
    let first = format!("return document.activeElement.matches({})", json!(radio(0, 1)));
    page.wait("the focus is on the first option", async || Ok(page.script(&first).await? == true)).await?;
    page.press(Key::Control + "5").await?;
    page.press("9").await?;
    equal("the answers", page.chosen().await?, json!([null, null, null, null, null]))?;
    for (position, answer) in numbers(entry).into_iter().enumerate() {
        page.press(answer.to_string()).await?;
        page.gone(&asked(position)).await?;
    }
    visit.check_review(Locale::En, entry).await?;
    // Digits do nothing where there are no options, and Escape closes the dialog in every browser.
    page.press("4").await?;
    visit.check_review(Locale::En, entry).await?;
    page.press(Key::Escape).await?;
    page.gone("dialog[open]").await
}

/// With the default size of text, no question has to be scrolled on a phone.
async fn fits_phone(visit: &Visit) -> Result<()> {
    const VISIBLE: &str = "
        const area = document.querySelector('.questions').getBoundingClientRect();
        return [...document.querySelectorAll('.question:not([hidden]) .option')].filter(option => {
            const { top, bottom } = option.getBoundingClientRect();
            return top >= area.top && bottom <= area.bottom && bottom <= innerHeight;
        }).length";
    let page = &visit.page;
    page.look_through(Window::new(360, 740)).await?;
    for locale in Locale::ALL {
        visit.open_questionnaire(locale).await?;
        for position in 0..QUESTION_COUNT {
            page.see(&asked(position)).await?;
            let n_visible = page.script(VISIBLE).await?;
            ensure!(
                n_visible == OPTION_COUNT,
                "{n_visible} options of question {} are visible in {}",
                position + 1,
                locale.code()
            );
            page.answer(position, 8).await?;
        }
        // Not kept in the other language.
        page.script("sessionStorage.clear()").await?;
    }
    Ok(())
}
