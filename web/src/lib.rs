//! The adoption page: twelve mysfits, two filters, profiles, and a questionnaire that ends with a recommendation.
//!
//! One crate with two faces, chosen by the target. Natively it *writes* the page ([`prerender`]) and draws its pictures
//! ([`art`]); compiled to wasm32 it *takes over* the page that was written (`start`). Both faces render the same
//! components, which is what hydration asks for. Everything between the two that can be wrong — configuration, answers,
//! replies, filters, texts — is plain data in plain modules, tested natively.
//!
//! It does not hold a second copy of anything: names, species, questions and options come from [`mysfits_domain`]. It
//! does not know how it is packed (see `mysfits-bundle`), where it is served from, or how a recommendation is made.

mod answers;
mod app;
mod banner;
mod browser;
mod card;
pub mod config;
mod exchange;
mod filter;
mod filters;
mod fixed;
mod number;
mod profile;
mod quiz;
mod texts;

#[cfg(not(target_arch = "wasm32"))]
pub mod art;
#[cfg(not(target_arch = "wasm32"))]
pub mod prerender;
#[cfg(not(target_arch = "wasm32"))]
pub mod style;

pub use answers::{Missing, entry_from};
pub use app::App;
pub use exchange::{Failure, NoReply, Reply, TIMEOUT_MS, classify};
pub use filter::Filter;
pub use texts::Texts;

#[cfg(target_arch = "wasm32")]
mod start;
#[cfg(target_arch = "wasm32")]
pub use start::{APP_ID, hydrate, start};

/// Where the picture behind the page's title is, from the site's root.
pub const BANNER_URI: &str = "/art/banner.svg";
