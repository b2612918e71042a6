//! Ages in words, as people say them.

use mysfits_domain::Locale;

use super::{StaticText, grouped, interpolate};

/// Returns an age: `43 years`, `75 million years`; `43살`, `7,500만 살`.
#[must_use]
pub fn age_text(years: u64, locale: Locale) -> String {
    let text = if years == 1 { StaticText::OneYear } else { StaticText::Years };
    let number = match locale {
        Locale::En => english(years),
        Locale::Ko => korean(years),
    };
    // In Korean, there is a space only after a word.
    let has_word = number.chars().any(char::is_alphabetic);
    let number = if locale == Locale::Ko && has_word { number + " " } else { number };
    interpolate(text.get(locale), &[("age", &number)])
}

/// Returns a number with at most one decimal and "million" or "billion", or its digits if it is not that round.
fn english(number: u64) -> String {
    for (unit, word) in [(1_000_000_000, "billion"), (1_000_000, "million")] {
        if number >= unit && number.is_multiple_of(unit / 10) {
            let (whole, tenths) = (grouped(number / unit), number % unit / (unit / 10));
            return if tenths == 0 { format!("{whole} {word}") } else { format!("{whole}.{tenths} {word}") };
        }
    }
    grouped(number)
}

/// Returns a number in units of 10,000 and of 100 million, or its digits if it is not that round.
fn korean(number: u64) -> String {
    const MAN: u64 = 10_000;
    const EOK: u64 = 100_000_000;
    if number == 0 || !number.is_multiple_of(MAN) {
        return grouped(number);
    }
    let parts = [(number / EOK, "억"), (number % EOK / MAN, "만")];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    parts.map(|(count, unit)| grouped(count) + unit).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_ages_have_words() {
        for (years, en, ko) in [
            (0, "0 years", "0살"),
            (1, "1 year", "1살"),
            (43, "43 years", "43살"),
            (2_709, "2,709 years", "2,709살"),
            (75_000_000, "75 million years", "7,500만 살"),
            (1_500_000_000, "1.5 billion years", "15억 살"),
            (2_000_000_000, "2 billion years", "20억 살"),
            (123_450_000, "123,450,000 years", "1억 2,345만 살"),
            (75_000_001, "75,000,001 years", "75,000,001살"),
        ] {
            assert_eq!(age_text(years, Locale::En), en);
            assert_eq!(age_text(years, Locale::Ko), ko);
        }
    }
}
