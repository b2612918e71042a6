//! Replaces a folder by a site, atomically.

use std::{fs, io, path::Path};

use crate::{error::BundleError, site::PackedSite};

/// Writes the site to a temporary folder next to `out` and renames that to `out`. If something fails, `out` is unchanged.
///
/// # Errors
/// [`BundleError::Io`] if a file cannot be written or the folder cannot be replaced.
pub fn write(site: &PackedSite, out: &Path) -> Result<(), BundleError> {
    let out = std::path::absolute(out).map_err(BundleError::io("find", out))?;
    let parent = out.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(parent).map_err(BundleError::io("write", parent))?;
    // In the same folder, so that both are on one file system. Removed when it is dropped.
    let staging = tempfile::Builder::new()
        .prefix(".site-")
        .tempdir_in(parent)
        .map_err(BundleError::io("write", parent))?;
    let fresh = staging.path().join("new");
    for file in site.files() {
        let path = fresh.join(&file.path);
        put(&path, &file.raw)?;
        for (extension, compressed) in [("gz", &file.gzip), ("br", &file.brotli)] {
            if let Some(compressed) = compressed {
                put(&path.with_added_extension(extension), compressed)?;
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

/// Renames `out` to `old` and `fresh` to `out`; restores `out` if that fails.
fn swap(fresh: &Path, out: &Path, old: &Path) -> io::Result<()> {
    if !out.exists() {
        return fs::rename(fresh, out);
    }
    fs::rename(out, old)?;
    fs::rename(fresh, out).inspect_err(|_| {
        // Reports the first error only.
        let _ = fs::rename(old, out);
    })
}
