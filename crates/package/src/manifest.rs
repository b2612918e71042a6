//! The package's table of contents, and the hash of each file.

use std::{
    fmt::Write as _,
    fs::File,
    io::{self, Read as _},
    path::Path,
};

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
        let mut file = File::open(folder.join(&path))?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 64 * 1024];
        let mut size_bytes = 0;
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            hash.update(&buffer[..read]);
            size_bytes += read as u64;
        }
        let sha256 = hex(&hash.finalize());
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
