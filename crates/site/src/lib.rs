//! Rules of the site that are the same for every host: our own server, and a bucket behind CloudFront.
//!
//! - [`paths`]: which file a path means.
//! - [`language`]: the choice of the language.
//! - [`headers`]: the security headers.
//! - [`settings`]: `/config.json`, and the origins that it lets the page call.
//! - [`sharing`]: absolute URLs for link previews.
//! - [`weighted`]: lists with weights, as in `Accept-Language` and `Accept-Encoding`.
//!
//! Paths and languages are written a second time in the JavaScript that CloudFront runs (`infra/src/website/routes.js`).
//! [`paths::CASES`] and [`language::CASES`] say what both answer; the tests of both go through them.
//!
//! Uses no HTTP library, no files and no clock; the host of the site has those.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod headers;
pub mod language;
pub mod paths;
pub mod settings;
pub mod sharing;
pub mod weighted;

/// The path of the decision table, with which the page recommends when it is offline.
pub const DECISION_TABLE: &str = "decision-table.bin";
