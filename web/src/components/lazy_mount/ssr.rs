//! Mounting in native builds, which have no document. Effects, which mount, do not run there.

use std::convert::Infallible;

use leptos::prelude::*;

/// A view that is never mounted.
pub type MountedView = Infallible;

/// Returns `None`.
pub fn lazy_mount<V: IntoView + 'static>(
    _id: &str,
    _view: impl FnOnce() -> V + 'static,
) -> Option<MountedView> {
    None
}
