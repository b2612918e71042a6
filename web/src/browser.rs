//! What the components ask of the browser: find, show, focus, read a form, keep, go, send a request.
//!
//! One set of functions with two bodies, so that no component asks for which target it is compiled. Natively there is
//! no document: nothing is found, nothing happens, and nothing calls these functions while a page is written.

#[cfg_attr(target_arch = "wasm32", path = "browser/dom.rs")]
#[cfg_attr(not(target_arch = "wasm32"), path = "browser/none.rs")]
mod target;

pub use target::*;

use mysfits_domain::MysfitId;

/// What a button's `command` and `commandfor` say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// `show-modal` or `close`.
    pub name: String,
    /// The id of the dialog that is meant.
    pub target: String,
}

impl Command {
    /// Does to the dialog what is said.
    pub fn obey(&self) {
        if self.name == "close" { close_dialog(&self.target) } else { show_dialog(&self.target) }
    }
}

/// What the page knows of a mysfit, out of its card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creature {
    /// Identity.
    pub id: MysfitId,
    /// Name in addresses.
    pub slug: String,
    /// Name in the page's language.
    pub name: String,
    /// The portrait's address.
    pub portrait: String,
}

impl Creature {
    /// Somebody of whom there is no card.
    pub fn unseen(id: MysfitId) -> Self {
        Self { id, slug: String::new(), name: String::new(), portrait: String::new() }
    }
}

/// A request to a service.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(not(target_arch = "wasm32"), expect(dead_code, reason = "only a browser sends requests"))]
pub struct Request<'a> {
    /// GET, POST, PUT.
    pub method: &'a str,
    /// Where to.
    pub url: &'a str,
    /// JSON to send.
    pub json: Option<&'a str>,
    /// Further headers.
    pub headers: &'a [(&'a str, &'a str)],
    /// Whether the browser completes the request if the visitor leaves the page.
    pub outlives_page: bool,
}

impl<'a> Request<'a> {
    /// Asks.
    pub const fn get(url: &'a str) -> Self {
        Self { method: "GET", url, json: None, headers: &[], outlives_page: false }
    }

    /// Sends JSON.
    pub const fn post(url: &'a str, json: &'a str) -> Self {
        Self { method: "POST", url, json: Some(json), headers: &[], outlives_page: false }
    }
}
