//! Browser tests of the site and tests of the API, as a visitor uses them.
//!
//! - [`browser`], [`engines`]: start Chromium, Firefox and WebKitGTK through their drivers.
//! - [`page`]: finds, reads and operates elements of the page.
//! - [`proxy`]: the proxy between the browser and the servers, which injects faults on request.
//! - [`api`]: calls the API without a browser.
//! - [`axe`]: runs axe-core on the page.
//! - [`flows`]: the tests: what a visitor does and what the page must show.
//! - [`pictures`]: takes the documentation's pictures of the site.
//! - [`selection`]: selects flows and steps by a part of their name.
//!
//! The site is not started here: it is given by its URL and may be anywhere.

pub mod api;
pub mod axe;
pub mod browser;
pub mod engine;
pub mod engines;
pub mod flows;
pub mod page;
pub mod pictures;
pub mod proxy;
pub mod selection;
