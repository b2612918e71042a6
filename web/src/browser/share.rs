//! Sharing links: the device's share sheet, or the clipboard.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Window,
    js_sys::{Function, JSON, Promise, Reflect},
    window,
};

use super::ShareOutcome;

/// Returns the origin of the page's address.
pub fn origin() -> String {
    window().and_then(|window| window.location().origin().ok()).unwrap_or_default()
}

/// Shares a link with the device's share sheet; in browsers without one, copies it. `data` is the JSON of a `ShareData`.
pub async fn share(data: &str, url: &str) -> ShareOutcome {
    let Some(window) = window() else { return ShareOutcome::Failed };
    if let Some(outcome) = open_share_sheet(&window, data).await {
        return outcome;
    }
    let clipboard = window.navigator().clipboard();
    // Undefined over plain HTTP, although the type does not say so.
    if !clipboard.is_undefined() && JsFuture::from(clipboard.write_text(url)).await.is_ok() {
        ShareOutcome::Copied
    } else {
        ShareOutcome::Failed
    }
}

/// Returns what the visitor did with the share sheet; `None` if the browser has no share sheet or refuses to open it.
async fn open_share_sheet(window: &Window, data: &str) -> Option<ShareOutcome> {
    let navigator = window.navigator();
    // As a property, because not all browsers have the function, and its types would add glue code.
    let share = Reflect::get(&navigator, &"share".into()).ok()?.dyn_into::<Function>().ok()?;
    let sheet = share.call1(&navigator, &JSON::parse(data).ok()?).ok()?.dyn_into::<Promise>().ok()?;
    match JsFuture::from(sheet).await {
        Ok(_) => Some(ShareOutcome::Shared),
        Err(error) if is_abort(&error) => Some(ShareOutcome::Cancelled),
        Err(_) => None,
    }
}

fn is_abort(error: &JsValue) -> bool {
    Reflect::get(error, &"name".into()).is_ok_and(|name| name == "AbortError")
}
