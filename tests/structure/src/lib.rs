//! Checks of the workspace's structure, from its sources and from `cargo metadata`.
//!
//! - [`workspace`]: the packages, and which of them depend on which.
//! - [`modules`]: the modules of a crate, parsed from its sources.
//! - [`cycles`]: import cycles between modules.
//! - [`architecture`]: the drawing and the table of crates in `docs/architecture.md`.
//!
//! The rules are the tests in `tests/structure.rs`.

pub mod architecture;
pub mod cycles;
pub mod modules;
pub mod workspace;
