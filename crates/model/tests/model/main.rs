//! The recommendation model.
//!
//! - `compatibility`: models and tables that do not answer the questionnaire.
//! - `table`: the table from bytes.
//! - `table_files`: the table's files.
//! - `artifact`: models as files (feature `training`).
//! - `survey`: training (feature `training`).

#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test, in its helpers too")]
#![allow(clippy::needless_raw_string_hashes, reason = "expect_test writes them when it updates a text")]
#![allow(clippy::format_collect, reason = "test data is built once, and reads best so")]

#[cfg(feature = "training")]
mod artifact;
mod compatibility;
mod support;
#[cfg(feature = "training")]
mod survey;
mod table;
mod table_files;
