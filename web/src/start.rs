//! Takes over the prerendered page in the browser.

use leptos::{mount::hydrate_from, prelude::*};
use mysfits_domain::Locale;
use wasm_bindgen::{JsCast, UnwrapThrowExt};
use web_sys::HtmlElement;

use crate::{App, browser};

/// The id of the element that holds the prerendered body.
pub const APP_ID: &str = "app";

/// Hydrates the page in the language of its `<html lang>`, then marks it with `data-ready`.
pub fn start() {
    if cfg!(debug_assertions) {
        console_error_panic_hook::set_once();
    }
    let host = browser::element(APP_ID).expect_throw("the page has no #app");
    let locale = browser::page_language().and_then(|code| code.parse().ok()).unwrap_or_default();
    hydrate(host.unchecked_into(), locale);
    browser::mark_ready();
}

/// Hydrates the body that was prerendered in this language inside `host`.
pub fn hydrate(host: HtmlElement, locale: Locale) {
    hydrate_from(host, move || view! { <App locale/> }).forget();
}
