//! Internationalization: the site's texts that do not come from [`mysfits_domain`], in English and Korean.
//!
//! - [`StaticText`]: texts of the prerendered HTML. They are not in the wasm file.
//! - [`DynamicText`]: texts that the code shows later. Each page embeds those of its language ([`MESSAGES_ID`]), and the code reads
//!   them from there ([`Messages`]), so the wasm file holds no texts either.
//!
//! Both are tables with one row per text. A row without one of the languages does not compile. A text may have placeholders,
//! `{name}` ([`interpolate`]).

mod about_text;
mod age;
mod card_line;
mod dynamic_text;
mod format;
mod messages;
mod static_text;
mod table;

pub use about_text::AboutText;
pub use age::age_text;
pub use card_line::card_line;
pub use dynamic_text::{DynamicText, MESSAGES_ID};
pub use format::{grouped, interpolate, one_decimal};
pub use messages::Messages;
pub use static_text::{StaticText, alignment_text, good_evil_text, law_chaos_text};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use mysfits_domain::LocalizedText;

    use super::*;

    fn all() -> impl Iterator<Item = (String, LocalizedText)> {
        let fixed = StaticText::ALL.into_iter().map(|text| (format!("{text:?}"), text.text()));
        let about = AboutText::ALL.into_iter().map(|text| (format!("About{text:?}"), text.text()));
        fixed.chain(about).chain(DynamicText::ALL.into_iter().map(|text| (format!("{text:?}"), text.text())))
    }

    #[test]
    fn both_languages_have_the_same_placeholders() {
        let placeholders = |text: &str| -> BTreeSet<String> {
            let opened = text.split('{').skip(1);
            opened.map(|part| part.split_once('}').expect("a closing brace").0.to_owned()).collect()
        };
        for (name, text) in all() {
            assert_eq!(placeholders(text.en), placeholders(text.ko), "{name}");
        }
    }

    #[test]
    fn each_language_uses_its_own_script() {
        let is_hangul = |c: char| ('가'..='힣').contains(&c);
        for (name, text) in all() {
            // The link to the other language is written in that language.
            if ["OtherLanguage", "Brand"].contains(&name.as_str()) {
                continue;
            }
            assert!(!text.en.contains(is_hangul), "{name}: {}", text.en);
            assert!(text.ko.contains(is_hangul), "{name}: {}", text.ko);
        }
    }

    /// A page embeds dynamic texts as lines of a `<script>` element.
    #[test]
    fn dynamic_texts_are_single_lines_without_markup() {
        for name in DynamicText::ALL {
            let LocalizedText { en, ko } = name.text();
            assert!(!en.contains(['\n', '<', '&']) && !ko.contains(['\n', '<', '&']), "{name:?}");
        }
    }
}
