//! The services of ours as their clients meet them, over an emulator that is played by the tests.
//!
//! - `endpoints`: from an artifact in S3 to an answer, and invalid artifacts.
//! - `lists`: models and configurations, their refusals, and pages of them.
//! - `training`: jobs that train, fail, or are stopped.
//! - `notebooks`: records that take their time.
//! - `records`: repositories and scaling.
//! - `regions`: records of each region.
//! - `access`: signatures.
//! - `down`: ending a local cloud from another process.
//! - `proxy`: what is passed on, and how.

#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test, in its helpers too")]

mod access;
mod down;
mod endpoints;
mod lists;
mod notebooks;
mod proxy;
mod records;
mod regions;
mod support;
mod training;
