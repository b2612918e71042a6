//! Static HTML: parts of a page that never change, rendered natively and never hydrated.
//!
//! Most of a page does not change: the banner, the cards, the questions. An element gets such a part as its `inner_html`, which
//! hydration leaves alone. The wasm file holds neither the components nor their texts. Events are handled by an ancestor.
//!
//! Hydrated elements contain only elements: texts that change are set as `inner_html` or `textContent`, and lists are arrays.
//! Hydration therefore visits no text nodes and no comments. It works on pages in which a translator has wrapped texts or a proxy
//! has removed comments.

use leptos::prelude::*;

/// Renders a view that never changes.
#[cfg(not(target_arch = "wasm32"))]
pub fn static_html<V: IntoView>(view: impl FnOnce() -> V) -> String {
    view().into_view().to_html()
}

/// Returns an empty text: hydration keeps the inner HTML that was served. `view` is never called, so it is not compiled.
#[cfg(target_arch = "wasm32")]
pub fn static_html<V: IntoView>(_view: impl FnOnce() -> V) -> &'static str {
    ""
}
