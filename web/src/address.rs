//! The addresses of the pages, and what the address bar says about where the visitor is.
//!
//! | address | what |
//! | --- | --- |
//! | `/`, `/ko/` | the index, in each language |
//! | `/mysfits/{slug}/`, `/ko/mysfits/{slug}/` | a profile; on the index it opens as a dialog |
//! | `#quiz={answers}` on the index | the questionnaire, with the answers so far ([`Answers`]) |

use mysfits_domain::Locale;

use crate::Answers;

/// Between the index's address and a slug.
const PROFILES: &str = "mysfits/";
/// Before the answers.
const QUIZ: &str = "#quiz=";

/// The index in a language.
#[must_use]
pub fn index(locale: Locale) -> String {
    match locale {
        Locale::En => "/".to_owned(),
        Locale::Ko => "/ko/".to_owned(),
    }
}

/// The profile of the mysfit with this slug, in a language.
#[must_use]
pub fn profile(locale: Locale, slug: &str) -> String {
    index(locale) + PROFILES + slug + "/"
}

/// Where the visitor is on the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Before the grid.
    Grid,
    /// In somebody's profile.
    Profile {
        /// Whose; nobody has checked that there is such a mysfit.
        slug: String,
    },
    /// In the questionnaire.
    Quiz(Answers),
}

impl Place {
    /// The place that an address means; what is no place of ours is the grid.
    #[must_use]
    pub fn parse(locale: Locale, path: &str, hash: &str) -> Self {
        if let Some(answers) = hash.strip_prefix(QUIZ).and_then(Answers::parse) {
            return Self::Quiz(answers);
        }
        let slug = path.strip_prefix(&*index(locale)).and_then(|rest| rest.strip_prefix(PROFILES));
        match slug.map(|slug| slug.trim_end_matches('/')) {
            Some(slug) if !slug.is_empty() && !slug.contains('/') => Self::Profile { slug: slug.to_owned() },
            _ => Self::Grid,
        }
    }

    /// The place's address, without the origin.
    #[must_use]
    pub fn address(&self, locale: Locale) -> String {
        match self {
            Self::Grid => index(locale),
            Self::Profile { slug } => profile(locale, slug),
            Self::Quiz(answers) => index(locale) + QUIZ + &answers.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(locale: Locale, address: &str, expected: Place) {
        let (path, hash) = address.find('#').map_or((address, ""), |at| address.split_at(at));
        assert_eq!(Place::parse(locale, path, hash), expected, "{address}");
        assert_eq!(expected.address(locale), address);
    }

    #[test]
    fn every_place_has_an_address_and_is_found_by_it() {
        for (locale, index) in [(Locale::En, "/"), (Locale::Ko, "/ko/")] {
            check(locale, index, Place::Grid);
            let atlantis = Place::Profile { slug: "atlantis".to_owned() };
            check(locale, &format!("{index}mysfits/atlantis/"), atlantis);
            let answers = Answers::parse("12045").expect("a code");
            check(locale, &format!("{index}#quiz=12045"), Place::Quiz(answers));
        }
    }

    #[test]
    fn what_is_no_place_is_the_grid() {
        for (path, hash) in
            [("/", "#quiz="), ("/", "#quiz=1234"), ("/", "#other"), ("/mysfits/", ""), ("/mysfits/a/b/", "")]
        {
            assert_eq!(Place::parse(Locale::En, path, hash), Place::Grid, "{path}{hash}");
        }
        assert_eq!(Place::parse(Locale::Ko, "/mysfits/atlantis/", ""), Place::Grid);
    }

    #[test]
    fn the_last_slash_of_a_profile_may_be_missing() {
        let place = Place::parse(Locale::En, "/mysfits/atlantis", "");
        assert_eq!(place, Place::Profile { slug: "atlantis".to_owned() });
    }
}
