//! The links of the texts lead somewhere. Those to other sites are not followed: a test must not depend on them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::{checkout, packages, shown::targets, workspace};

/// Returns the Markdown files of the workspace, relative to its root.
pub fn texts() -> Result<Vec<PathBuf>> {
    let is_markdown = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "md");
    Ok(checkout::source_files()?.into_iter().filter(is_markdown).collect())
}

/// The targets of a text's links and pictures with their lines, code left out.
fn links(markdown: &str) -> Vec<(usize, &str)> {
    let mut is_code = false;
    let mut links = Vec::new();
    for (number, line) in (1..).zip(markdown.lines()) {
        is_code ^= line.starts_with("```");
        if !is_code {
            links.extend(targets(line).map(|target| (number, target)));
        }
    }
    links
}

/// The anchors of a text: its headings as GitHub writes them into addresses.
fn anchors(markdown: &str) -> Vec<String> {
    let headings = markdown.lines().filter(|line| line.starts_with('#'));
    let kept = |c: &char| c.is_alphanumeric() || [' ', '-', '_'].contains(c);
    headings
        .map(|line| line.trim_start_matches('#').trim().to_lowercase())
        .map(|heading| heading.chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect())
        .collect()
}

/// What is wrong with a link that stands in `text`, if anything.
fn fault(text: &Path, target: &str) -> Option<String> {
    if target.starts_with("https://") {
        return None;
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let folder = text.parent().unwrap_or(Path::new(""));
    let there = if path.is_empty() { text.to_owned() } else { folder.join(path) };
    if !there.exists() {
        return Some("there is no such file".to_owned());
    }
    let markdown = fs::read_to_string(&there).unwrap_or_default();
    anchor
        .filter(|anchor| !anchors(&markdown).contains(&(*anchor).to_owned()))
        .map(|anchor| format!("there is no heading {anchor}"))
}

#[test]
fn every_link_of_the_texts_leads_somewhere() {
    let mut n_links = 0;
    for text in texts().unwrap() {
        let markdown = fs::read_to_string(workspace::root().join(&text)).unwrap();
        for (line, target) in links(&markdown) {
            n_links += 1;
            let fault = fault(&workspace::root().join(&text), target);
            assert_eq!(fault, None, "{}:{line}: {target}", text.display());
        }
    }
    assert!(n_links > 60, "{n_links}");
}

#[test]
fn the_readme_of_a_published_crate_links_to_nothing_outside_of_its_package() {
    for member in packages::publishable().unwrap() {
        let readme = fs::read_to_string(member.folder.join("README.md")).unwrap();
        for (line, target) in links(&readme) {
            let place = format!("{}: README.md:{line}: {target}", member.name);
            assert!(target.starts_with("https://") || !target.contains(".."), "{place}");
        }
    }
}

#[test]
fn a_link_that_leads_nowhere_is_noticed() {
    let text = workspace::root().join("docs/guide.en.md");
    assert_eq!(fault(&text, "guide.ko.md"), None);
    assert_eq!(fault(&text, "guide.en.md#3-the-model"), None);
    assert!(fault(&text, "guide.de.md").is_some() && fault(&text, "#no-such-heading").is_some());
    let markdown = "[a](b) and ![c](d)\n```\n[e](f)\n```\n[g](h)";
    assert_eq!(links(markdown), [(1, "b"), (1, "d"), (5, "h")]);
}
