//! The page is being written: fixed parts are rendered.

use leptos::prelude::*;

/// The HTML of a part that never changes.
pub fn fixed<V: IntoView>(part: impl FnOnce() -> V) -> String {
    part().into_view().to_html()
}
