//! The rules of the layout, checked by a script in the page.
//!
//! - Neither page nor dialog scrolls horizontally, and no dialog is larger than the window.
//! - Each control is at least 24 x 24 px (WCAG 2.2), the ones of [`LARGE_CONTROLS`] 44 x 44 px.
//! - Controls overlap neither other controls nor text, and each can be scrolled into view and clicked.
//! - Texts and controls are not cut off; a button's label fits into two lines.
//! - With reduced motion, nothing moves for ever, unless slowly.
//! - On paper, where backgrounds are not printed, text is dark.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use super::BrowserPage;

/// A CSS selector of the controls that are used most, and of those that were too small to hit.
const LARGE_CONTROLS: &str = "[data-testid=sign-in], [data-testid=sign-out], [data-testid=my-account], \
    [data-testid=language], [data-testid=view-all], [data-testid=contact], [data-testid=recommend], \
    [data-testid=close], [data-testid=edit], [data-testid=previous], [data-testid=next], [data-testid=submit], [data-testid=votes] a, .button.main";

/// Returns the texts that would be too light on white paper.
const LIGHT_TEXTS: &str = "
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const luminance = color => {
        canvas.fillStyle = '#fff';
        canvas.fillRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        const linear = value => value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4;
        const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data;
        return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    };
    const isText = element => [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const isPrinted = element => element.checkVisibility({ visibilityProperty: true })
        && element.getBoundingClientRect().width > 1;
    // What keeps its background is as on a screen.
    const isExact = element => getComputedStyle(element).printColorAdjust === 'exact';
    return [...document.querySelectorAll('body *')].filter(element => isText(element) && isPrinted(element)
        && !isExact(element) && 1.05 / (luminance(getComputedStyle(element).color) + 0.05) < 4.5)
        .map(element => element.innerText.trim().slice(0, 60))";

impl BrowserPage {
    /// Returns what breaks the rules of the layout, in a window of this width.
    ///
    /// # Errors
    /// The browser's.
    pub async fn layout_faults(&self, width: u32) -> Result<Vec<String>> {
        let overflow = self.check_no_overflow(width).await;
        let faults = self.script_with(include_str!("layout_rules.js"), vec![json!(LARGE_CONTROLS)]).await?;
        let mut faults: Vec<String> = serde_json::from_value(faults).context("the faults of the layout")?;
        faults.extend(overflow.err().map(|error| error.to_string()));
        Ok(faults)
    }

    /// Checks the rules of the layout, in a window of this width.
    ///
    /// # Errors
    /// Lists what breaks them.
    pub async fn check_layout(&self, width: u32) -> Result<()> {
        let faults = self.layout_faults(width).await?;
        ensure!(faults.is_empty(), "the layout at {width} px: {}", faults.join("; "));
        Ok(())
    }

    /// Checks that texts are dark enough for white paper. The page must be rendered for paper.
    ///
    /// # Errors
    /// Lists those that are not.
    pub async fn check_print(&self) -> Result<()> {
        let light = self.script(LIGHT_TEXTS).await?;
        ensure!(light.as_array().is_some_and(Vec::is_empty), "texts are light on white paper: {light}");
        Ok(())
    }
}
