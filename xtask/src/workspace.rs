//! Where things are.

use std::path::{Path, PathBuf};

/// The workspace's root folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the workspace")
}

/// Everything that is built: cargo's target folder.
pub fn target() -> PathBuf {
    root().join("target")
}

/// The built site.
pub fn site() -> PathBuf {
    target().join("site")
}

/// A native program, built optimised.
pub fn release(program: &str) -> PathBuf {
    target().join("release").join(format!("{program}{}", std::env::consts::EXE_SUFFIX))
}

/// A native program, built quickly.
pub fn debug(program: &str) -> PathBuf {
    target().join("debug").join(format!("{program}{}", std::env::consts::EXE_SUFFIX))
}

/// What commands print that nobody needs to read unless they fail.
pub fn log(name: &str) -> PathBuf {
    target().join("xtask").join(format!("{name}.log"))
}
