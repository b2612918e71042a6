//! Checks the links of the finished books: files and anchors.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};

/// Checks all links of the HTML files in a folder and its folders.
///
/// # Errors
/// If a link leads to no file or anchor, with the place of each.
pub fn check(folder: &Path) -> Result<()> {
    let mut pages = BTreeMap::new();
    read(folder, folder, &mut pages)?;
    let anchors: BTreeMap<&Path, BTreeSet<String>> =
        pages.iter().map(|(path, html)| (path.as_path(), values(html, " id=\"").collect())).collect();
    let mut broken = Vec::new();
    for (path, html) in &pages {
        for link in values(html, " href=\"").chain(values(html, " src=\"")) {
            if link.contains("://") || link.starts_with("data:") {
                continue;
            }
            let (target, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let file = if target.is_empty() { path.clone() } else { resolve(path, target) };
            let is_there = folder.join(&file).is_file();
            let has_anchor = |anchors: &BTreeSet<String>| anchor.is_empty() || anchors.contains(anchor);
            if !is_there || !anchors.get(file.as_path()).is_none_or(has_anchor) {
                broken.push(format!("{}: {link}", path.display()));
            }
        }
    }
    ensure!(broken.is_empty(), "broken links in the books:\n{}", broken.join("\n"));
    Ok(())
}

/// Reads the HTML files of a folder and its folders, by their paths in `root`.
fn read(root: &Path, folder: &Path, pages: &mut BTreeMap<PathBuf, String>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            read(root, &path, pages)?;
        // The page for missing addresses has its links from the root of a host.
        } else if path.extension().is_some_and(|extension| extension == "html") && !path.ends_with("404.html")
        {
            let html =
                fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            pages.insert(path.strip_prefix(root)?.to_owned(), html);
        }
    }
    Ok(())
}

/// Returns the values of an attribute, given as ` NAME="`.
fn values<'a>(html: &'a str, attribute: &'a str) -> impl Iterator<Item = String> + 'a {
    let starts = html.match_indices(attribute).map(|(at, _)| &html[at + attribute.len()..]);
    starts.filter_map(|rest| Some(rest.split_once('"')?.0.replace("&amp;", "&")))
}

/// Returns the file that a link of a page leads to, both as paths from the same folder.
fn resolve(page: &Path, target: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for part in page.parent().unwrap_or(Path::new("")).join(target).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            part => path.push(part),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_missing_files_and_anchors() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(folder.path().join("index.html"), "<a href=\"a/b.html#c\"><h1 id=\"d\">").unwrap();
        fs::write(folder.path().join("a/b.html"), "<p id=\"c\"><a href=\"../index.html#d\" >").unwrap();
        check(folder.path()).unwrap();
        fs::write(folder.path().join("a/b.html"), "<a href=\"../index.html#e\"><img src=\"f.png\">").unwrap();
        let error = check(folder.path()).unwrap_err().to_string();
        let expected =
            "broken links in the books:\na/b.html: ../index.html#e\na/b.html: f.png\nindex.html: a/b.html#c";
        assert_eq!(error, expected);
    }
}
