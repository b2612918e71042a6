//! The page is being visited: its words are read from it, once.

use mysfits_domain::Locale;

use super::{BLOCK_ID, Spoken};
use crate::browser;

/// The spoken words in the page's language.
#[derive(Debug, Clone, Copy)]
pub struct Voice(&'static [&'static str]);

impl Voice {
    /// The words that came with the page, whose language is `_locale`. A page without them leaves the code speechless but
    /// working.
    #[must_use]
    pub fn of(_locale: Locale) -> Self {
        let text = browser::element(BLOCK_ID).and_then(|block| block.text_content()).unwrap_or_default();
        let mut lines: Vec<&'static str> = text.leak().lines().collect();
        lines.resize(Spoken::COUNT, "");
        Self(lines.leak())
    }

    pub(super) fn line(self, word: usize) -> &'static str {
        self.0[word]
    }
}
