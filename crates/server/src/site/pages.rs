//! Pages, sitemap and robots.txt with the site's origin.
//!
//! In a built site, the URLs in their metadata are paths. The deployer inserts the origin when it uploads the files; this
//! server does when they are requested, so it always serves the site that is in the folder. It writes the pages to files with compressed
//! variants, which are served as all other files are.

use std::{
    fs,
    io::{self, Write as _},
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use mysfits_site::sharing::with_origin;
use percent_encoding::percent_decode_str;
use tempfile::NamedTempFile;
use tokio::task::spawn_blocking;

use crate::compression::{brotli, gzip};

/// Compresses a content.
type Compress = fn(&[u8]) -> io::Result<Vec<u8>>;
/// The compressed variants by the extension of their files.
const VARIANTS: [(&str, Compress); 2] = [("gz", gzip), ("br", brotli)];

/// The pages of a site with its origin.
#[derive(Debug)]
pub(super) struct PagesWithOrigin {
    /// The folder of the site.
    site: PathBuf,
    /// The folder of the files with the origin.
    generated: PathBuf,
    origin: String,
    /// Held while a file is updated.
    updating: Mutex<()>,
}

impl PagesWithOrigin {
    /// Returns the pages in the folder `site`. Those with the origin are written to the folder `generated`.
    pub(super) fn new(site: &Path, generated: &Path, origin: String) -> Self {
        Self { site: site.to_owned(), generated: generated.to_owned(), origin, updating: Mutex::default() }
    }

    /// Writes a page with the origin unless it is up to date. Returns false if the site has no such page or it cannot be
    /// written.
    pub(super) async fn update(self: Arc<Self>, name: PathBuf) -> bool {
        let updated = spawn_blocking(move || self.write(&name)).await;
        updated.unwrap_or_else(|error| Err(error.into())).unwrap_or_else(|error| {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "cannot write a page with the site's origin; serving it without");
            false
        })
    }

    fn write(&self, name: &Path) -> io::Result<bool> {
        let (source, target) = (self.site.join(name), self.generated.join(name));
        let _guard = self.updating.lock().unwrap_or_else(PoisonError::into_inner);
        // Whatever is no readable text is served, or reported, as the file that it is.
        if !source.is_file() {
            return Ok(false);
        }
        let Ok(page) = fs::read_to_string(&source) else { return Ok(false) };
        let page = with_origin(&page, &self.origin).into_bytes();
        if fs::read(&target).is_ok_and(|written| written == page) {
            return Ok(true);
        }
        let folder = target.parent().unwrap_or(&self.generated);
        fs::create_dir_all(folder)?;
        for (extension, compress) in VARIANTS {
            let variant = target.with_added_extension(extension);
            if source.with_added_extension(extension).is_file() {
                replace(&variant, folder, &compress(&page)?)?;
            } else if variant.exists() {
                fs::remove_file(&variant)?;
            }
        }
        // Last: if it is up to date, its variants are.
        replace(&target, folder, &page)?;
        Ok(true)
    }
}

/// Replaces a file in a folder at once: requests meanwhile get the old or the new content.
fn replace(path: &Path, folder: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    file.persist(path)?;
    Ok(())
}

/// Returns the name of the file that `ServeDir` serves for a path; `None` if the path leads out of the folder.
pub(super) fn file_name(path: &str) -> Option<String> {
    let path = percent_decode_str(path.trim_start_matches('/')).decode_utf8().ok()?;
    let components = Path::new(&*path).components().filter(|component| *component != Component::CurDir);
    let names = components.map(|component| match component {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    Some(names.collect::<Option<Vec<_>>>()?.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_means_a_file_of_the_folder() {
        for (path, name) in [
            ("/index.html", Some("index.html")),
            ("/ko/index.html", Some("ko/index.html")),
            ("/%6bo//./%69ndex.html", Some("ko/index.html")),
            ("//index.html", Some("index.html")),
            ("/", Some("")),
            ("/../index.html", None),
            ("/ko/%2e%2e/index.html", None),
            ("/..%2findex.html", None),
            ("/%2fetc/index.html", None),
            ("/%ff.html", None),
        ] {
            assert_eq!(file_name(path).as_deref(), name, "{path}");
        }
    }
}
