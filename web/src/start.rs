//! Takes over a prerendered page in the browser.

use std::any::Any;

use any_spawner::Executor;
use leptos::{
    prelude::*,
    tachys::{
        hydration::Cursor,
        view::{Mountable, PositionState, RenderHtml},
    },
};
use mysfits_domain::Locale;
use wasm_bindgen::{JsCast, UnwrapThrowExt};
use web_sys::HtmlElement;

use crate::{APP_ID, Index, Page, attend::attend, browser};

/// Of the allocators at hand the one with the least code; what a page allocates is little and lives short.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Takes over the page that `<html>` says it is, in the language that it says, then marks it with `data-ready`.
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

/// Takes over the body that was prerendered for this page in this language inside `host`; it lives until what is returned
/// is dropped.
pub fn hydrate(host: HtmlElement, locale: Locale, page: Page) -> Box<dyn Any> {
    match page {
        Page::Index => Box::new(hydrated(host, move || view! { <Index locale/> })),
        Page::Profile(id) => Box::new(attend(id, locale)),
    }
}

/// Hydrates a view. As `leptos::mount::hydrate_from` does it, but for the context by which a server passes on what it
/// fetched: these pages were written without a server, and the context is two kilobytes of code.
fn hydrated<V: IntoView>(host: HtmlElement, view: impl FnOnce() -> V) -> Hydrated<impl Mountable> {
    // An error means that there is one already.
    let _ = Executor::init_wasm_bindgen();
    let owner = Owner::new_root(None);
    let part = owner.with(|| {
        view().into_view().hydrate::<true>(&Cursor::new(host.unchecked_into()), &PositionState::default())
    });
    Hydrated { owner, part }
}

/// A view that lives until this is dropped.
struct Hydrated<M: Mountable> {
    owner: Owner,
    part: M,
}

impl<M: Mountable> Drop for Hydrated<M> {
    fn drop(&mut self) {
        self.part.unmount();
        self.owner.cleanup();
    }
}
