//! What can be wrong with a package.

use std::{io, path::PathBuf};

use crate::elf::ElfError;

/// Why a package cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// A file cannot be read or written.
    #[error("cannot {what} {}", path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The folder holds no package.
    #[error("{} is no package: it has no readable manifest.json; run `cargo xtask package`", folder.display())]
    NoManifest {
        /// The folder.
        folder: PathBuf,
        /// Why the manifest cannot be read.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file is not what the manifest says.
    #[error("{path} of the package is not what its manifest says ({what}); run `cargo xtask package` again")]
    Changed {
        /// The file, within the package.
        path: String,
        /// The difference.
        what: String,
    },
    /// The package lacks a file that every package has.
    #[error("the package has no {0}; run `cargo xtask package` again")]
    Missing(String),
    /// Lambda could not start the function.
    #[error(transparent)]
    Elf(#[from] ElfError),
    /// The zip cannot be written.
    #[error("cannot write the function's zip")]
    Zip(#[from] zip::result::ZipError),
}

impl PackageError {
    /// Returns a function for `map_err`: `what` failed with `path`.
    pub(crate) fn file(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { what, path, source }
    }
}
