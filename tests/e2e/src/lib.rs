//! A visitor's whole way through site and API, in headless Chromium.
//!
//! - [`browser`]: chromedriver and a fresh Chromium, ended whatever happens.
//! - [`page`]: the page as the visitor's eyes and hands meet it.
//! - [`proxy`]: the wire between the browser and everything else, where things go wrong on demand.
//! - [`api`]: the same questions, put to the API without a browser.
//! - [`axe`]: axe-core's word on the page.
//! - [`flows`]: what the visitor does, and what must come of it.
//! - [`selection`]: flows and steps chosen by a part of their name.
//!
//! Nothing here starts the site: it is given by its URL and may be anywhere.

pub mod api;
pub mod axe;
pub mod browser;
pub mod engines;
pub mod flows;
pub mod page;
pub mod proxy;
pub mod selection;
