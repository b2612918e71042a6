//! Differences between operating systems. All uses of `std::os` are here.

use std::{fs::File, io, path::Path};

use anyhow::{Result, bail};

pub use system::{create_private_dir, create_private_file, free_bytes, make_executable};

/// Fails on systems other than Linux.
pub fn require_linux(what: &str) -> Result<()> {
    require_linux_on(std::env::consts::OS, what)
}

fn require_linux_on(system: &str, what: &str) -> Result<()> {
    if system == "linux" {
        return Ok(());
    }
    let other = if system == "windows" { "WSL2" } else { "a Linux machine or container" };
    bail!("{what} runs on Linux only, and this is {system}; use {other}")
}

#[cfg(unix)]
mod system {
    use std::{
        fs::{self, DirBuilder, OpenOptions, Permissions},
        os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    };

    use super::{File, Path, io};

    /// Creates a folder, and its parents, that no other user may enter.
    pub fn create_private_dir(path: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)
    }

    /// Creates a file that no other user may read.
    pub fn create_private_file(path: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
    }

    /// Makes a file one that can be run.
    pub fn make_executable(path: &Path) -> io::Result<()> {
        fs::set_permissions(path, Permissions::from_mode(0o755))
    }

    /// Returns how much may be written to the file system of a folder, if that is known.
    pub fn free_bytes(folder: &Path) -> Option<u64> {
        let space = rustix::fs::statvfs(folder).ok()?;
        Some(space.f_bavail.saturating_mul(space.f_frsize))
    }
}

/// Systems without file modes.
#[cfg(not(unix))]
mod system {
    use std::fs;

    use super::{File, Path, io};

    pub fn create_private_dir(path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    pub fn create_private_file(path: &Path) -> io::Result<File> {
        File::create_new(path)
    }

    pub fn make_executable(_: &Path) -> io::Result<()> {
        Ok(())
    }

    pub fn free_bytes(_: &Path) -> Option<u64> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_is_for_linux_only() {
        require_linux_on("linux", "the local cloud").unwrap();
        let error = |system| require_linux_on(system, "the local cloud").unwrap_err().to_string();
        assert_eq!(error("windows"), "the local cloud runs on Linux only, and this is windows; use WSL2");
        assert_eq!(
            error("macos"),
            "the local cloud runs on Linux only, and this is macos; use a Linux machine or container"
        );
    }

    /// Every use of `std::os::unix` is in this file, behind a `cfg`.
    #[test]
    fn other_modules_use_nothing_of_one_system() {
        for file in crate::checkout::source_files().unwrap() {
            let is_ours = file.starts_with("xtask") && file.extension().is_some_and(|name| name == "rs");
            if !is_ours || file.ends_with("platform.rs") {
                continue;
            }
            let text = std::fs::read_to_string(crate::workspace::root().join(&file)).unwrap();
            for word in ["os::unix", "os::fd", "rustix::"] {
                assert!(!text.contains(word), "{}: {word}", file.display());
            }
        }
    }
}
