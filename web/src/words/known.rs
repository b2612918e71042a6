//! The page is being written: its words are known.

use std::sync::LazyLock;

use mysfits_domain::Locale;

use super::Spoken;

/// The spoken words in one language.
#[derive(Debug, Clone, Copy)]
pub struct Voice(Locale);

impl Voice {
    /// The words of a language.
    #[must_use]
    pub const fn of(locale: Locale) -> Self {
        Self(locale)
    }

    pub(super) fn line(self, word: usize) -> &'static str {
        Spoken::ALL[word].get(self.0)
    }

    /// All of them, a line each: the block that travels with a page.
    #[must_use]
    pub fn block(self) -> &'static str {
        static BLOCKS: LazyLock<[String; 2]> =
            LazyLock::new(|| Locale::ALL.map(|locale| Spoken::ALL.map(|word| word.get(locale)).join("\n")));
        &BLOCKS[self.0 as usize]
    }
}
