//! The address bar, the title, and what is kept beyond a page: a cookie, the tab's storage.

use wasm_bindgen::JsValue;
use web_sys::{UrlSearchParams, js_sys::Reflect};

use super::document;

/// The path of the page's address.
pub fn path() -> String {
    web_sys::window().and_then(|window| window.location().pathname().ok()).unwrap_or_default()
}

/// What follows the path, from `#` on.
pub fn hash() -> String {
    web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default()
}

/// A parameter of the page's address.
pub fn parameter(name: &str) -> Option<String> {
    let search = web_sys::window()?.location().search().ok()?;
    UrlSearchParams::new_with_str(&search).ok()?.get(name)
}

/// What marks the entries of the history that the page made by itself.
const OURS: &str = "mysfits";

/// Goes to an address of the page's own, so that "back" leads away from it.
pub fn push_address(address: &str) {
    if let Some(history) = web_sys::window().and_then(|window| window.history().ok()) {
        // Browsers refuse it when there are very many in a short time; then the address is old and all else works.
        let _ = history.push_state_with_url(&JsValue::from_str(OURS), "", Some(address));
    }
}

/// Changes the address, and leaves "back" as it is.
pub fn replace_address(address: &str) {
    if let Some(history) = web_sys::window().and_then(|window| window.history().ok()) {
        let state = history.state().unwrap_or(JsValue::NULL);
        let _ = history.replace_state_with_url(&state, "", Some(address));
    }
}

/// Whether the page itself came here, and "back" stays on it.
pub fn was_pushed() -> bool {
    let history = web_sys::window().and_then(|window| window.history().ok());
    history.and_then(|history| history.state().ok()?.as_string()).as_deref() == Some(OURS)
}

/// One step back.
pub fn back() {
    if let Some(history) = web_sys::window().and_then(|window| window.history().ok()) {
        let _ = history.back();
    }
}

/// The document's title.
pub fn title() -> String {
    document().map(|document| document.title()).unwrap_or_default()
}

/// Changes the document's title.
pub fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Sets a cookie.
pub fn set_cookie(cookie: &str) {
    if let Some(document) = document() {
        // Through the property: the typed way would bring another class into the glue.
        let _ = Reflect::set(document.as_ref(), &"cookie".into(), &cookie.into());
    }
}

/// Keeps a text for as long as the tab lives.
pub fn remember(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // Full, or forbidden: then nothing is kept.
        let _ = storage.set_item(key, value);
    }
}

/// A text that was kept.
pub fn recall(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?
}

/// Stores a mark that stays when the tab is closed, or removes it.
pub fn mark(key: &str, is_marked: bool) {
    if let Some(storage) = lasting_storage() {
        // Full, or forbidden: then nothing is stored.
        let _ = if is_marked { storage.set_item(key, "1") } else { storage.remove_item(key) };
    }
}

/// Returns whether a mark was stored.
pub fn is_marked(key: &str) -> bool {
    lasting_storage().is_some_and(|storage| matches!(storage.get_item(key), Ok(Some(_))))
}

/// The origin's storage; browsers may forbid it.
fn lasting_storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// The tab's storage; browsers may forbid it.
fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok()?
}
