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

    /// Returns whether it is a page.
    pub(crate) fn is_page(&self) -> bool {
        self.has_extension("html")
    }

    pub(crate) fn has_extension(&self, extension: &str) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, end)| end == extension)
    }

    /// Adds the compressed versions. Fonts are compressed already.
    #[must_use]
    pub fn compressed(self) -> Self {
        if self.has_extension("woff2") {
            return self;
        }
        Self { gzip: compress::gzip(&self.raw), brotli: compress::brotli(&self.raw), ..self }
    }
}

/// Returns a version of files: it changes with the path or content of each.
pub(crate) fn version<'a>(files: impl IntoIterator<Item = &'a PackedFile>) -> String {
    let mut digest = Sha256::new();
    for file in files {
        digest.update(file.path.as_bytes());
        digest.update(&file.raw);
    }
    hash(&digest.finalize())
}

/// Returns the first 8 bytes of a digest in hexadecimal digits.
fn hash(digest: &[u8]) -> String {
    digest.first_chunk().map(|first| format!("{:016x}", u64::from_be_bytes(*first))).unwrap_or_default()
}
