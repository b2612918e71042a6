//! What of the documentation is made by a program: the guide's diagrams, drawn from the code that they are about, the costs
//! that it states, and its Rust, which is compiled and run as documentation tests.
//!
//! No HTTP, no AWS: texts and pictures out of constants, templates and source files. `cargo xtask guide --diagrams`
//! writes them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use mysfits_domain::Locale;

pub mod cost;
mod diagrams;
mod draw;

#[cfg(doctest)]
#[doc = include_str!("../guide.en.md")]
struct English;

#[cfg(doctest)]
#[doc = include_str!("../guide.ko.md")]
struct Korean;

/// The workspace's root.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("docs is a folder of the workspace")
}

/// A file, and what is to stand in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Where.
    pub path: PathBuf,
    /// What.
    pub text: String,
}

/// Everything that is made: the diagrams in both languages, and the guides with their costs.
///
/// # Errors
/// If a source file or a guide cannot be read, or a guide asks for a cost that there is not.
pub fn all() -> Result<Vec<Made>> {
    let mut all = Vec::new();
    let diagrams = diagrams::all()?;
    for (name, picture) in &diagrams {
        let too_wide = picture.too_wide();
        ensure!(too_wide.is_empty(), "in the diagram {name} there is no room for {}", too_wide.join("; "));
    }
    for locale in Locale::ALL {
        for (name, picture) in &diagrams {
            let path = root().join(format!("docs/diagrams/{name}.{}.svg", locale.code()));
            all.push(Made { path, text: picture.svg(locale) });
        }
        let path = root().join(format!("docs/guide.{}.md", locale.code()));
        let guide = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let text = cost::written(&guide, locale).with_context(|| path.display().to_string())?;
        all.push(Made { path, text });
    }
    Ok(all)
}

/// Writes everything that is made; how many files changed.
///
/// # Errors
/// As [`all`], or if a file cannot be written.
pub fn write() -> Result<usize> {
    let mut n_changed = 0;
    for Made { path, text } in all()? {
        if fs::read_to_string(&path).is_ok_and(|there| there == text) {
            continue;
        }
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        n_changed += 1;
    }
    Ok(n_changed)
}

/// Compares everything that is made with the files; how many there are.
///
/// # Errors
/// As [`all`], or if a file is not as it would be written.
pub fn check() -> Result<usize> {
    let all = all()?;
    for Made { path, text } in &all {
        let is_current = fs::read_to_string(path).is_ok_and(|there| there == *text);
        ensure!(is_current, "{} is stale; run: cargo xtask guide --diagrams", path.display());
    }
    Ok(all.len())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_files_are_as_they_would_be_written() {
        super::check().unwrap();
    }
}
