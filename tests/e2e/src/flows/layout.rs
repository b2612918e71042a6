//! Layout and accessibility: every state of the page is checked by axe and photographed in every window size, light and dark.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use mysfits_domain::{Entry, Locale, MYSFIT_COUNT, catalogue};

use super::{
    Flow, Visit,
    addresses::{index, profile},
    quiz::{RECOMMENDATIONS, WORKSHOP_ENTRY},
};
use crate::{
    page::{
        BrowserPage,
        emulation::{Scheme, Window},
        equal, part,
        picture::Extent,
    },
    proxy::InjectedFault,
};

/// The page's code.
const CODE: &str = "*.wasm";
/// Window sizes: a phone, a tablet, a laptop, a desktop.
const WINDOWS: [(u32, u32); 4] = [(360, 740), (768, 1024), (1280, 800), (1920, 1080)];
/// The window sizes in which axe runs: where the layout differs most.
const WINDOWS_FOR_AXE: [u32; 2] = [360, 1280];

/// Answers on which the neighbours disagree, so that a chart is shown.
const DISPUTED_ENTRY: [i64; 5] = [5, 4, 6, 2, 5];
/// Longer than a check of the waiting page takes.
const LONG: Duration = Duration::from_mins(10);

/// The flows, in a visitor's order.
pub const FLOWS: &[Flow] = &[
    ("the page is painted before its code is loaded", |visit| Box::pin(painted_first(visit))),
    ("the page shows a message if its code cannot be loaded", |visit| Box::pin(without_code(visit))),
    ("a page that was changed before hydration works", |visit| Box::pin(changed_before_code(visit))),
    ("small windows and large text fit", |visit| Box::pin(small_windows(visit))),
    ("the banner's text has enough contrast", |visit| Box::pin(banner_contrast(visit))),
    ("grid and profile in every window", |visit| Box::pin(grid_and_profile(visit, Locale::En))),
    ("grid and profile in Korean", |visit| Box::pin(grid_and_profile(visit, Locale::Ko))),
    ("questionnaire in every window", |visit| Box::pin(questionnaire(visit, Locale::En))),
    ("questionnaire in Korean", |visit| Box::pin(questionnaire(visit, Locale::Ko))),
    ("waiting and result in every window", |visit| Box::pin(result(visit, Locale::En))),
    ("waiting and result in Korean", |visit| Box::pin(result(visit, Locale::Ko))),
    ("a mistyped address in every window", |visit| Box::pin(not_found(visit))),
];

impl Visit {
    /// Checks the current state in every window size, light and dark: nothing overflows, axe finds nothing. Takes screenshots,
    /// named after state, language, scheme and width. Korean pages are checked in a phone's window only, unless all windows
    /// are requested.
    ///
    /// # Errors
    /// Lists everything that was found.
    pub async fn check_all_viewports(&self, state: &str, extent: Extent) -> Result<()> {
        let language = self.page.script("return document.documentElement.lang").await?;
        let is_short = language == "ko" && !self.is_nightly;
        self.inspect_through(if is_short { &WINDOWS[..1] } else { &WINDOWS }, state, extent).await
    }

    async fn inspect_through(&self, windows: &[(u32, u32)], state: &str, extent: Extent) -> Result<()> {
        let page = &self.page;
        if !page.is_chromium() {
            // The layout is checked in one engine.
            return Ok(());
        }
        let language = page.script("return document.documentElement.lang").await?;
        let language = language.as_str().unwrap_or_default();
        let mut found = Vec::new();
        for scheme in Scheme::ALL {
            for &(width, height) in windows {
                page.look_through(Window::new(width, height).with_scheme(scheme)).await?;
                let name = format!("{state}-{language}-{}-{width}", scheme.as_str());
                let mut note = |checked: Result<()>| {
                    found.extend(checked.err().map(|error| format!("\n     {name}: {error:#}")));
                };
                note(page.check_layout(width).await);
                page.screenshot(&self.screenshots.join(format!("{name}.png")), extent).await?;
                // After the screenshot, because axe may scroll.
                if let Some(axe) = &self.axe
                    && WINDOWS_FOR_AXE.contains(&width)
                {
                    note(axe.check(page).await);
                }
            }
        }
        page.look_through(Window::USUAL).await?;
        ensure!(found.is_empty(), "{}", found.concat());
        Ok(())
    }

    /// The same in a phone's window only, for a state with the layout of others.
    ///
    /// # Errors
    /// Lists everything that was found.
    pub async fn check_phone(&self, state: &str) -> Result<()> {
        self.inspect_through(&WINDOWS[..1], state, Extent::Window).await
    }
}

/// The page is visible at once, even if the code is late.
async fn painted_first(visit: &Visit) -> Result<()> {
    const LATE: Duration = Duration::from_secs(4);
    let page = &visit.page;
    visit.proxy.fail(CODE, InjectedFault::Late(LATE));
    page.open_ready("/").await?;
    let times = page
        .script(
            "const code = performance.getEntriesByType('resource').find(it => it.name.endsWith('.wasm'));
             const [paint] = performance.getEntriesByName('first-contentful-paint');
             return [paint.startTime, code.responseStart]",
        )
        .await?;
    let [paint, code]: [f64; 2] = serde_json::from_value(times).context("when what came")?;
    ensure!(paint < code, "painted after {paint} ms, the code came after {code} ms");
    ensure!(code >= LATE.as_millis() as f64, "the code was not late");
    Ok(())
}

/// The cards can be read; page and questionnaire show a message with a link to reload.
async fn without_code(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    for locale in Locale::ALL {
        // Files with hashed names are cached.
        page.forget().await?;
        visit.proxy.fail(CODE, InjectedFault::HangUp);
        page.open(index(locale)).await?;
        equal("the cards", page.cards().await?.len(), MYSFIT_COUNT)?;
        let message = page.text(".load-error").await.context("the message of the page")?;
        let is_korean = message.chars().any(|c| ('가'..='힣').contains(&c));
        equal("whether the message is Korean", is_korean, locale == Locale::Ko)?;
        let mut reload = "[data-reload]";
        // WebKitGTK opens no dialog without code.
        if page.script("return 'commandForElement' in HTMLButtonElement.prototype").await? == true {
            page.click(&part("recommend")).await?;
            page.see("#quiz .load-error").await.context("the message of the questionnaire")?;
            visit.check_phone("load-error").await?;
            reload = "#quiz [data-reload]";
        }
        visit.proxy.heal();
        page.click(reload).await?;
        page.ready().await.context("after the reload")?;
        page.gone(".load-error:not([hidden])").await?;
    }
    // The page that was left reports nothing more.
    page.open_nothing().await?;
    page.console().await.map(drop)
}

/// Extensions add elements, translators wrap text, proxies remove comments. Choices that were made before are kept.
async fn changed_before_code(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from(WORKSHOP_ENTRY)?;
    let changes = [
        ("an element is added", "document.querySelector('main').prepend(document.createElement('div'))"),
        (
            "an element is added to the form",
            "document.querySelector('#quiz-form .questions').prepend(document.createElement('i'))",
        ),
        (
            "texts are wrapped",
            "const texts = document.createTreeWalker(document.getElementById('app'), NodeFilter.SHOW_TEXT);
             const all = [];
             while (texts.nextNode()) all.push(texts.currentNode);
             for (const text of all) {
                 const font = document.createElement('font');
                 text.replaceWith(font);
                 font.append(text);
             }",
        ),
        (
            "comments are removed",
            "const comments = document.createTreeWalker(document.getElementById('app'), NodeFilter.SHOW_COMMENT);
             const all = [];
             while (comments.nextNode()) all.push(comments.currentNode);
             for (const comment of all) comment.remove()",
        ),
    ];
    for (what, change) in changes {
        let check = async {
            page.forget().await?;
            visit.proxy.fail(CODE, InjectedFault::Late(Duration::from_millis(1500)));
            page.open("/").await?;
            page.script(change).await?;
            page.choose(&format!("{} input[value=Good]", part("good-evil"))).await?;
            page.click(&part("recommend")).await?;
            page.ready().await?;
            visit.proxy.heal();
            page.answer_all(entry).await?;
            visit.submit().await?;
            visit.check_result(Locale::En, visit.api.recommend(entry).await?).await?;
            page.click(&format!("dialog[open] {}", part("close"))).await?;
            page.wait("the filter chosen before is counted", async || {
                Ok(page.text(&part("count")).await?.starts_with("4 of"))
            })
            .await?;
            page.script("sessionStorage.clear()").await
        };
        check.await.context(what)?;
    }
    Ok(())
}

/// The most that WCAG asks for: 320 px, zoom of 200 % and 400 %, wider spacing of text.
async fn small_windows(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    let spacing = "for (const element of document.querySelectorAll('*'))
        element.style.cssText += ';letter-spacing:.12em;word-spacing:.16em;line-height:1.5'";
    let windows = [[(320, 740), (320, 256)], [(640, 400), (740, 360)]];
    for (locale, windows) in Locale::ALL.into_iter().zip(windows) {
        for (width, height) in windows {
            let check = async {
                page.look_through(Window::new(width, height)).await?;
                page.open_ready(index(locale)).await?;
                page.check_no_overflow(width).await.context("grid")?;
                // The answers of the window before.
                page.script("sessionStorage.clear()").await?;
                page.script(spacing).await?;
                page.check_no_overflow(width.max(360)).await.context("grid with wider text")?;
                visit.open_questionnaire(locale).await?;
                page.check_no_overflow(width).await.context("question")?;
                check_scroll_area(page).await.context("question")?;
                visit.open_answers(locale, Entry::try_from(DISPUTED_ENTRY)?).await?;
                check_scroll_area(page).await.context("review")?;
                visit.submit().await?;
                page.see(&part("votes")).await?;
                page.check_no_overflow(width).await.context("result")?;
                check_scroll_area(page).await.context("result")
            };
            check.await.with_context(|| format!("{width} x {height} in {}", locale.code()))?;
        }
    }
    Ok(())
}

/// Checks that what scrolls in the dialog takes most of the dialog, where there is little height.
async fn check_scroll_area(page: &BrowserPage) -> Result<()> {
    let script = "const dialog = document.getElementById('quiz');
        const scrolling = [dialog, ...dialog.querySelectorAll('*')].filter(element =>
            ['auto', 'scroll'].includes(getComputedStyle(element).overflowY) && element.clientHeight > 0);
        const most = Math.max(...scrolling.map(element => element.clientHeight));
        return [most, Math.round(most * 100 / innerHeight)]";
    let [pixels, percent]: [u64; 2] = serde_json::from_value(page.script(script).await?)?;
    ensure!(percent >= 55, "only {pixels} px of the dialog scroll, {percent} % of the window");
    Ok(())
}

/// The picture behind the words changes with the width of the window.
async fn banner_contrast(visit: &Visit) -> Result<()> {
    let page = &visit.page;
    for locale in Locale::ALL {
        page.open_ready(index(locale)).await?;
        page.see(&part("sign-in")).await?;
        for width in [360, 600, 700, 768, 1024, 1280] {
            page.look_through(Window::new(width, 900)).await?;
            let texts = page.texts_in("header").await?;
            ensure!(texts.len() >= 5, "the banner has only the texts {texts:?}");
            for text in texts {
                page.check_contrast(&text).await.with_context(|| format!("{width} px"))?;
            }
        }
    }
    Ok(())
}

async fn grid_and_profile(visit: &Visit, locale: Locale) -> Result<()> {
    let page = &visit.page;
    page.open_ready(index(locale)).await?;
    visit.check_all_viewports("grid", Extent::WholePage).await?;
    let slug = catalogue()[2].slug;
    page.click(&format!("{}[href$=\"/mysfits/{slug}/\"]", part("view-profile"))).await?;
    page.see(&format!("dialog[open]{} img", part("profile"))).await?;
    visit.check_all_viewports("profile", Extent::Window).await?;
    page.open_ready(&profile(locale, &catalogue()[2])).await?;
    visit.check_all_viewports("profile-page", Extent::WholePage).await
}

async fn not_found(visit: &Visit) -> Result<()> {
    visit.page.open("/nowhere/at/all").await?;
    visit.page.see("h1").await?;
    visit.check_all_viewports("not-found", Extent::Window).await?;
    visit.expect_noise(&["/nowhere/at/all"]).await
}

async fn questionnaire(visit: &Visit, locale: Locale) -> Result<()> {
    let page = &visit.page;
    visit.open_questionnaire(locale).await?;
    visit.check_all_viewports("question", Extent::Window).await?;
    page.click(&part("next")).await?;
    page.see(&format!("{}[data-skipped]", part("question"))).await?;
    visit.check_all_viewports("skipped", Extent::Window).await?;
    visit.open_answers(locale, Entry::try_from(WORKSHOP_ENTRY)?).await?;
    visit.check_all_viewports("review", Extent::Window).await
}

async fn result(visit: &Visit, locale: Locale) -> Result<()> {
    let page = &visit.page;
    let entry = Entry::try_from(DISPUTED_ENTRY)?;
    visit.open_answers(locale, entry).await?;
    // The check takes longer than the page would wait.
    page.script("AbortController.prototype.abort = () => {}").await?;
    visit.proxy.fail(RECOMMENDATIONS, InjectedFault::Late(LONG));
    visit.submit().await?;
    page.see(&format!("{}[data-slow]", part("waiting"))).await?;
    visit.check_all_viewports("waiting", Extent::Window).await?;
    page.click(&part("ask-table")).await?;
    page.see(&format!("{}[data-source=table] img", part("result"))).await?;
    visit.check_all_viewports("result-table", Extent::Window).await?;
    visit.proxy.heal();
    visit.open_answers(locale, entry).await?;
    visit.submit().await?;
    page.see(&part("votes")).await?;
    visit.check_all_viewports("result", Extent::Window).await?;
    // On a phone the reasons are below the profile: takes a screenshot; axe has checked them.
    let (width, height) = WINDOWS[0];
    for scheme in Scheme::ALL {
        page.look_through(Window::new(width, height).with_scheme(scheme)).await?;
        page.script("document.querySelector('[data-testid=why]').scrollIntoView({ behavior: 'instant' })")
            .await?;
        let name = format!("result-why-{}-{}-{width}.png", locale.code(), scheme.as_str());
        page.screenshot(&visit.screenshots.join(name), Extent::Window).await?;
    }
    Ok(())
}
