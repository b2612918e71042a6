//! What outlives a page: the tab's storage, the origin's storage. Browsers may forbid all of it.

use web_sys::{Storage, window};

fn tab_storage() -> Option<Storage> {
    window()?.session_storage().ok()?
}

fn origin_storage() -> Option<Storage> {
    window()?.local_storage().ok()?
}

/// Stores a text until the tab is closed.
pub fn remember(key: &str, value: &str) {
    if let Some(storage) = tab_storage() {
        // Fails if the storage is full or forbidden; the text is not stored then.
        let _ = storage.set_item(key, value);
    }
}

/// Returns a text that [`remember`] has stored.
pub fn recall(key: &str) -> Option<String> {
    tab_storage()?.get_item(key).ok()?
}

/// Stores a mark that stays when the tab is closed, or removes it.
pub fn set_mark(key: &str, is_marked: bool) {
    if let Some(storage) = origin_storage() {
        // Fails if the storage is full or forbidden; the mark is not stored then.
        let _ = if is_marked { storage.set_item(key, "1") } else { storage.remove_item(key) };
    }
}

pub fn has_mark(key: &str) -> bool {
    origin_storage().is_some_and(|storage| matches!(storage.get_item(key), Ok(Some(_))))
}
