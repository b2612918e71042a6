//! The parts of the page that never change: written once, never hydrated.
//!
//! Most of the page — the banner, the cards, the questions — is the same for ever after it was served. Given to an
//! element as `inner_html`, it is in the page and in no one's way: hydration leaves it alone, and the browser's code
//! holds neither the components nor a copy of their words. Clicks in it are seen by its parents.
//!
//! What is hydrated consists of elements only: texts that change are set as `inner_html` or `textContent`, and lists are
//! arrays. Hydration does not visit text nodes and comments, so it tolerates translators that wrap texts and proxies that
//! remove comments. A text that changes replaces what a translator made of the one before.

#[cfg_attr(target_arch = "wasm32", path = "fixed/left_alone.rs")]
#[cfg_attr(not(target_arch = "wasm32"), path = "fixed/written.rs")]
mod target;

pub use target::fixed;
