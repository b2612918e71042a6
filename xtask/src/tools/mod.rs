//! Tools besides Rust, and how they are installed.

pub mod browser;
pub mod cross;
pub mod engines;
pub mod node;
pub mod python;
pub mod system;
pub mod wasm;
