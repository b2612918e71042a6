//! The choice of a language by hand, which is kept.

use leptos::ev::MouseEvent;
use mysfits_site::language::COOKIE;

use crate::browser;

/// The attribute of a link to another language; its value is the language's code.
pub const CHOOSES: &str = "data-language";

/// For how long a choice is kept: a year, in seconds.
const KEPT_SECONDS: u32 = 31_536_000;

/// Keeps the language of a link that was clicked; other clicks are ignored.
///
/// In a cookie and not in the browser's storage, because whoever serves the site must see it to answer in that language.
pub fn keep_choice(event: &MouseEvent) {
    if let Some(code) = browser::attribute_at(event, CHOOSES) {
        keep(&code);
    }
}

/// Keeps a language, given by its code.
pub fn keep(code: &str) {
    browser::set_cookie(&format!("{COOKIE}={code};path=/;max-age={KEPT_SECONDS};samesite=lax"));
}
