//! The page is being written: there is nowhere to mount to.

use leptos::prelude::*;

/// Never there.
pub struct Mounted;

/// Nothing; effects, which mount, do not run while a page is written.
pub fn mounted<V: IntoView + 'static>(_id: &str, _part: impl FnOnce() -> V + 'static) -> Option<Mounted> {
    None
}
