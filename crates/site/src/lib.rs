//! What holds for the site wherever it is served: by our own server, or out of a bucket behind CloudFront.
//!
//! - [`paths`]: which file a path means.
//! - [`language`]: in which language a visitor meets the site.
//! - [`headers`]: under which a browser may run it.
//! - [`settings`]: `/config.json`, and the origins that it lets the page call.
//! - [`sharing`]: whole addresses for those who show a link to a page.
//! - [`weighted`]: lists with weights, as in `Accept-Language` and `Accept-Encoding`.
//!
//! Paths and languages are written a second time in the JavaScript that CloudFront runs (`infra/src/website/routes.js`).
//! [`paths::CASES`] and [`language::CASES`] say what both answer; the tests of both go through them.
//!
//! Knows no HTTP library, no files and no clock: who serves the site brings those.

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
