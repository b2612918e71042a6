//! Takes over a prerendered page in the browser.

use std::any::Any;

use leptos::{mount::hydrate_from, prelude::*};
use mysfits_domain::Locale;
use wasm_bindgen::{JsCast, UnwrapThrowExt};
use web_sys::HtmlElement;

use crate::{APP_ID, Index, Page, ProfileOf, browser};

/// Hydrates the page that `<html>` says it is, in the language that it says, then marks it with `data-ready`.
pub fn start() {
    if cfg!(debug_assertions) {
        console_error_panic_hook::set_once();
    }
    let host = browser::element(APP_ID).expect_throw("the page has no #app");
    let locale = browser::page_attribute("lang").and_then(|code| code.parse().ok()).unwrap_or_default();
    let profile = browser::page_attribute(Page::PROFILE_ATTRIBUTE).and_then(|id| id.parse().ok());
    // The page lives as long as its document.
    std::mem::forget(hydrate(host.unchecked_into(), locale, profile.map_or(Page::Index, Page::Profile)));
    browser::mark_ready();
}

/// Hydrates the body that was prerendered for this page in this language inside `host`; it lives until what is returned
/// is dropped.
pub fn hydrate(host: HtmlElement, locale: Locale, page: Page) -> Box<dyn Any> {
    match page {
        Page::Index => Box::new(hydrate_from(host, move || view! { <Index locale/> })),
        Page::Profile(id) => Box::new(hydrate_from(host, move || view! { <ProfileOf id locale/> })),
    }
}
