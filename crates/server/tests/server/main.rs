//! The program and its routes, mostly without a socket.
//!
//! - `site`: files, their headers, and missing files.
//! - `site_rules`: behaviour that CloudFront shares.
//! - `origin`: absolute URLs in pages, sitemap and robots.txt.
//! - `app`: all routes together, their limits and metrics.
//! - `backends`: the backends of `dev --backend`.
//! - `help`: the documentation's page about its options.
//! - `program`: the program, from its arguments to the signal that ends it.

#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test, in its helpers too")]
#![allow(clippy::needless_raw_string_hashes, reason = "expect_test writes them when it updates a text")]
#![allow(clippy::format_collect, reason = "test data is built once, and reads best so")]

mod app;
mod backends;
#[cfg(feature = "endpoint")]
mod help;
mod origin;
mod program;
mod site;
mod site_rules;
mod support;
