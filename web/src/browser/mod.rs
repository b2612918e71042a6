//! The browser's functions that the page uses: elements, dialogs, focus, forms, history, storage, timers, requests.
//!
//! Every function exists for both targets, so that components need no `cfg`. On wasm32 it calls the browser. In native builds
//! there is no document, and `ssr` holds stubs; nothing calls them while a page is rendered.

mod command;
mod hex;
mod http;
mod share_outcome;

#[cfg(target_arch = "wasm32")]
mod crypto;
#[cfg(target_arch = "wasm32")]
mod dom;
#[cfg(target_arch = "wasm32")]
mod fetch;
#[cfg(target_arch = "wasm32")]
mod history;
#[cfg(target_arch = "wasm32")]
mod share;
#[cfg(target_arch = "wasm32")]
pub mod srp;
#[cfg(not(target_arch = "wasm32"))]
mod ssr;
#[cfg(target_arch = "wasm32")]
mod storage;
#[cfg(target_arch = "wasm32")]
mod timer;

/// The state of history entries that the page has added.
pub const OWN_ENTRY: &str = "mysfits";

pub use command::DialogCommand;
pub use hex::hex;
pub use http::{FetchError, FetchRequest, FetchResponse};
pub use share_outcome::ShareOutcome;
#[cfg(not(target_arch = "wasm32"))]
pub use ssr::*;
#[cfg(target_arch = "wasm32")]
pub use {crypto::*, dom::*, fetch::*, history::*, share::*, storage::*, timer::*};
