//! Tests of the links in Markdown files. Links to other sites are not followed, because a test must not depend on them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;

use mysfits_markdown::{anchors, links};

use crate::{checkout, guide, packages, workspace};

/// Returns the Markdown files of the workspace, relative to its root.
pub fn texts() -> Result<Vec<PathBuf>> {
    let is_markdown = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "md");
    Ok(checkout::source_files()?.into_iter().filter(is_markdown).collect())
}

/// Returns why a link in `text` is broken, if it is.
fn fault(text: &Path, target: &str) -> Option<String> {
    if target.starts_with("https://") || target.starts_with("http://") {
        return None;
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let folder = text.parent().unwrap_or(Path::new(""));
    let linked = if path.is_empty() { text.to_owned() } else { folder.join(path) };
    if !linked.exists() {
        return Some("no such file".to_owned());
    }
    let markdown = fs::read_to_string(&linked).unwrap_or_default();
    anchor
        .filter(|anchor| !anchors(&markdown).contains(&(*anchor).to_owned()))
        .map(|anchor| format!("no heading {anchor}"))
}

#[test]
fn links_are_valid() {
    let mut n_links = 0;
    for text in texts().unwrap() {
        let markdown = fs::read_to_string(workspace::root().join(&text)).unwrap();
        for (line, target) in links(&markdown) {
            n_links += 1;
            let fault = fault(&workspace::root().join(&text), &target);
            assert_eq!(fault, None, "{}:{line}: {target}", text.display());
        }
        // Pictures with a width are HTML.
        for picture in markdown.split("<img src=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let fault = fault(&workspace::root().join(&text), picture);
            assert_eq!(fault, None, "{}: {picture}", text.display());
        }
    }
    assert!(n_links > 60, "{n_links}");
}

#[test]
fn readmes_of_published_crates_link_only_into_their_packages() {
    for member in packages::publishable().unwrap() {
        let readme = fs::read_to_string(member.folder().join("README.md")).unwrap();
        for (line, target) in links(&readme) {
            let place = format!("{}: README.md:{line}: {target}", member.name);
            assert!(target.starts_with("https://") || !target.contains(".."), "{place}");
        }
    }
}

#[test]
fn korean_pages_have_the_structure_of_the_english_ones() {
    let texts = texts().unwrap();
    let korean =
        texts.iter().filter(|text| text.starts_with("docs") && text.to_string_lossy().ends_with(".ko.md"));
    let mut n_pages = 0;
    for korean in korean {
        n_pages += 1;
        let english = PathBuf::from(korean.to_string_lossy().replace(".ko.md", ".md"));
        assert!(texts.contains(&english), "{} has no English page", korean.display());
        let [english, translated] = [&english, korean]
            .map(|text| guide::common_structure(&fs::read_to_string(workspace::root().join(text)).unwrap()));
        for (english, translated) in english.iter().zip(&translated) {
            assert_eq!(english, translated, "{}", korean.display());
        }
        assert_eq!(english.len(), translated.len(), "{}", korean.display());
    }
    assert!(n_pages > 1, "{n_pages}");
}

#[test]
fn reports_broken_links() {
    let text = workspace::root().join("docs/tutorial.md");
    assert_eq!(fault(&text, "tutorial.ko.md"), None);
    assert_eq!(fault(&text, "tutorial.md#3-train-the-model"), None);
    assert!(fault(&text, "tutorial.de.md").is_some() && fault(&text, "#no-such-heading").is_some());
}
