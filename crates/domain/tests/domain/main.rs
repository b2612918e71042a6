//! The public domain types: every valid value can be created, and no invalid one.
//!
//! - `entry`: all 32,768, and invalid ones.
//! - `data_files`: data files in checkouts without symbolic links.
//! - `mysfit`: the twelve, their ids, labels and alignments.
//! - `schema`: models that fit, and the words for those that do not.
//! - `texts`: questionnaire and languages.

#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test, in its helpers too")]
#![allow(clippy::needless_raw_string_hashes, reason = "expect_test writes them when it updates a text")]

mod data_files;
mod entry;
mod mysfit;
mod schema;
mod texts;
