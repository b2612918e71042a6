//! Mounting in native builds, which have no document. Effects, which mount, do not run there.

/// A view that is never mounted.
pub use std::convert::Infallible as MountedView;

use leptos::prelude::*;

/// Returns `None`.
pub fn lazy_mount<V: IntoView + 'static>(
    _id: &str,
    _view: impl FnOnce() -> V + 'static,
) -> Option<MountedView> {
    None
}
