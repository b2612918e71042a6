//! Static HTML in native builds.

use leptos::prelude::*;

/// Renders a view that never changes.
pub fn static_html<V: IntoView>(view: impl FnOnce() -> V) -> String {
    view().into_view().to_html()
}
