//! The dynamic texts in the page's language.

use mysfits_domain::Locale;

use super::{dynamic_text::DynamicText, format::interpolate};

/// The dynamic texts in one language.
#[derive(Debug, Clone, Copy)]
pub struct Messages(&'static [&'static str]);

impl Messages {
    /// Returns the texts in a language. On wasm32 they are those that the page embeds; without them all texts are empty.
    #[must_use]
    pub fn new(locale: Locale) -> Self {
        Self(lines(locale))
    }

    /// Returns a text.
    #[must_use]
    pub fn get(self, text: DynamicText) -> &'static str {
        self.0[text as usize]
    }

    /// Returns a text with its placeholders replaced.
    #[must_use]
    pub fn format(self, text: DynamicText, values: &[(&str, &str)]) -> String {
        interpolate(self.get(text), values)
    }

    /// Returns all texts, one per line, as a page embeds them.
    #[cfg(not(target_arch = "wasm32"))]
    #[must_use]
    pub fn to_lines(self) -> String {
        self.0.join("\n")
    }
}

/// Returns the texts that the page embeds, which are in its language.
#[cfg(target_arch = "wasm32")]
fn lines(_: Locale) -> &'static [&'static str] {
    let text = crate::browser::element(super::MESSAGES_ID).and_then(|element| element.text_content());
    let mut lines: Vec<&'static str> = text.unwrap_or_default().leak().lines().collect();
    lines.resize(DynamicText::COUNT, "");
    lines.leak()
}

/// Returns the texts of the table.
#[cfg(not(target_arch = "wasm32"))]
fn lines(locale: Locale) -> &'static [&'static str] {
    static LINES: std::sync::LazyLock<[[&str; DynamicText::COUNT]; 2]> =
        std::sync::LazyLock::new(|| Locale::ALL.map(|locale| DynamicText::ALL.map(|text| text.get(locale))));
    &LINES[locale as usize]
}
