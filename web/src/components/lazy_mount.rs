//! Parts of a page that are not in the served HTML: mounted on demand and removed again.
//!
//! Mounting needs half of the code that hydration would add.

use leptos::prelude::*;

/// A view that is removed when this is dropped.
pub type MountedView = Box<dyn std::any::Any>;

/// Mounts a view in the element with an id. Native builds have no document, and effects, which mount, do not run there.
#[cfg_attr(not(target_arch = "wasm32"), expect(unused_variables, reason = "only a browser mounts views"))]
pub fn lazy_mount<V: IntoView + 'static>(
    id: &str,
    view: impl FnOnce() -> V + 'static,
) -> Option<MountedView> {
    #[cfg(target_arch = "wasm32")]
    {
        let host = wasm_bindgen::JsCast::unchecked_into(crate::browser::element(id)?);
        Some(Box::new(leptos::mount::mount_to(host, view)))
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        None
    }
}
