//! The address bar, the browser's history and the title.

use wasm_bindgen::JsValue;
use web_sys::{History, UrlSearchParams, window};

use super::OWN_ENTRY;

fn history() -> Option<History> {
    window()?.history().ok()
}

/// Returns the page's address, with origin and fragment.
pub fn address() -> String {
    window().and_then(|window| window.location().href().ok()).unwrap_or_default()
}

/// Returns the path of the page's address.
pub fn path() -> String {
    window().and_then(|window| window.location().pathname().ok()).unwrap_or_default()
}

/// Returns the fragment of the page's address, with its `#`.
pub fn hash() -> String {
    window().and_then(|window| window.location().hash().ok()).unwrap_or_default()
}

/// Returns a query parameter of the page's address.
pub fn query_parameter(name: &str) -> Option<String> {
    let search = window()?.location().search().ok()?;
    UrlSearchParams::new_with_str(&search).ok()?.get(name)
}

/// Adds a history entry with an address of this site.
pub fn push_address(address: &str) {
    push_entry(address, OWN_ENTRY);
}

/// Adds a history entry with an address of this site and a state.
pub fn push_entry(address: &str, state: &str) {
    if let Some(history) = history() {
        // Browsers refuse too many calls in a short time; then the address is out of date, and the rest works.
        let _ = history.push_state_with_url(&JsValue::from_str(state), "", Some(address));
    }
}

/// Replaces the address and the state of the current history entry.
pub fn replace_entry(address: &str, state: &str) {
    if let Some(history) = history() {
        let _ = history.replace_state_with_url(&JsValue::from_str(state), "", Some(address));
    }
}

/// Replaces the address of the current history entry.
pub fn replace_address(address: &str) {
    replace_entry(address, &entry_state());
}

/// Replaces the query of the current address; the path and the fragment stay.
pub fn replace_query(query: &str) {
    let found = window().and_then(|window| window.location().search().ok());
    if found.is_some_and(|found| found != query) {
        replace_address(&[&path(), query, &hash()].concat());
    }
}

/// Returns the state of the current history entry; it is empty if the page did not set one.
pub fn entry_state() -> String {
    history().and_then(|history| history.state().ok()?.as_string()).unwrap_or_default()
}

/// Goes back by a number of history entries; the browser does that later.
pub fn go_back(entries: usize) {
    if let (Some(history), Ok(entries)) = (history(), i32::try_from(entries)) {
        let _ = history.go_with_delta(-entries);
    }
}

pub fn title() -> String {
    window().and_then(|window| window.document()).map(|document| document.title()).unwrap_or_default()
}

pub fn set_title(title: &str) {
    if let Some(document) = window().and_then(|window| window.document()) {
        document.set_title(title);
    }
}
