//! Packs the adoption page into a folder of static files that any web server or bucket can serve.
//!
//! In: the page compiled to wasm32. Out: `index.html` prerendered, the code and its glue, style sheet and loader under
//! content-hash names in `assets/`, portraits in `art/`, cards for shared addresses in `cards/`, icons and their manifest,
//! `config.json`, and a brotli and a gzip sibling for whatever shrinks. The same input gives the same bytes. The folder appears whole or not at all: it is written beside its
//! place and swapped in at the end. Whether it is within its [`budget`] says the [`Table`] of its sizes.
//!
//! It does not compile the page, and does not know how or where the folder is served.

pub mod budget;
mod folder;
mod manifest;
mod pack;
mod pictures;
mod reload;
mod site;

use std::path::Path;

pub use budget::{Budget, Row, Table};
pub use folder::write;
pub use site::{File, Site};

/// Packs `wasm`, the compiled page, into the folder `out`, which is replaced if it exists, and says how large it is.
///
/// With `enforce_budget` a site over its [`budget`] is an error; otherwise [`Table::exceeded`] tells.
///
/// # Errors
/// See [`BundleError`]; whatever happens, `out` is either what it was or the complete new site.
pub fn bundle(wasm: &Path, out: &Path, enforce_budget: bool) -> Result<Table, BundleError> {
    let site = Site::build(wasm)?;
    let table = Table::of(&site);
    let exceeded = table.exceeded();
    if enforce_budget && !exceeded.is_empty() {
        return Err(BundleError::OverBudget { exceeded, table });
    }
    write(&site, out)?;
    Ok(table)
}

/// Packs `wasm` into the folder `out` [for development](Site::build_for_development), with the style sheet of the folder
/// `style`.
///
/// # Errors
/// See [`BundleError`]; whatever happens, `out` is either what it was or the complete new site.
pub fn bundle_for_development(wasm: &Path, style: &Path, out: &Path) -> Result<(), BundleError> {
    write(&Site::build_for_development(wasm, style)?, out)
}

/// Why there is no new site.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The compiled page cannot be turned into browser code; `wasm-bindgen` says why.
    #[error("wasm-bindgen cannot process {path}: {reason}")]
    Bindgen {
        /// The compiled page.
        path: String,
        /// wasm-bindgen's own words, with all causes.
        reason: String,
    },
    /// wasm-bindgen did not write one of the files that the page consists of.
    #[error("wasm-bindgen wrote no {0}")]
    MissingOutput(String),
    /// wasm-bindgen wrote JavaScript modules that the site has no place for.
    #[error("wasm-bindgen wrote snippets, which the site does not pack: {0}")]
    Snippets(String),
    /// Something is larger than it may be; nothing was written.
    #[error("over budget: {}\n{table}", exceeded.join("; "))]
    OverBudget {
        /// One sentence for each budget that does not hold.
        exceeded: Vec<String>,
        /// All sizes.
        table: Table,
    },
    /// A file or folder cannot be read or written.
    #[error("cannot {doing} {path}")]
    Io {
        /// What was tried: "read", "write", "replace".
        doing: &'static str,
        /// Where.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
}

impl BundleError {
    fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::Io { doing, path, source }
    }
}
