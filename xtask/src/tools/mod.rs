//! What the machine must have beside Rust, and how it gets it.

pub mod browser;
pub mod cross;
pub mod engines;
pub mod node;
pub mod python;
pub mod system;
pub mod wasm;
