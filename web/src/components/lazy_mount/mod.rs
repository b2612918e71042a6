//! Parts of a page that are not in the served HTML: mounted on demand and removed again.
//!
//! Mounting needs half of the code that hydration would add.

#[cfg(target_arch = "wasm32")]
mod hydrate;
#[cfg(not(target_arch = "wasm32"))]
mod ssr;

#[cfg(target_arch = "wasm32")]
pub use hydrate::{MountedView, lazy_mount};
#[cfg(not(target_arch = "wasm32"))]
pub use ssr::{MountedView, lazy_mount};
