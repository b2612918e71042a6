//! Rules of the site that are the same for every host: our own server, and a bucket behind CloudFront.
//!
//! - [`paths`]: the file of a path.
//! - [`language`]: the choice of the language.
//! - [`headers`]: the security headers.
//! - [`settings`]: `/config.json`, and the origins that it lets the page call.
//! - [`sharing`]: metadata for search engines and link previews.
//! - [`results`]: the addresses of results, and the page at such an address.
//!
//! Paths, languages and addresses of results are implemented a second time in the JavaScript that CloudFront runs
//! (`infra/src/website/routes.js`). The tests of both use [`paths::CASES`], [`language::CASES`] and [`results::CASES`].
//!
//! This crate uses no HTTP library, no files and no clock.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod headers;
pub mod language;
pub mod paths;
pub mod results;
pub mod settings;
pub mod sharing;
mod weighted;

/// The path of the decision table, with which the page recommends when it is offline.
pub const DECISION_TABLE: &str = "decision-table.bin";

/// The path of the service worker, with which the site opens offline.
pub const SERVICE_WORKER: &str = "service-worker.js";
