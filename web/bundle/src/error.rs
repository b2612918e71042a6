//! Errors of packing.

use std::path::Path;

use crate::size_limits::SizeReport;

/// Why there is no new site.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// wasm-bindgen rejects the compiled page.
    #[error("wasm-bindgen cannot process {path}: {reason}")]
    Bindgen {
        /// The compiled page.
        path: String,
        /// wasm-bindgen's error with its causes.
        reason: String,
    },
    /// wasm-bindgen did not write one of the expected files.
    #[error("wasm-bindgen wrote no {0}")]
    MissingOutput(String),
    /// wasm-bindgen wrote JavaScript modules, which are not supported.
    #[error("wasm-bindgen wrote snippets, which the site does not pack: {0}")]
    Snippets(String),
    /// The site exceeds a size limit; nothing was written.
    #[error("over budget: {}\n{report}", exceeded.join("; "))]
    OverBudget {
        /// One sentence for each exceeded limit.
        exceeded: Vec<String>,
        /// All sizes.
        report: SizeReport,
    },
    /// A file or folder cannot be read or written.
    #[error("cannot {operation} {path}")]
    Io {
        /// "read", "write" or "replace".
        operation: &'static str,
        /// The file or folder.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
}

impl BundleError {
    pub(crate) fn io(operation: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::Io { operation, path, source }
    }
}
