//! Operates the page by keyboard.

use anyhow::{Context as _, Result};
use serde::Deserialize;
use thirtyfour::{Key, TypingData};

use super::BrowserPage;

/// What describes the element that has the focus; null for the page itself.
///
/// The frame may be drawn around what the element lies in (a card), or beside it (what stands for a hidden radio).
const FOCUSED: &str = "
    const element = document.activeElement;
    if (!element || element === document.body || element === document.documentElement) return null;
    const framed = other => {
        const style = getComputedStyle(other);
        return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    };
    const drawn = [element.nextElementSibling ?? element];
    for (let other = element; other; other = other.parentElement) drawn.push(other);
    const label = element.getAttribute('aria-label') ?? (element.labels?.[0] ?? element).innerText;
    return {
        tag: element.localName,
        test_id: element.closest('[data-testid]')?.dataset.testid ?? '',
        label: label.trim().replaceAll(/\\s+/g, ' ').slice(0, 80),
        is_framed: drawn.some(framed),
    }";

/// What has the focus.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Focus {
    /// The element's name.
    pub tag: String,
    /// The `data-testid` of the part that it is or lies in; may be empty.
    pub test_id: String,
    /// Its label or text.
    pub label: String,
    /// Whether its focus is visible.
    pub is_framed: bool,
}

impl BrowserPage {
    /// Presses keys one after the other, as a keyboard does: whatever has the focus gets them. A modifier
    /// (`Key::Shift + Key::Tab`) is held for the rest.
    ///
    /// # Errors
    /// The browser's.
    pub async fn press(&self, keys: impl Into<TypingData>) -> Result<()> {
        let mut chain = self.driver.action_chain();
        let mut held = Vec::new();
        for key in keys.into().as_vec() {
            chain = chain.key_down(key);
            if [Key::Shift, Key::Control, Key::Alt, Key::Meta].map(char::from).contains(&key) {
                held.push(key);
            } else {
                chain = chain.key_up(key);
            }
        }
        for key in held {
            chain = chain.key_up(key);
        }
        Ok(chain.perform().await?)
    }

    /// Returns the element that has the focus; `None` if it is the page itself.
    ///
    /// # Errors
    /// The browser's.
    pub async fn focus(&self) -> Result<Option<Focus>> {
        serde_json::from_value(self.script(FOCUSED).await?).context("what has the focus")
    }

    /// Where Tab leads from here, stop by stop: until it leaves the page or comes to where it was before, but at most so
    /// many stops.
    ///
    /// # Errors
    /// The browser's.
    pub async fn tab_through(&self, at_most: usize) -> Result<Vec<Focus>> {
        let mut stops = Vec::new();
        while stops.len() < at_most {
            self.press(Key::Tab).await?;
            match self.focus().await? {
                Some(focus) if stops.first() != Some(&focus) => stops.push(focus),
                _ => break,
            }
        }
        Ok(stops)
    }

    /// Presses Tab until this has the focus.
    ///
    /// # Errors
    /// If it has not after so many stops; the error says where the focus went.
    pub async fn tab_to(&self, css: &str, at_most: usize) -> Result<()> {
        let script = format!("return document.activeElement?.matches({}) ?? false", serde_json::json!(css));
        let mut stops = Vec::new();
        for _ in 0..at_most {
            self.press(Key::Tab).await?;
            if self.script(&script).await? == true {
                return Ok(());
            }
            stops.push(self.focus().await?.map_or_else(|| "the page".to_owned(), |focus| focus.label));
        }
        anyhow::bail!("Tab does not lead to {css}, but to {stops:?}")
    }
}
