//! The contrast of text over a picture, measured on pixels; axe cannot measure it.
//!
//! The contrast is that of WCAG 2: (lighter + 0.05) / (darker + 0.05) of relative luminances, 4.5 for text and 3 for large
//! text. It is measured on all but the worst hundredth of the pixels behind the letters.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::BrowserPage;

/// Makes an element's own text invisible, and says its colour and what contrast it needs.
const HIDE: &str = "
    const element = document.querySelector(SELECTOR);
    element.scrollIntoView({ block: 'nearest', behavior: 'instant' });
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const text = {
        color: style.color,
        needed: size >= 24 || size >= 18.66 && style.fontWeight >= 700 ? 3 : 4.5,
        kept: element.getAttribute('style'),
    };
    for (const name of ['color', '-webkit-text-fill-color'])
        element.style.setProperty(name, 'transparent', 'important');
    for (const name of ['transition', 'text-shadow', 'text-decoration'])
        element.style.setProperty(name, 'none', 'important');
    return text";

/// Makes it visible again, and says where its lines are: where they were in the picture just taken, for what was laid out
/// before may still have been without the scroll bar, as in the picture of a whole page.
const SHOW: &str = "
    const element = document.querySelector(SELECTOR);
    const lines = [...element.childNodes].filter(node => node.nodeType === Node.TEXT_NODE).flatMap(node => {
        const range = document.createRange();
        range.selectNodeContents(node);
        return [...range.getClientRects()].map(({ x, y, width, height }) => [x, y, width, height]);
    });
    if (KEPT === null) element.removeAttribute('style'); else element.style.cssText = KEPT;
    return lines";

/// The contrast that all but the worst hundredth of the pixels behind the lines have, and such a pixel: where, which colour.
const MEASURE: &str = "
    const done = arguments[0];
    const image = new Image();
    image.onerror = () => done(null);
    image.onload = () => {
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext('2d', { willReadFrequently: true });
        context.fillStyle = COLOR;
        context.fillRect(0, 0, 1, 1);
        const ink = context.getImageData(0, 0, 1, 1).data;
        context.clearRect(0, 0, 1, 1);
        context.drawImage(image, 0, 0);
        const linear = value => value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4;
        const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
        const found = [];
        for (const [x, y, width, height] of LINES) {
            if (x >= image.width || y >= image.height || x + width < 1 || y + height < 1) continue;
            const { data } = context.getImageData(x, y, Math.max(width, 1), Math.max(height, 1));
            for (let i = 0; i < data.length; i += 4) {
                if (data[i + 3] === 0) continue;
                const ground = [data[i], data[i + 1], data[i + 2]];
                const share = ink[3] / 255;
                const [one, other] = [ground, ground.map((value, j) => ink[j] * share + value * (1 - share))].map(luminance);
                const pixel = i / 4, columns = Math.max(Math.trunc(width), 1);
                const place = [Math.trunc(x) + pixel % columns, Math.trunc(y) + Math.trunc(pixel / columns)];
                found.push([(Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05), ...place, ...ground]);
            }
        }
        found.sort(([one], [other]) => one - other);
        done(found[Math.floor(found.length / 100)] ?? null);
    };
    image.src = 'data:image/png;base64,' + PICTURE";

/// Selectors of the elements below SELECTOR that have text of their own, without those for screen readers.
const TEXTS: &str = "
    const path = element => element === document.documentElement ? ':root'
        : `${path(element.parentElement)} > :nth-child(${[...element.parentElement.children].indexOf(element) + 1})`;
    const isText = element => element.checkVisibility({ visibilityProperty: true })
        && element.getBoundingClientRect().width > 1
        && [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    return [...document.querySelectorAll('SELECTOR *')].filter(isText).map(path)";

/// Selectors of the visible buttons below SELECTOR without a visible text, and where they are.
const SYMBOLS: &str = "
    const isShown = element =>
        element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 1;
    const hasText = element => [element, ...element.querySelectorAll('*')].some(inner => isShown(inner)
        && [...inner.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim()));
    return [...document.querySelectorAll('SELECTOR button')].filter(button => isShown(button) && !hasText(button))
        .map(button => {
            const { x, y, width, height } = button.getBoundingClientRect();
            return [button.outerHTML.slice(0, 80), [x + width / 4, y + height / 4, width / 2, height / 2]];
        })";

/// The share of pixels in a rectangle of the picture that differ from its most frequent colour by a contrast of 3 or more.
const DRAWN: &str = "
    const done = arguments[0];
    const image = new Image();
    image.onerror = () => done(null);
    image.onload = () => {
        const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
        context.drawImage(image, 0, 0);
        const [x, y, width, height] = BOX.map(Math.round);
        const { data } = context.getImageData(x, y, width, height);
        const linear = value => value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4;
        const counts = new Map();
        for (let i = 0; i < data.length; i += 4) {
            const luminance = 0.2126 * linear(data[i]) + 0.7152 * linear(data[i + 1]) + 0.0722 * linear(data[i + 2]);
            counts.set(luminance, (counts.get(luminance) ?? 0) + 1);
        }
        const [[ground], ...others] = [...counts].sort(([, one], [, other]) => other - one);
        const contrast = other => (Math.max(ground, other) + 0.05) / (Math.min(ground, other) + 0.05);
        const drawn = others.filter(([other]) => contrast(other) >= 3).reduce((sum, [, count]) => sum + count, 0);
        done(drawn * 4 / data.length);
    };
    image.src = 'data:image/png;base64,' + PICTURE";

/// The least share of a symbol's inner half that is drawn: a line of two pixels in a button of 44.
const LEAST_DRAWN: f64 = 0.05;

impl BrowserPage {
    /// Returns selectors of the visible elements with text below this one.
    ///
    /// # Errors
    /// The browser's.
    pub async fn texts_in(&self, css: &str) -> Result<Vec<String>> {
        serde_json::from_value(self.script(&TEXTS.replace("SELECTOR", css)).await?).context("the texts")
    }

    /// Checks that the symbols of the buttons without text below this element are visible; returns how many there are.
    ///
    /// # Errors
    /// Names those that are not.
    pub async fn check_symbols(&self, css: &str) -> Result<usize> {
        let symbols: Vec<(String, [f64; 4])> =
            serde_json::from_value(self.script(&SYMBOLS.replace("SELECTOR", css)).await?)
                .context("the symbols")?;
        let picture = self.command("Page.captureScreenshot", json!({ "format": "png" })).await?;
        for (button, area) in &symbols {
            let script = DRAWN
                .replace("BOX", &json!(area).to_string())
                .replace("PICTURE", &picture["data"].to_string());
            let drawn = self.script_later(&script).await?.as_f64().context("the share that is drawn")?;
            ensure!(drawn >= LEAST_DRAWN, "only {:.1} % of {button} is drawn", drawn * 100.0);
        }
        Ok(symbols.len())
    }

    /// Checks that the text of this element has enough contrast to what is behind it.
    ///
    /// # Errors
    /// If it does not, or has no text in the window.
    pub async fn check_contrast(&self, css: &str) -> Result<()> {
        let fill = |script: &str, values: &[(&str, &Value)]| {
            values
                .iter()
                .fold(script.to_owned(), |script, (name, value)| script.replace(name, &value.to_string()))
        };
        let selector = json!(css);
        let text = self.script(&fill(HIDE, &[("SELECTOR", &selector)])).await?;
        let picture = self.command("Page.captureScreenshot", json!({ "format": "png" })).await;
        let lines = self.script(&fill(SHOW, &[("SELECTOR", &selector), ("KEPT", &text["kept"])])).await?;
        let picture = picture?;
        let values = [("COLOR", &text["color"]), ("LINES", &lines), ("PICTURE", &picture["data"])];
        let contrast = self.script_later(&fill(MEASURE, &values)).await?;
        let contrast: Option<[f64; 6]> = serde_json::from_value(contrast).context("the contrast")?;
        let [contrast, x, y, ground @ ..] =
            contrast.with_context(|| format!("{css} has no text in the window"))?;
        let needed = text["needed"].as_f64().context("the contrast that is needed")?;
        ensure!(
            contrast >= needed,
            "{css} has a contrast of {contrast:.2} at ({x}, {y}), where the ground is {ground:?}; it needs {needed}"
        );
        Ok(())
    }
}
