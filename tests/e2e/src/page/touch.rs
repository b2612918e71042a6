//! Operates the page by touch.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::BrowserPage;

impl BrowserPage {
    /// Whether the screen is one to be touched, as the browser tells the page (`pointer: coarse`).
    ///
    /// # Errors
    /// The browser's.
    pub async fn touchable(&self, is_touchable: bool) -> Result<()> {
        let points = u8::from(is_touchable);
        let touch = json!({ "enabled": is_touchable, "maxTouchPoints": points.max(1) });
        self.command("Emulation.setTouchEmulationEnabled", touch).await?;
        Ok(())
    }

    /// Taps the middle of what this CSS selector finds; whatever lies over it is what is hit.
    ///
    /// # Errors
    /// If it is not visible.
    pub async fn tap(&self, css: &str) -> Result<()> {
        let element = self.see(css).await?;
        element.scroll_into_view().await?;
        let middle = "const { x, y, width, height } = document.querySelector(CSS).getBoundingClientRect();
            return [x + width / 2, y + height / 2]";
        let [x, y]: [f64; 2] =
            serde_json::from_value(self.script(&middle.replace("CSS", &json!(css).to_string())).await?)
                .with_context(|| format!("where is {css}?"))?;
        let event = |kind: &str, points: Value| json!({ "type": kind, "touchPoints": points });
        self.command("Input.dispatchTouchEvent", event("touchStart", json!([{ "x": x, "y": y }]))).await?;
        self.command("Input.dispatchTouchEvent", event("touchEnd", json!([]))).await?;
        Ok(())
    }
}
