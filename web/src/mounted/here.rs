//! The page is being visited.

use leptos::{mount::mount_to, prelude::*};
use wasm_bindgen::JsCast;

use crate::browser;

/// A part that stands in the page until this is dropped.
pub struct Mounted {
    _part: Box<dyn std::any::Any>,
}

/// Builds a part in the element with this id.
pub fn mounted<V: IntoView + 'static>(id: &str, part: impl FnOnce() -> V + 'static) -> Option<Mounted> {
    let host = browser::element(id)?.unchecked_into();
    Some(Mounted { _part: Box::new(mount_to(host, part)) })
}
