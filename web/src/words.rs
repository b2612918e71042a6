//! Every word of the site that does not come from the domain, English and Korean side by side.
//!
//! [`Written`] words stand in the pages from the start; [`Spoken`] words are said by the code, later. Both are tables
//! with a row a word: a row that lacks one of its languages does not compile, nor does an empty text. The
//! browser's code holds neither table: what is written is never hydrated, and what is spoken comes with the page
//! ([`Voice`]), in the page's language only, so that another language costs a visitor nothing.
//!
//! A text may have places to fill, `{name}`; [`fill`] fills them.

mod spoken;
mod written;

#[cfg_attr(target_arch = "wasm32", path = "words/heard.rs")]
#[cfg_attr(not(target_arch = "wasm32"), path = "words/known.rs")]
mod voice;

pub use spoken::Spoken;
pub use voice::Voice;
pub use written::{Written, alignment, moral, order};

/// The id of the block of a page that holds its spoken words, a line each, in the order of [`Spoken`].
pub const BLOCK_ID: &str = "words";

impl Voice {
    /// The word, in the page's language.
    #[must_use]
    pub fn say(self, word: Spoken) -> &'static str {
        self.line(word as usize)
    }

    /// The word with its places filled, each given by name and value.
    #[must_use]
    pub fn fill(self, word: Spoken, values: &[(&str, &str)]) -> String {
        fill(self.say(word), values)
    }
}

/// The text with each `{name}` replaced by its value; names that are not given stay.
#[must_use]
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let value = after.split_once('}').and_then(|(name, rest)| {
            let value = values.iter().find(|(given, _)| *given == name)?.1;
            Some((value, rest))
        });
        if let Some((value, behind)) = value {
            filled.push_str(value);
            rest = behind;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled.push_str(rest);
    filled
}

/// Makes an enum of words and their table.
macro_rules! words {
    ($(#[$doc:meta])* pub enum $name:ident { $($word:ident: $en:literal | $ko:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $(#[doc = $en] $word,)+ }

        impl $name {
            /// How many there are.
            pub const COUNT: usize = [$(Self::$word),+].len();
        }

        impl $name {
            /// All words, in the order of their declaration.
            pub const ALL: [Self; Self::COUNT] = [$(Self::$word),+];

            const TABLE: [mysfits_domain::Text; Self::COUNT] =
                [$(mysfits_domain::Text { en: $en, ko: $ko }),+];

            /// The word in both languages.
            #[must_use]
            pub const fn text(self) -> mysfits_domain::Text {
                Self::TABLE[self as usize]
            }

            /// The word in one language.
            #[must_use]
            pub const fn get(self, locale: mysfits_domain::Locale) -> &'static str {
                self.text().get(locale)
            }
        }

        // A missing translation fails the build.
        const _: () = {
            $(assert!(
                !$en.trim_ascii().is_empty() && !$ko.trim_ascii().is_empty(),
                concat!(stringify!($word), " lacks a language"),
            );)+
        };
    };
}
use words;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use mysfits_domain::Text;

    use super::*;

    #[test]
    fn places_are_filled_by_name() {
        assert_eq!(fill("{a} of {b}", &[("b", "12"), ("a", "4")]), "4 of 12");
        assert_eq!(fill("{a}{a}", &[("a", "x")]), "xx");
        assert_eq!(fill("no places", &[("a", "x")]), "no places");
        assert_eq!(fill("{unknown} { {a}", &[("a", "x")]), "{unknown} { x");
    }

    fn all() -> impl Iterator<Item = (String, Text)> {
        let written = Written::ALL.into_iter().map(|word| (format!("{word:?}"), word.text()));
        written.chain(Spoken::ALL.into_iter().map(|word| (format!("{word:?}"), word.text())))
    }

    #[test]
    fn both_languages_have_the_same_places() {
        let places = |text: &str| -> BTreeSet<String> {
            let opened = text.split('{').skip(1);
            opened.map(|part| part.split_once('}').expect("a place is closed").0.to_owned()).collect()
        };
        for (word, text) in all() {
            assert_eq!(places(text.en), places(text.ko), "{word}");
        }
    }

    #[test]
    fn each_language_is_written_in_its_own_script() {
        let is_hangul = |c: char| ('가'..='힣').contains(&c);
        for (word, text) in all() {
            // The link to the other language is written in that one; marks such as "?" have no language.
            if ["OtherLanguage", "Brand"].contains(&word.as_str()) {
                continue;
            }
            assert!(!text.en.contains(is_hangul), "{word}: {}", text.en);
            assert!(text.ko.contains(is_hangul), "{word}: {}", text.ko);
        }
    }

    /// Their lines are how spoken words travel.
    #[test]
    fn spoken_words_fit_into_a_block_of_lines() {
        for word in Spoken::ALL {
            let Text { en, ko } = word.text();
            assert!(!en.contains(['\n', '<', '&']) && !ko.contains(['\n', '<', '&']), "{word:?}");
        }
    }
}
