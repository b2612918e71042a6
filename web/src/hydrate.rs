//! Hydration of a prerendered page.

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

use crate::{
    APP_ID, browser,
    pages::{HomePage, attach_listeners},
    state::StaticPage,
};

/// The allocator with the least code; a page allocates little.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Hydrates the page that the attributes of `<html>` name, then marks it with `data-ready`.
pub fn start() {
    if cfg!(debug_assertions) {
        console_error_panic_hook::set_once();
    }
    let host = browser::element(APP_ID).expect_throw("the page has no #app");
    let locale = browser::attribute(":root", "lang").and_then(|code| code.parse().ok()).unwrap_or_default();
    let profile = browser::attribute(":root", StaticPage::PROFILE_ATTRIBUTE).and_then(|id| id.parse().ok());
    // The page lives as long as its document. Not by `hydrate`: the code that removes a page would be part of it.
    match profile {
        None => std::mem::forget(hydrate_view(host.unchecked_into(), move || view! { <HomePage locale/> })),
        Some(id) => std::mem::forget(attach_listeners(id, locale)),
    }
    browser::mark_ready();
}

/// Hydrates the content of a page inside `host`, until the returned value is dropped.
pub fn hydrate(host: HtmlElement, locale: Locale, page: StaticPage) -> Box<dyn Any> {
    match page {
        StaticPage::Home => Box::new(hydrate_view(host, move || view! { <HomePage locale/> })),
        StaticPage::Profile(id) => Box::new(attach_listeners(id, locale)),
        StaticPage::About => Box::new(()),
    }
}

/// Hydrates a view like `leptos::mount::hydrate_from`, but without the context for data that a server has fetched: it would add
/// two kilobytes, and these pages have no such data.
fn hydrate_view<V: IntoView>(host: HtmlElement, view: impl FnOnce() -> V) -> HydratedView<impl Mountable> {
    // Fails if there is an executor already.
    let _ = Executor::init_wasm_bindgen();
    let owner = Owner::new_root(None);
    let part = owner.with(|| {
        view().into_view().hydrate::<true>(&Cursor::new(host.unchecked_into()), &PositionState::default())
    });
    HydratedView { owner, part }
}

/// A view that is removed when this is dropped.
struct HydratedView<M: Mountable> {
    owner: Owner,
    part: M,
}

impl<M: Mountable> Drop for HydratedView<M> {
    fn drop(&mut self) {
        self.part.unmount();
        self.owner.cleanup();
    }
}
