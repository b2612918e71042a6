//! A file of the site.

use sha2::{Digest as _, Sha256};

use crate::compress;

/// A file with its compressed versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedFile {
    /// The path from the site's root, with slashes, without a leading one.
    pub path: String,
    /// The content.
    pub raw: Vec<u8>,
    /// The content compressed with gzip, if that is smaller.
    pub gzip: Option<Vec<u8>>,
    /// The content compressed with brotli, if that is smaller.
    pub brotli: Option<Vec<u8>>,
}

impl PackedFile {
    /// Returns a file without compressed versions.
    #[must_use]
    pub fn new(path: impl Into<String>, raw: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), raw: raw.into(), gzip: None, brotli: None }
    }

    /// Returns a file in `assets/` that is named after its content, so that caches can keep it forever.
    pub(crate) fn hashed(name: &str, extension: &str, content: Vec<u8>) -> Self {
        let hash = hash(&Sha256::digest(&content));
        Self::new(format!("assets/{name}-{hash}.{extension}"), content)
    }

    /// Adds the compressed versions. Fonts are compressed already.
    #[must_use]
    pub fn compressed(self) -> Self {
        if self.path.ends_with("woff2") {
            return self;
        }
        Self { gzip: compress::gzip(&self.raw), brotli: compress::brotli(&self.raw), ..self }
    }
}

/// Returns the first 8 bytes of a digest in hexadecimal digits.
pub(crate) fn hash(digest: &[u8]) -> String {
    digest.first_chunk().map(|first| format!("{:016x}", u64::from_be_bytes(*first))).unwrap_or_default()
}
