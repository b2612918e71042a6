//! What is deployed: the function's zip, the site, the model and the templates in one folder with a manifest.
//!
//! The same input gives the same bytes: entries are sorted, their times are fixed, nothing says where or when it was
//! built. So a file's SHA-256 is its name in the cloud, and an unchanged package changes nothing there. The function's
//! program is read before it is packed: one that Lambda could not start is refused, with the remedy.
//!
//! Knows neither how the parts are built nor where they go.
//!
//! ```
//! use mysfits_package::{Architecture, Glibc, elf};
//!
//! // An invalid program is refused before it is packed.
//! let refused = elf::check(b"#!/bin/sh", Architecture::X86_64, Glibc::OF_LAMBDA).unwrap_err();
//! assert_eq!(refused.to_string(), "the function's program is no 64-bit ELF file; build it for Linux");
//! ```

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod archive;
mod dependencies;
pub mod elf;
mod elf_section;
mod error;
mod manifest;
mod package;

pub use dependencies::{CARGO_TREE_FORMAT, Dependencies, DependenciesError};
pub use elf::{Architecture, Glibc};
pub use error::PackageError;
pub use manifest::{FileEntry, MANIFEST, Manifest, hex};
pub use package::{LAMBDA_ZIP, MODEL, Package, PackagedFile, Parts, SBOM};
