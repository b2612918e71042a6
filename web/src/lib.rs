//! The adoption site: twelve mysfits, two filters, profiles, and a questionnaire that ends with a recommendation.
//!
//! One crate with two faces, chosen by the target. Natively it *writes* the pages ([`prerender`]) and draws their
//! pictures ([`art`]); compiled to wasm32 it *takes over* the page that was written (`start`). Both faces render the same
//! components, which is what hydration asks for. Everything between the two that can be wrong — addresses, answers,
//! replies, explanations, the decision table, filters, texts — is plain data in plain modules, tested natively.
//!
//! It does not hold a second copy of anything: names, species, questions and options come from [`mysfits_domain`]. It
//! does not know how it is packed (see `mysfits-bundle`), where it is served from, or how a recommendation is made.

// A page is one type, as deep as its elements.
#![recursion_limit = "256"]

pub mod address;
mod answers;
mod app;
mod banner;
mod browser;
mod card;
mod community;
pub mod config;
mod exchange;
mod explanation;
mod filter;
mod filters;
mod fixed;
mod footer;
mod json;
mod kept;
mod language;
mod mounted;
mod number;
mod offline;
mod page;
mod profile;
mod quiz;
mod settings;
mod visit;
pub mod words;

#[cfg(not(target_arch = "wasm32"))]
pub mod art;
#[cfg(not(target_arch = "wasm32"))]
pub mod prerender;
#[cfg(not(target_arch = "wasm32"))]
pub mod style;

pub use answers::{Answers, Missing};
pub use app::{Index, ProfileOf};
pub use exchange::{Failure, NoReply, Reply, Suggestion, TIMEOUT_MS, classify};
pub use explanation::{Agreement, Explanation, Vote};
pub use filter::Filter;
pub use offline::Table;
pub use page::Page;

#[cfg(target_arch = "wasm32")]
mod attend;
#[cfg(target_arch = "wasm32")]
mod start;
#[cfg(target_arch = "wasm32")]
pub use community::srp;
#[cfg(target_arch = "wasm32")]
pub use start::{hydrate, start};

/// The id of the element that holds a prerendered body.
pub const APP_ID: &str = "app";

/// Where the picture behind the index's title is, from the site's root.
pub const BANNER_URI: &str = "/art/banner.svg";
