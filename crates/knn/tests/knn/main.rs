//! What a caller of the crate meets.
//!
//! - `contract`: what is refused and how; sampling, regression, tables as bytes, evaluation.
//! - `oracle`: the exact indexes against brute force.
//! - `ivf`: lists of rows; `pq`: lists of coded rows.
//! - `parts`: indexes put together from parts, as an artifact holds them, honest and hostile.
//! - `projection`: fewer features.

#![allow(clippy::unwrap_used, reason = "a panic is a failed test, in its helpers too")]

mod contract;
mod ivf;
mod oracle;
mod parts;
mod pq;
mod projection;
mod support;
