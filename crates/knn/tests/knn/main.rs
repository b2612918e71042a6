//! Tests of the public API.
//!
//! - `contract`: rejected arguments and their messages; sampling, regression, serialized tables, evaluation.
//! - `oracle`: the exact indexes against brute force.
//! - `ivf`: lists of rows; `pq`: lists of coded rows.
//! - `parts`: indexes that are built from parts, valid and hostile.
//! - `projection`: random projections.

#![allow(clippy::unwrap_used, reason = "a panic is a failed test, in its helpers too")]

mod contract;
mod ivf;
mod oracle;
mod parts;
mod pq;
mod projection;
mod support;
