//! The page as the visitor's eyes and hands meet it.
//!
//! - `contrast`: how well text stands out from a picture.
//! - [`emulation`]: what the browser pretends to be.
//! - [`keyboard`]: operates the page by keyboard.
//! - `layout_rules`: the rules of the layout.
//! - [`picture`]: what it looks like.
//! - `touch`: operates the page by touch.
//! - `site`: what only this site's page has.

mod contrast;
pub mod emulation;
pub mod keyboard;
mod layout_rules;
pub mod picture;
mod site;
mod touch;

use std::{fmt, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use thirtyfour::{By, Key, WebDriver, WebElement, error::WebDriverErrorInner};
use tokio::time::{Instant, sleep};

use self::emulation::NeedsChromium;
use crate::{browser::Browser, engine::Engine};

/// How long something may take to appear: longer than the page itself waits for an answer.
const TIMEOUT: Duration = Duration::from_secs(15);
/// How often is looked whether it did.
const INTERVAL: Duration = Duration::from_millis(20);

/// A message that leptos writes in development builds whenever a panel is mounted.
const DEVELOPMENT_NOTE: &str = "trying to use Leptos in client-side rendering mode";

/// The browser's one tab, and where the site is.
#[derive(Debug)]
pub struct BrowserPage {
    driver: WebDriver,
    engine: Engine,
    url: String,
}

/// Returns a part of the page, by its `data-testid`.
#[must_use]
pub fn part(test_id: &str) -> String {
    format!("[data-testid=\"{test_id}\"]")
}

impl BrowserPage {
    /// The tab of this browser; the site at this URL.
    #[must_use]
    pub fn new(browser: &Browser, url: &str) -> Self {
        let url = url.trim_end_matches('/').to_owned();
        Self { driver: browser.driver(), engine: browser.engine(), url }
    }

    /// Returns whether the browser is Chromium, whose own protocol can do what WebDriver cannot.
    #[must_use]
    pub fn is_chromium(&self) -> bool {
        self.engine == Engine::Chromium
    }

    /// Returns the site's origin: scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> &str {
        origin(&self.url)
    }

    /// Leaves the site for a blank page.
    ///
    /// # Errors
    /// The browser's.
    pub async fn open_nothing(&self) -> Result<()> {
        Ok(self.driver.goto("about:blank").await?)
    }

    /// Opens a path of the site.
    ///
    /// # Errors
    /// If the browser cannot open it.
    pub async fn open(&self, path: &str) -> Result<()> {
        // From a blank page, so that the same address twice is loaded twice.
        self.open_nothing().await?;
        self.driver.goto(format!("{}{path}", self.url)).await.with_context(|| format!("cannot open {path}"))
    }

    /// Opens a path of the site and waits until the page's code has taken over.
    ///
    /// # Errors
    /// If it does not.
    pub async fn open_ready(&self, path: &str) -> Result<()> {
        self.open(path).await?;
        self.ready().await
    }

    /// Waits until the page's code has taken over.
    ///
    /// # Errors
    /// If it does not.
    pub async fn ready(&self) -> Result<()> {
        self.see("html[data-ready]").await.map(drop).context("the page's code never took over")
    }

    /// Returns the path of the page that is open, with query and fragment, as the address bar shows it.
    ///
    /// # Errors
    /// If another site is open.
    pub async fn path(&self) -> Result<String> {
        let url = self.driver.current_url().await?;
        let path = url.as_str().strip_prefix(&self.url);
        path.map(ToOwned::to_owned).with_context(|| format!("{url} is not on {}", self.url))
    }

    /// Returns the page's title.
    ///
    /// # Errors
    /// The browser's.
    pub async fn title(&self) -> Result<String> {
        Ok(self.driver.title().await?)
    }

    /// Goes back to the page before.
    ///
    /// # Errors
    /// The browser's.
    pub async fn back(&self) -> Result<()> {
        Ok(self.driver.back().await?)
    }

    /// Goes forward again.
    ///
    /// # Errors
    /// The browser's.
    pub async fn forward(&self) -> Result<()> {
        Ok(self.driver.forward().await?)
    }

    /// Loads the page anew and waits until its code has taken over.
    ///
    /// # Errors
    /// If it does not.
    pub async fn reload(&self) -> Result<()> {
        self.driver.refresh().await?;
        self.ready().await
    }

    /// Returns the element that this CSS selector finds, as soon as it is visible.
    ///
    /// # Errors
    /// If it is not visible in time.
    pub async fn see(&self, css: &str) -> Result<WebElement> {
        let begun = Instant::now();
        loop {
            let element = self.driver.find(By::Css(css)).await;
            if let Ok(element) = element
                && element.is_displayed().await.unwrap_or(false)
            {
                return Ok(element);
            }
            ensure!(begun.elapsed() < TIMEOUT, "{css} is not visible");
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
            ensure!(begun.elapsed() < TIMEOUT, "timed out: {what}");
            sleep(INTERVAL).await;
        }
        Ok(())
    }

    /// Clicks what this CSS selector finds, where a finger or mouse would.
    ///
    /// # Errors
    /// If it is not visible, or covered.
    pub async fn click(&self, css: &str) -> Result<()> {
        let mut clicked = self.see(css).await?.click().await;
        if clicked
            .as_ref()
            .is_err_and(|error| matches!(**error, WebDriverErrorInner::StaleElementReference(_)))
        {
            // It was rendered again between finding and clicking.
            clicked = self.see(css).await?.click().await;
        }
        clicked.with_context(|| format!("cannot click {css}"))
    }

    /// Clicks a point of the window, whatever is there.
    ///
    /// # Errors
    /// The browser's.
    pub async fn click_at(&self, x: i64, y: i64) -> Result<()> {
        Ok(self.driver.action_chain().move_to(x, y).click().perform().await?)
    }

    /// Clicks a link as a visitor does who wants it in a new tab, and closes that tab again; the path that it showed.
    ///
    /// # Errors
    /// If no tab opens, or one with another site.
    pub async fn click_for_new_tab(&self, css: &str) -> Result<String> {
        if self.engine == Engine::Webkit {
            // MiniBrowser opens no tab.
            return Err(NeedsChromium.into());
        }
        let here = self.driver.window().await?;
        let link = self.see(css).await?;
        link.scroll_into_view().await?;
        let chain = self.driver.action_chain().key_down(Key::Control).click_element(&link);
        chain.key_up(Key::Control).perform().await?;
        self.wait("a new tab opens", async || Ok(self.driver.windows().await?.len() == 2)).await?;
        let tabs = self.driver.windows().await?;
        let tab = tabs.into_iter().find(|tab| *tab != here).context("there is no new tab")?;
        self.driver.switch_to_window(tab).await?;
        self.wait("the new tab leaves the blank page", async || {
            Ok(self.driver.current_url().await?.scheme().starts_with("http"))
        })
        .await?;
        let path = self.path().await;
        self.driver.close_window().await?;
        self.driver.switch_to_window(here).await?;
        path
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

    /// Returns what a script returns.
    ///
    /// # Errors
    /// If it throws.
    pub async fn script(&self, script: &str) -> Result<Value> {
        self.script_with(script, Vec::new()).await
    }

    /// Returns what a script returns that has arguments.
    async fn script_with(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.driver.execute(script, arguments).await?.json().clone())
    }

    /// Returns the value that a script passes to its callback argument.
    ///
    /// # Errors
    /// If it throws, or takes longer than the driver waits.
    pub async fn script_later(&self, script: &str) -> Result<Value> {
        Ok(self.driver.execute_async(script, Vec::new()).await?.json().clone())
    }

    /// Returns the visible text of an element.
    ///
    /// # Errors
    /// If it is not visible.
    pub async fn text(&self, css: &str) -> Result<String> {
        Ok(self.see(css).await?.text().await?)
    }

    /// Returns an attribute of an element.
    ///
    /// # Errors
    /// If the element is not visible or has no such attribute.
    pub async fn attribute(&self, css: &str, name: &str) -> Result<String> {
        let value = self.see(css).await?.attr(name).await?;
        value.with_context(|| format!("{css} has no attribute {name}"))
    }

    /// Returns how many requests the page has sent to a path since it was opened.
    ///
    /// # Errors
    /// The browser's.
    pub async fn requests_to(&self, path: &str) -> Result<u64> {
        let script = format!(
            "return performance.getEntriesByType('resource').filter(e => new URL(e.name).pathname.endsWith('{path}')).length"
        );
        self.script(&script).await?.as_u64().context("a count")
    }

    /// The addresses that pages have requested since this was last called, whether or not there was a response. Only
    /// Chromium tells them.
    ///
    /// # Errors
    /// The browser's.
    pub async fn addresses(&self) -> Result<Vec<String>> {
        let mut addresses = Vec::new();
        if !self.is_chromium() {
            return Ok(addresses);
        }
        for entry in self.driver.get_log("performance").await? {
            let entry: Value = serde_json::from_str(&entry.message).context("the browser's log")?;
            let event = &entry["message"];
            if event["method"] == "Network.requestWillBeSent"
                && let Some(url) = event["params"]["request"]["url"].as_str()
                && url.starts_with("http")
            {
                addresses.push(url.to_owned());
            }
        }
        Ok(addresses)
    }

    /// Returns the console messages since the last call. Only Chromium provides them.
    ///
    /// # Errors
    /// The browser's.
    pub async fn console(&self) -> Result<Vec<String>> {
        if !self.is_chromium() {
            return Ok(Vec::new());
        }
        let entries = self.driver.browser_log().await?.into_iter();
        let entries = entries.filter(|entry| !entry.message.contains(DEVELOPMENT_NOTE));
        Ok(entries.map(|entry| format!("{:?}: {}", entry.level, entry.message)).collect())
    }
}

/// Returns the origin of a URL: scheme, host and port.
#[must_use]
pub fn origin(url: &str) -> &str {
    url.match_indices('/').nth(2).map_or(url, |(end, _)| &url[..end])
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
