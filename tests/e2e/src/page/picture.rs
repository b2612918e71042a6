//! Screenshots, and checks of horizontal overflow.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use serde_json::json;

use super::BrowserPage;

/// How much a screenshot shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The window's content.
    Window,
    /// Everything that could be scrolled to.
    WholePage,
}

impl BrowserPage {
    /// Checks that neither the page nor an open dialog scrolls horizontally.
    ///
    /// # Errors
    /// Lists the elements that overflow.
    pub async fn check_no_overflow(&self, width: u32) -> Result<()> {
        // Elements one pixel wide are for screen readers; the banner's picture is clipped by design.
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
        ensure!(
            found.as_array().is_some_and(Vec::is_empty),
            "at {width} px these elements overflow: {found}"
        );
        Ok(())
    }

    /// Writes a screenshot of the window or of the whole page.
    ///
    /// # Errors
    /// The browser's, or the file's.
    pub async fn screenshot(&self, path: &Path, extent: Extent) -> Result<()> {
        let png = self.screenshot_png(extent).await?;
        std::fs::write(path, png).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Returns a screenshot of the window or of the whole page. Other engines than Chromium show only the window.
    ///
    /// # Errors
    /// The browser's.
    pub async fn screenshot_png(&self, extent: Extent) -> Result<Vec<u8>> {
        if !self.is_chromium() {
            return Ok(self.driver.screenshot_as_png().await?);
        }
        let mut parameters = json!({ "format": "png" });
        if extent == Extent::WholePage {
            let script = "const done = arguments[0];
                const images = [...document.images].filter(image => image.checkVisibility());
                images.forEach(image => image.loading = 'eager');
                Promise.allSettled(images.map(image => image.decode())).then(() => done(true))";
            self.script_later(script).await?;
            let size = self.script("return [innerWidth, document.documentElement.scrollHeight]").await?;
            parameters["captureBeyondViewport"] = true.into();
            parameters["clip"] = json!({ "x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1 });
        }
        let answer = self.command("Page.captureScreenshot", parameters).await?;
        let data = answer["data"].as_str().context("the browser took no screenshot")?;
        base64::engine::general_purpose::STANDARD.decode(data).context("the picture's bytes")
    }
}
