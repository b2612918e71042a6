//! Dynamic texts as the page embeds them.

use mysfits_domain::Locale;

use super::dynamic_text::{DynamicText, MESSAGES_ID};
use crate::browser;

/// Returns the texts of the page, which are in the page's language.
pub fn lines(_locale: Locale) -> &'static [&'static str] {
    let text = browser::element(MESSAGES_ID).and_then(|element| element.text_content()).unwrap_or_default();
    let mut lines: Vec<&'static str> = text.leak().lines().collect();
    lines.resize(DynamicText::COUNT, "");
    lines.leak()
}
