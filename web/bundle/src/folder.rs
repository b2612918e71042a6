//! Puts a site into a folder, whole or not at all.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{BundleError, Site};

/// Writes the site into `out`: first into a temporary folder beside it, then in its place.
///
/// What was in `out` before is gone afterwards; if anything fails, it is still there.
///
/// # Errors
/// [`BundleError::Io`] if a file cannot be written or the folder cannot be replaced.
pub fn write(site: &Site, out: &Path) -> Result<(), BundleError> {
    let out = std::path::absolute(out).map_err(BundleError::io("find", out))?;
    let parent = out.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(parent).map_err(BundleError::io("write", parent))?;
    // Beside its place, so that both are on one file system and a rename is enough. Dropping it removes it.
    let staging = tempfile::Builder::new()
        .prefix(".site-")
        .tempdir_in(parent)
        .map_err(BundleError::io("write", parent))?;
    let fresh = staging.path().join("new");
    for file in site.files() {
        let path = fresh.join(&file.path);
        put(&path, &file.raw)?;
        for (extension, packed) in [("gz", &file.gzip), ("br", &file.brotli)] {
            if let Some(packed) = packed {
                put(&with_suffix(&path, extension), packed)?;
            }
        }
    }
    swap(&fresh, &out, &staging.path().join("old")).map_err(BundleError::io("replace", &out))
}

fn put(path: &Path, content: &[u8]) -> Result<(), BundleError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(BundleError::io("write", folder))?;
    }
    fs::write(path, content).map_err(BundleError::io("write", path))
}

fn with_suffix(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

/// Moves `fresh` to `out`, and what was there to `old`; puts the old one back if that fails.
fn swap(fresh: &Path, out: &Path, old: &Path) -> io::Result<()> {
    if !out.exists() {
        return fs::rename(fresh, out);
    }
    fs::rename(out, old)?;
    fs::rename(fresh, out).inspect_err(|_| {
        // The first failure is the one to report.
        let _ = fs::rename(old, out);
    })
}
