//! Packs the adoption site into a folder of static files for any web server or bucket.
//!
//! The input is the page compiled to wasm32. The output is the prerendered pages; code, style sheet, loader and drawings in `assets/`,
//! named after their content; portraits for the API's clients in `art/`; pictures for link previews in `cards/`; icons and web manifests;
//! the service worker; sitemap, robots.txt and `config.json`; and gzip and brotli versions of files that compress well. The same input
//! gives the same bytes. The folder is replaced atomically. [`SizeReport`] compares the sizes with [`SIZE_LIMITS`] and [`FIRST_VISIT_LIMIT_BYTES`].
//!
//! This crate does not compile the page and does not serve the folder.

mod compress;
mod crawlers;
mod error;
mod file;
mod manifest;
mod pictures;
mod reload;
mod script;
mod service_worker;
mod site;
mod size_limits;
mod write;

use std::path::Path;

pub use error::BundleError;
pub use file::PackedFile;
pub use site::PackedSite;
pub use size_limits::{FIRST_VISIT_LIMIT_BYTES, FileSize, FirstVisit, SIZE_LIMITS, SizeLimit, SizeReport};
pub use write::write;

/// Packs `wasm`, the compiled page, into the folder `out`, which is replaced if it exists. Returns the sizes.
///
/// With `enforce_budget`, exceeding a size limit is an error. By default, [`SizeReport::exceeded`] lists the exceeded limits.
///
/// # Errors
/// [`BundleError`]; `out` is unchanged then.
pub fn bundle(wasm: &Path, out: &Path, enforce_budget: bool) -> Result<SizeReport, BundleError> {
    let site = PackedSite::build(wasm)?;
    let report = SizeReport::new(site.files());
    let exceeded = report.exceeded();
    if enforce_budget && !exceeded.is_empty() {
        return Err(BundleError::OverBudget { exceeded, report });
    }
    write(&site, out)?;
    Ok(report)
}

/// Packs `wasm` into the folder `out` [for development](PackedSite::build_for_development), with the style sheet of the folder
/// `style`.
///
/// # Errors
/// [`BundleError`]; `out` is unchanged then.
pub fn bundle_for_development(wasm: &Path, style: &Path, out: &Path) -> Result<(), BundleError> {
    write(&PackedSite::build_for_development(wasm, style)?, out)
}
