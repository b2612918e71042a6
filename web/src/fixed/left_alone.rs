//! The page is being visited: fixed parts are there already.

use leptos::prelude::*;

/// Nothing, because hydration keeps the inner HTML that was served; `part` is never called, so it is not compiled in.
pub fn fixed<V: IntoView>(_part: impl FnOnce() -> V) -> &'static str {
    ""
}
