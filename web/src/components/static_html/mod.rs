//! Static HTML: parts of a page that never change, rendered natively and never hydrated.
//!
//! Most of a page does not change: the banner, the cards, the questions. An element gets such a part as its `inner_html`, which
//! hydration leaves alone. The wasm file holds neither the components nor their texts. Events are handled by an ancestor.
//!
//! Hydrated elements contain only elements: texts that change are set as `inner_html` or `textContent`, and lists are arrays.
//! Hydration therefore visits no text nodes and no comments. It works on pages in which a translator has wrapped texts or a proxy
//! has removed comments.

#[cfg(target_arch = "wasm32")]
mod hydrate;
#[cfg(not(target_arch = "wasm32"))]
mod ssr;

#[cfg(target_arch = "wasm32")]
pub use hydrate::static_html;
#[cfg(not(target_arch = "wasm32"))]
pub use ssr::static_html;
