//! The addresses of the site.
//!
//! | address | content |
//! | --- | --- |
//! | `/`, `/ko/` | the home page, in each language |
//! | `/mysfits/{slug}/`, `/ko/mysfits/{slug}/` | a profile's page; on the home page a profile opens as a dialog with this address |
//! | `/about/`, `/ko/about/` | how it works, privacy, licences |
//! | `#quiz={answers}` on the home page | the questionnaire with the answers so far ([`QuizAnswers`]) |

use mysfits_domain::{Locale, MysfitId};

use super::answers::QuizAnswers;

/// The path of the banner's picture.
pub const BANNER_PATH: &str = "/art/banner.svg";
/// The paths of the pictures over the banner's, which the style sheet shows for moments: the fire, and closed eyes.
pub const BANNER_LAYERS: [&str; 3] =
    ["/art/banner-glow.svg", "/art/banner-blink-1.svg", "/art/banner-blink-2.svg"];

/// The path segment before a slug.
const PROFILES: &str = "mysfits/";
/// The path segment of the page about this site.
const ABOUT: &str = "about/";
/// The fragment's prefix before the answers.
const QUIZ: &str = "#quiz=";

/// A prerendered page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaticPage {
    /// The grid with the questionnaire.
    Home,
    /// A mysfit's profile.
    Profile(MysfitId),
    /// How it works, privacy, licences. It has no code.
    About,
}

impl StaticPage {
    /// The attribute of `<html>` with the mysfit's id; the home page has none.
    pub const PROFILE_ATTRIBUTE: &str = "data-profile";

    /// Returns the page's path in a language.
    #[must_use]
    pub fn path(self, locale: Locale) -> String {
        match self {
            Self::Home => home_path(locale),
            Self::Profile(id) => profile_path(locale, id.mysfit().slug),
            Self::About => home_path(locale) + ABOUT,
        }
    }
}

/// Returns the path of the home page in a language.
#[must_use]
pub fn home_path(locale: Locale) -> String {
    match locale {
        Locale::En => "/".to_owned(),
        Locale::Ko => "/ko/".to_owned(),
    }
}

/// Returns the address of the questionnaire without answers, in a language.
#[must_use]
pub fn questionnaire_path(locale: Locale) -> String {
    Route::Quiz(QuizAnswers::default()).address(locale)
}

/// Returns the path of a profile in a language.
#[must_use]
pub fn profile_path(locale: Locale, slug: &str) -> String {
    home_path(locale) + PROFILES + slug + "/"
}

/// What the home page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// The grid without a dialog.
    Grid,
    /// The dialog with a profile.
    Profile {
        /// The mysfit's slug, which may be unknown.
        slug: String,
    },
    /// The dialog with the questionnaire.
    Quiz(QuizAnswers),
}

impl Route {
    /// Returns the route of an address; an unknown address means the grid.
    #[must_use]
    pub fn parse(locale: Locale, path: &str, hash: &str) -> Self {
        if let Some(answers) = hash.strip_prefix(QUIZ).and_then(QuizAnswers::parse) {
            return Self::Quiz(answers);
        }
        let slug = path.strip_prefix(&*home_path(locale)).and_then(|rest| rest.strip_prefix(PROFILES));
        match slug.map(|slug| slug.trim_end_matches('/')) {
            Some(slug) if !slug.is_empty() && !slug.contains('/') => Self::Profile { slug: slug.to_owned() },
            _ => Self::Grid,
        }
    }

    /// Returns the route's address, without the origin.
    #[must_use]
    pub fn address(&self, locale: Locale) -> String {
        match self {
            Self::Grid => home_path(locale),
            Self::Profile { slug } => profile_path(locale, slug),
            Self::Quiz(answers) => home_path(locale) + QUIZ + &answers.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(locale: Locale, address: &str, expected: Route) {
        let (path, hash) = address.find('#').map_or((address, ""), |at| address.split_at(at));
        assert_eq!(Route::parse(locale, path, hash), expected, "{address}");
        assert_eq!(expected.address(locale), address);
    }

    #[test]
    fn parses_the_address_of_every_route() {
        for (locale, index) in [(Locale::En, "/"), (Locale::Ko, "/ko/")] {
            check(locale, index, Route::Grid);
            let atlantis = Route::Profile { slug: "atlantis".to_owned() };
            check(locale, &format!("{index}mysfits/atlantis/"), atlantis);
            let answers = QuizAnswers::parse("12045").expect("a code");
            check(locale, &format!("{index}#quiz=12045"), Route::Quiz(answers));
        }
    }

    #[test]
    fn an_unknown_address_is_the_grid() {
        for (path, hash) in
            [("/", "#quiz="), ("/", "#quiz=1234"), ("/", "#other"), ("/mysfits/", ""), ("/mysfits/a/b/", "")]
        {
            assert_eq!(Route::parse(Locale::En, path, hash), Route::Grid, "{path}{hash}");
        }
        assert_eq!(Route::parse(Locale::Ko, "/mysfits/atlantis/", ""), Route::Grid);
    }

    #[test]
    fn the_last_slash_of_a_profile_is_optional() {
        let route = Route::parse(Locale::En, "/mysfits/atlantis", "");
        assert_eq!(route, Route::Profile { slug: "atlantis".to_owned() });
    }
}
