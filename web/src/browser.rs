//! What the components ask of the browser: find, show, focus, read a form, send a request.
//!
//! One set of functions with two bodies, so that no component asks for which target it is compiled. Natively there is
//! no document: nothing is found, nothing happens, and nothing calls these functions while a page is written.

#[cfg_attr(target_arch = "wasm32", path = "browser/dom.rs")]
#[cfg_attr(not(target_arch = "wasm32"), path = "browser/none.rs")]
mod target;

pub use target::*;
