//! The generated and the checked parts of the documentation: costs and diagrams, from the code that they are about. The
//! explanations' Rust is compiled and run as documentation tests.
//!
//! A line `<!-- cost: NAME -->` or `<!-- diagram: NAME -->` in a page is followed by such a part.
//! `cargo xtask guide --diagrams` writes what is generated.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use mysfits_domain::Locale;
use mysfits_markdown::pages;

pub mod cost;
pub mod diagrams;

#[cfg(doctest)]
#[doc = include_str!("../explanation/model.md")]
struct ModelPage;

#[cfg(doctest)]
#[doc = include_str!("../explanation/model.ko.md")]
struct KoreanModelPage;

#[cfg(doctest)]
#[doc = include_str!("../explanation/request.md")]
struct RequestPage;

#[cfg(doctest)]
#[doc = include_str!("../explanation/request.ko.md")]
struct KoreanRequestPage;

#[cfg(doctest)]
#[doc = include_str!("../explanation/infrastructure.md")]
struct InfrastructurePage;

#[cfg(doctest)]
#[doc = include_str!("../explanation/infrastructure.ko.md")]
struct KoreanInfrastructurePage;

/// Returns the workspace's root.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("docs is a folder of the workspace")
}

/// Returns a guide with its costs and diagrams as they are now.
///
/// # Errors
/// If it names an unknown cost or diagram, a diagram states something else than the code, or the text after a mark is not one
/// that may be replaced.
pub fn update(guide: &str, locale: Locale) -> Result<String> {
    let mut updated = String::with_capacity(guide.len());
    let mut lines = guide.lines();
    while let Some(line) = lines.next() {
        updated.extend([line, "\n"]);
        let Some((kind, name)) =
            line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->")?.split_once(": "))
        else {
            continue;
        };
        match kind {
            "cost" => {
                let old = lines.next().unwrap_or_default();
                ensure!(old.starts_with('>'), "after {line:?}: expected a quote, found {old:?}");
                updated.extend([&*cost::sentence(name, locale)?, "\n"]);
            }
            "diagram" => {
                let old = lines.next().unwrap_or_default();
                ensure!(old == "```mermaid", "after {line:?}: expected ```mermaid, found {old:?}");
                let mut drawn = String::new();
                loop {
                    match lines.next().with_context(|| format!("the diagram after {line:?} has no end"))? {
                        "```" => break,
                        line => drawn.extend([line, "\n"]),
                    }
                }
                updated.extend(["```mermaid\n", &*diagrams::current(name, &drawn, locale)?, "```\n"]);
            }
            _ => {}
        }
    }
    Ok(updated)
}

/// Returns the path of each text with generated parts, its text and its updated text.
fn guides() -> Result<Vec<(PathBuf, String, String)>> {
    let mut guides = Vec::new();
    for path in pages(&root().join("docs"))? {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let locale = if path.to_string_lossy().ends_with(".ko.md") { Locale::Ko } else { Locale::En };
        let updated = update(&text, locale).with_context(|| path.display().to_string())?;
        if ["<!-- cost: ", "<!-- diagram: "].iter().any(|mark| text.contains(mark)) {
            guides.push((path, text, updated));
        }
    }
    Ok(guides)
}

/// Writes the generated parts of the texts; returns the number of files that changed.
///
/// # Errors
/// If a guide or a source file cannot be read or written, or see [`update`].
pub fn write() -> Result<usize> {
    let mut n_changed = 0;
    for (path, text, updated) in guides()? {
        if text != updated {
            fs::write(&path, updated).with_context(|| format!("cannot write {}", path.display()))?;
            n_changed += 1;
        }
    }
    Ok(n_changed)
}

/// Checks that the generated parts of the texts are current; returns the number of texts.
///
/// # Errors
/// If one is not, or as [`write()`].
pub fn check() -> Result<usize> {
    let guides = guides()?;
    for (path, text, updated) in &guides {
        ensure!(text == updated, "{} is out of date; run: cargo xtask guide --diagrams", path.display());
    }
    Ok(guides.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guides_are_current() {
        check().unwrap();
    }

    #[test]
    fn replaces_costs_and_diagrams_and_nothing_else() {
        let guide = "a\n<!-- cost: embedded -->\n> old\nb\n<!-- diagram: stacks -->\n```mermaid\nold\n```\n<!-- needs: 2 -->\nc\n";
        let cost = cost::sentence("embedded", Locale::En).unwrap();
        let diagram = diagrams::current("stacks", "", Locale::En).unwrap();
        let expected = format!(
            "a\n<!-- cost: embedded -->\n{cost}\nb\n<!-- diagram: stacks -->\n```mermaid\n{diagram}```\n<!-- needs: 2 -->\nc\n"
        );
        assert_eq!(update(guide, Locale::En).unwrap(), expected);
    }

    #[test]
    fn rejects_unknown_names_and_never_replaces_prose() {
        for guide in [
            "<!-- cost: a yacht -->\n> 1\n",
            "<!-- cost: embedded -->\nprose\n",
            "<!-- diagram: a yacht -->\n```mermaid\n```\n",
            "<!-- diagram: data -->\nprose\n",
            "<!-- diagram: data -->\n```mermaid\nno end\n",
        ] {
            assert!(update(guide, Locale::En).is_err(), "{guide}");
        }
    }
}
