//! The visitor's choice of a language.

use leptos::ev::MouseEvent;
use mysfits_site::language::COOKIE;

use crate::browser;

/// The attribute of a link to another language; its value is the language's code.
pub const LANGUAGE_ATTRIBUTE: &str = "data-language";

/// How long a choice is stored: one year.
const MAX_AGE_SECONDS: u32 = 31_536_000;

/// Stores the language of a link that was clicked; ignores other clicks.
pub fn store_clicked(event: &MouseEvent) {
    if let Some(code) = browser::attribute_at(event, LANGUAGE_ATTRIBUTE) {
        store(&code);
    }
}

/// Stores a language, given by its code. In a cookie, because the site's host reads it to choose the language of `/`.
pub fn store(code: &str) {
    browser::set_cookie(&format!("{COOKIE}={code};path=/;max-age={MAX_AGE_SECONDS};samesite=lax"));
}
