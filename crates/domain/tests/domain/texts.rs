//! Questionnaire and languages.

use std::collections::HashSet;

use mysfits_domain::{Locale, LocalizedText, UnknownLocale, catalogue, questionnaire};

fn is_hangul(character: char) -> bool {
    ('가'..='힣').contains(&character)
}

/// All texts, with where they stand.
fn texts() -> Vec<(String, LocalizedText)> {
    let questions = questionnaire().iter().flat_map(|question| {
        let options = question.options.iter().enumerate();
        let options = options.map(|(i, &option)| (format!("{} {}", question.feature, i + 1), option));
        std::iter::once((question.feature.to_owned(), question.prompt)).chain(options)
    });
    let mysfits = catalogue().iter().flat_map(|mysfit| {
        [
            ("name", mysfit.name),
            ("species", mysfit.species),
            ("portrait", mysfit.portrait),
            ("description", mysfit.description),
        ]
        .map(|(field, text)| (format!("{} {field}", mysfit.slug), text))
    });
    questions.chain(mysfits).collect()
}

#[test]
fn every_text_is_there_in_both_languages() {
    for (place, text) in texts() {
        for locale in Locale::ALL {
            let text = text.get(locale);
            assert!(!text.is_empty() && text.trim() == text, "{place} {}: {text:?}", locale.code());
        }
        assert!(!text.en.chars().any(is_hangul), "{place}: {}", text.en);
        assert!(text.ko.chars().any(is_hangul), "{place}: {}", text.ko);
    }
}

/// Name and species follow the portrait.
#[test]
fn portraits_are_described_without_name_and_species() {
    let mut seen = HashSet::new();
    for (mysfit, locale) in catalogue().iter().flat_map(|mysfit| Locale::ALL.map(|locale| (mysfit, locale))) {
        let portrait = mysfit.portrait.get(locale);
        assert!((40..=160).contains(&portrait.chars().count()), "{portrait}");
        for text in [mysfit.name, mysfit.species] {
            let repeated = text.get(locale).to_lowercase();
            assert!(!portrait.to_lowercase().contains(&repeated), "{repeated}: {portrait}");
        }
        assert!(seen.insert(portrait), "{portrait}");
    }
}

#[test]
fn options_can_be_told_apart_in_both_languages() {
    for question in questionnaire() {
        for locale in Locale::ALL {
            let options: HashSet<_> = question.options.iter().map(|option| option.get(locale)).collect();
            assert_eq!(options.len(), question.options.len(), "{} {}", question.feature, locale.code());
        }
    }
}

#[test]
fn languages_are_known_by_their_codes() {
    assert_eq!(Locale::default(), Locale::En);
    for locale in Locale::ALL {
        assert_eq!(locale.code().parse(), Ok(locale));
        assert_eq!(serde_json::to_value(locale).unwrap(), locale.code());
        assert_eq!(serde_json::from_value::<Locale>(locale.code().into()).unwrap(), locale);
    }
    for code in ["", "EN", "en-GB", "fr", " ko"] {
        assert_eq!(code.parse::<Locale>(), Err(UnknownLocale(code.to_owned())));
    }
    let error = "fr".parse::<Locale>().unwrap_err().to_string();
    assert_eq!(error, "\"fr\" is not a language of this site; it must be \"en\" or \"ko\"");
}

#[test]
fn each_language_has_the_other() {
    assert_eq!(Locale::ALL.map(Locale::other), [Locale::Ko, Locale::En]);
}
