//! The adoption site: twelve mysfits, filters, profiles, and a questionnaire that recommends one of them.
//!
//! The crate has two targets. Native builds prerender the pages ([`prerender`]) and provide their style sheet and pictures ([`style`],
//! [`art`]). On wasm32 the same components hydrate the prerendered pages (`hydrate`).
//!
//! | module | content | may use |
//! | --- | --- | --- |
//! | `browser` | the browser's functions | |
//! | [`i18n`] | the texts in both languages | `browser` |
//! | `api` | clients of the services, and their formats | `i18n` |
//! | `state` | state and actions: router, questionnaire, account, likes and adoptions | `api` |
//! | `components` | components | `state` |
//! | `pages` | pages | `components` |
//!
//! Names, species, questions and options come from [`mysfits_domain`]. `mysfits-bundle` packs the site; hosts serve it with the rules
//! of [`mysfits_site`].

// The type of a page is as deep as its elements.
#![recursion_limit = "256"]

mod api;
mod browser;
mod components;
pub mod i18n;
mod pages;
mod state;

#[cfg(not(target_arch = "wasm32"))]
pub mod art;
#[cfg(not(target_arch = "wasm32"))]
pub mod fonts;
#[cfg(target_arch = "wasm32")]
mod hydrate;
#[cfg(not(target_arch = "wasm32"))]
mod neighbour_map;
#[cfg(not(target_arch = "wasm32"))]
pub mod prerender;
#[cfg(not(target_arch = "wasm32"))]
pub mod style;

pub use api::site_config::CONFIG_URI;
#[cfg(target_arch = "wasm32")]
pub use browser::srp;
#[cfg(target_arch = "wasm32")]
pub use hydrate::{hydrate, start};
pub use state::{StaticPage, home_path, profile_path, questionnaire_path};

/// The id of the element that is hydrated.
const APP_ID: &str = "app";
