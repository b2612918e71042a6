//! The addresses of pages.

use mysfits_domain::{Locale, Mysfit};

/// Returns the address of the grid.
#[must_use]
pub fn index(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "/",
        Locale::Ko => "/ko/",
    }
}

/// Returns the address of a profile.
#[must_use]
pub fn profile(locale: Locale, mysfit: &Mysfit) -> String {
    format!("{}mysfits/{}/", index(locale), mysfit.slug)
}
