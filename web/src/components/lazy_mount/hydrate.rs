//! Mounting in the browser.

use leptos::{mount::mount_to, prelude::*};
use wasm_bindgen::JsCast;

use crate::browser;

/// A view that is removed when this is dropped.
pub type MountedView = Box<dyn std::any::Any>;

/// Mounts a view in the element with an id.
pub fn lazy_mount<V: IntoView + 'static>(
    id: &str,
    view: impl FnOnce() -> V + 'static,
) -> Option<MountedView> {
    let host = browser::element(id)?.unchecked_into();
    Some(Box::new(mount_to(host, view)))
}
