//! The page as the visitor's eyes and hands meet it.

use std::{fmt, path::Path, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use mysfits_domain::{Entry, questionnaire};
use serde_json::{Value, json};
use thirtyfour::{By, Key, WebDriver, WebElement, error::WebDriverErrorInner};
use tokio::time::{Instant, sleep};

/// How long something may take to appear.
const PATIENCE: Duration = Duration::from_secs(10);
/// From this width on, in CSS pixels, a window is a desktop's.
const DESKTOP_WIDTH: u32 = 1024;
/// How often is looked whether it did.
const INTERVAL: Duration = Duration::from_millis(20);

/// The browser's one tab, and where the site is.
#[derive(Debug)]
pub struct Page {
    driver: WebDriver,
    url: String,
}

/// A part of the page, by its `data-testid`.
#[must_use]
pub fn part(test_id: &str) -> String {
    format!("[data-testid=\"{test_id}\"]")
}

impl Page {
    /// The tab of this browser; the site at this URL.
    #[must_use]
    pub fn new(driver: WebDriver, url: &str) -> Self {
        Self { driver, url: url.trim_end_matches('/').to_owned() }
    }

    /// Opens a path of the site.
    ///
    /// # Errors
    /// If the browser cannot open it.
    pub async fn open(&self, path: &str) -> Result<()> {
        // From a blank page, so that the same address twice is loaded twice.
        self.driver.goto("about:blank").await?;
        self.driver.goto(format!("{}{path}", self.url)).await.with_context(|| format!("cannot open {path}"))
    }

    /// Opens the site's page and waits until its code has taken over.
    ///
    /// # Errors
    /// If it does not.
    pub async fn open_ready(&self) -> Result<()> {
        self.open("/").await?;
        self.see("html[data-ready]").await.map(drop).context("the page's code never took over")
    }

    /// The element that this CSS selector finds, as soon as it is there and to be seen.
    ///
    /// # Errors
    /// If it is not there or not to be seen in time.
    pub async fn see(&self, css: &str) -> Result<WebElement> {
        let begun = Instant::now();
        loop {
            let element = self.driver.find(By::Css(css)).await;
            if let Ok(element) = element
                && element.is_displayed().await.unwrap_or(false)
            {
                return Ok(element);
            }
            ensure!(begun.elapsed() < PATIENCE, "{css} is not to be seen");
            sleep(INTERVAL).await;
        }
    }

    /// Waits until nothing that this CSS selector finds is there.
    ///
    /// # Errors
    /// If it is still there in the end.
    pub async fn gone(&self, css: &str) -> Result<()> {
        self.wait(&format!("{css} is gone"), async || {
            Ok(self.driver.find_all(By::Css(css)).await?.is_empty())
        })
        .await
    }

    /// Waits until something is true.
    ///
    /// # Errors
    /// If it is not in the end; or the question's own.
    pub async fn wait(&self, what: &str, question: impl AsyncFn() -> Result<bool>) -> Result<()> {
        let begun = Instant::now();
        while !question().await? {
            ensure!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
            sleep(INTERVAL).await;
        }
        Ok(())
    }

    /// Clicks what this CSS selector finds, where a finger or mouse would.
    ///
    /// # Errors
    /// If it is not to be seen, or something else lies over it.
    pub async fn click(&self, css: &str) -> Result<()> {
        let mut clicked = self.see(css).await?.click().await;
        if clicked
            .as_ref()
            .is_err_and(|error| matches!(**error, WebDriverErrorInner::StaleElementReference(_)))
        {
            // It was drawn anew between looking and clicking.
            clicked = self.see(css).await?.click().await;
        }
        clicked.with_context(|| format!("cannot click {css}"))
    }

    /// Chooses a radio by clicking what labels it: the radio itself may be too small to hit or not to be seen at all.
    ///
    /// # Errors
    /// If there is no such radio in a label, or it is not chosen afterwards.
    pub async fn choose(&self, css: &str) -> Result<()> {
        let radio = self.driver.find(By::Css(css)).await.with_context(|| format!("there is no {css}"))?;
        let label = radio.parent().await?;
        // As a visitor does who sees only half of it.
        label.scroll_into_view().await?;
        label.click().await.with_context(|| format!("cannot click the label of {css}"))?;
        ensure!(radio.is_selected().await?, "{css} is not chosen after a click on its label");
        Ok(())
    }

    /// Presses a key on whatever has the focus.
    ///
    /// # Errors
    /// The browser's.
    pub async fn press(&self, key: Key) -> Result<()> {
        Ok(self.driver.active_element().await?.send_keys(key).await?)
    }

    /// What a script returns.
    ///
    /// # Errors
    /// If it throws.
    pub async fn script(&self, script: &str) -> Result<Value> {
        Ok(self.driver.execute(script, Vec::new()).await?.json().clone())
    }

    /// The text of an element, as it is to be seen.
    ///
    /// # Errors
    /// If it is not to be seen.
    pub async fn text(&self, css: &str) -> Result<String> {
        Ok(self.see(css).await?.text().await?)
    }

    /// An attribute of an element.
    ///
    /// # Errors
    /// If the element is not to be seen or has no such attribute.
    pub async fn attribute(&self, css: &str, name: &str) -> Result<String> {
        let value = self.see(css).await?.attr(name).await?;
        value.with_context(|| format!("{css} has no attribute {name}"))
    }

    /// The slugs of the cards that are to be seen, in order.
    ///
    /// # Errors
    /// The browser's.
    pub async fn cards(&self) -> Result<Vec<String>> {
        let slugs = self
            .script(
                "return [...document.querySelectorAll('[data-testid=card]')]
                    .filter(card => card.checkVisibility()).map(card => card.dataset.slug)",
            )
            .await?;
        serde_json::from_value(slugs).context("the cards' slugs")
    }

    /// Answers a question of the open questionnaire; both count from 0, the answer as the visitor sees it from 1.
    ///
    /// # Errors
    /// If there is no such option to click.
    pub async fn answer(&self, position: usize, answer: u8) -> Result<()> {
        let feature = questionnaire()[position].feature;
        let question = part("question");
        self.choose(&format!("{question}[data-feature=\"{feature}\"] input[value=\"{answer}\"]")).await
    }

    /// Answers all questions of the open questionnaire.
    ///
    /// # Errors
    /// As for [`answer`](Self::answer).
    pub async fn answer_all(&self, entry: Entry) -> Result<()> {
        for (position, answer) in entry.answers().iter().enumerate() {
            self.answer(position, answer.get()).await?;
        }
        Ok(())
    }

    /// The answers that are chosen, by question; null where none is.
    ///
    /// # Errors
    /// The browser's.
    pub async fn chosen(&self) -> Result<Value> {
        self.script(
            "return [...document.querySelectorAll('[data-testid=question]')]
                .map(question => +question.querySelector('input:checked')?.value || null)",
        )
        .await
    }

    /// How many requests the page has sent to a path since it was opened.
    ///
    /// # Errors
    /// The browser's.
    pub async fn requests_to(&self, path: &str) -> Result<u64> {
        let script = format!(
            "return performance.getEntriesByType('resource').filter(e => new URL(e.name).pathname.endsWith('{path}')).length"
        );
        self.script(&script).await?.as_u64().context("a count")
    }

    /// Whether requests for addresses of this pattern fail as if nobody was there.
    ///
    /// # Errors
    /// The browser's.
    pub async fn block(&self, pattern: Option<&str>) -> Result<()> {
        let cdp = self.driver.cdp();
        cdp.send_raw("Network.enable", json!({})).await?;
        let urls: Vec<_> = pattern.into_iter().collect();
        cdp.send_raw("Network.setBlockedURLs", json!({ "urls": urls })).await?;
        Ok(())
    }

    /// What has been written to the browser's console since this was last asked.
    ///
    /// # Errors
    /// The browser's.
    pub async fn console(&self) -> Result<Vec<String>> {
        let entries = self.driver.browser_log().await?;
        Ok(entries.into_iter().map(|entry| format!("{:?}: {}", entry.level, entry.message)).collect())
    }

    /// Makes the window this wide and high, in CSS pixels, with motion reduced so that nothing is caught half way.
    ///
    /// # Errors
    /// The browser's.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        let cdp = self.driver.cdp();
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        cdp.send_raw("Emulation.setDeviceMetricsOverride", metrics).await?;
        // Phones and tablets lay their scroll bars over the page; a desktop's take room.
        let hidden = json!({ "hidden": width < DESKTOP_WIDTH });
        cdp.send_raw("Emulation.setScrollbarsHidden", hidden).await?;
        let media = json!({ "features": [{ "name": "prefers-reduced-motion", "value": "reduce" }] });
        cdp.send_raw("Emulation.setEmulatedMedia", media).await?;
        Ok(())
    }

    /// Checks that nothing sticks out to the side: neither the page nor an open dialog scrolls horizontally.
    ///
    /// # Errors
    /// With the elements that stick out.
    pub async fn check_no_overflow(&self, width: u32) -> Result<()> {
        // What is a pixel wide is there for screen readers; the banner's picture is cut off on purpose.
        let script = format!(
            "const shown = element => element.checkVisibility() && element.getBoundingClientRect().width > 1
                 && !element.matches('header img');
             const all = [...document.body.querySelectorAll('*')].filter(shown);
             const beyond = all.filter(element => element.getBoundingClientRect().right > {width} + 1);
             const scrolling = [document.documentElement, ...all].filter(element =>
                 ['auto', 'scroll', 'hidden'].includes(getComputedStyle(element).overflowX)
                 && element.scrollWidth > element.clientWidth + 1);
             const page = document.documentElement.scrollWidth > {width} ? [document.documentElement] : [];
             return [...page, ...beyond, ...scrolling].slice(0, 5).map(element => element.outerHTML.slice(0, 120))"
        );
        let found = self.script(&script).await?;
        ensure!(found.as_array().is_some_and(Vec::is_empty), "at {width} px these stick out: {found}");
        Ok(())
    }

    /// A picture of what is to be seen, or of the whole page however long it is.
    ///
    /// # Errors
    /// The browser's, or the file's.
    pub async fn screenshot(&self, path: &Path, extent: Extent) -> Result<()> {
        let cdp = self.driver.cdp();
        let mut parameters = json!({ "format": "png" });
        if extent == Extent::WholePage {
            let script = "const done = arguments[0];
                const images = [...document.images].filter(image => image.checkVisibility());
                images.forEach(image => image.loading = 'eager');
                Promise.allSettled(images.map(image => image.decode())).then(() => done(true))";
            self.driver.execute_async(script, Vec::new()).await?;
            let size = self.script("return [innerWidth, document.documentElement.scrollHeight]").await?;
            parameters["captureBeyondViewport"] = true.into();
            parameters["clip"] = json!({ "x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1 });
        }
        let answer = cdp.send_raw("Page.captureScreenshot", parameters).await?;
        let data = answer["data"].as_str().context("the browser took no picture")?;
        let png = base64::engine::general_purpose::STANDARD.decode(data).context("the picture's bytes")?;
        std::fs::write(path, png).with_context(|| format!("cannot write {}", path.display()))
    }
}

/// How much a screenshot shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The window's content.
    Window,
    /// Everything that could be scrolled to.
    WholePage,
}

/// Checks that two things are equal, and if not, says what they are.
///
/// # Errors
/// If they are not.
pub fn equal<T: PartialEq<U> + fmt::Debug, U: fmt::Debug>(what: &str, found: T, expected: U) -> Result<()> {
    if found != expected {
        bail!("{what}: found {found:?}, expected {expected:?}");
    }
    Ok(())
}
