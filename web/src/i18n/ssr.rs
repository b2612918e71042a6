//! Dynamic texts from the table.

use std::sync::LazyLock;

use mysfits_domain::Locale;

use super::dynamic_text::DynamicText;

/// Returns the texts in a language.
pub fn lines(locale: Locale) -> &'static [&'static str] {
    static LINES: LazyLock<[[&str; DynamicText::COUNT]; 2]> =
        LazyLock::new(|| Locale::ALL.map(|locale| DynamicText::ALL.map(|text| text.get(locale))));
    &LINES[locale as usize]
}
