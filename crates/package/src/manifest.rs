//! The package's table of contents, and the hash of each file.

use std::{fmt::Write as _, fs, io, path::Path};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::Architecture;

/// The manifest's name in the package.
pub const MANIFEST: &str = "manifest.json";

/// What a package holds: enough to know it from any other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The workspace's version.
    pub version: String,
    /// The processor that the function is for.
    pub architecture: Architecture,
    /// The newest C library that the function needs, `2.34`; none if it is static.
    pub glibc: Option<String>,
    /// All files but this one, sorted by path.
    pub files: Vec<FileEntry>,
}

/// A file of the package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its path within the package, with slashes.
    pub path: String,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Its SHA-256, in lower-case hexadecimal digits.
    pub sha256: String,
}

impl FileEntry {
    /// Reads a file's size and hash.
    pub(crate) fn of(folder: &Path, path: String) -> io::Result<Self> {
        let bytes = fs::read(folder.join(&path))?;
        let (size_bytes, sha256) = (bytes.len() as u64, hex(&Sha256::digest(&bytes)));
        Ok(Self { path, size_bytes, sha256 })
    }
}

/// Bytes as lower-case hexadecimal digits, as hashes are written in names and manifests.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // A string takes everything.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
