//! Which page of the site is meant.

use mysfits_domain::{Locale, MysfitId};

use crate::address;

/// A page that the code takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The grid, with the questionnaire.
    Index,
    /// One mysfit's profile.
    Profile(MysfitId),
}

impl Page {
    /// The attribute of `<html>` that says whose profile a page is; the index has none.
    pub const PROFILE_ATTRIBUTE: &str = "data-profile";

    /// The page's address in a language.
    #[must_use]
    pub fn address(self, locale: Locale) -> String {
        match self {
            Self::Index => address::index(locale),
            Self::Profile(id) => address::profile(locale, id.mysfit().slug),
        }
    }
}
