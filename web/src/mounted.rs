//! The parts of a page that nobody served: built where they belong when it is time, and taken away again.

#[cfg_attr(target_arch = "wasm32", path = "mounted/here.rs")]
#[cfg_attr(not(target_arch = "wasm32"), path = "mounted/nowhere.rs")]
mod target;

pub use target::{Mounted, mounted};
