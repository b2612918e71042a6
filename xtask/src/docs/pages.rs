//! Makes the chapters of a book out of the pages in the repository.
//!
//! | in the repository | in the book |
//! |---|---|
//! | `docs/NAME.md`, or its translation `docs/NAME.ko.md` | `NAME.md` in the book of the language |
//! | `README.md` of a folder | `index.md` |
//! | a page outside of `docs` | in the folder `repository` |
//! | a link to a page of the same book | leads there |
//! | a link to the page's translation | leads to the other book |
//! | a link to a picture or another file in `docs` | leads to a copy |
//! | a link to a file that is not in the book | leads to the repository that Cargo.toml names, or becomes text |

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use mysfits_domain::Locale;
use mysfits_markdown::{links, with_targets};

use crate::workspace;

/// Where the pages are.
const FOLDER: &str = "docs";
/// What a Korean reader finds above an English page.
const ENGLISH_ONLY: &str = "> 이 페이지는 영어로만 제공됩니다.";

/// A book: its table of contents, and its pages by their paths in the book.
pub struct Book {
    language: Locale,
    /// The path of the table of contents in the repository.
    summary: PathBuf,
    contents: String,
    /// Paths in the repository, by those in the book.
    pages: BTreeMap<PathBuf, PathBuf>,
}

impl Book {
    /// Reads the table of contents of a language.
    ///
    /// # Errors
    /// If it cannot be read, or lists a page twice.
    pub fn read(language: Locale) -> Result<Self> {
        let name = match language {
            Locale::En => "SUMMARY.md",
            Locale::Ko => "SUMMARY.ko.md",
        };
        let summary = Path::new(FOLDER).join(name);
        let contents = read(&summary)?;
        let mut pages = BTreeMap::new();
        for (line, target) in links(&contents) {
            let page = resolve(&summary, &target);
            if pages.insert(in_book(&page), page).is_some() {
                bail!("{}:{line}: {target} is listed twice", summary.display());
            }
        }
        Ok(Self { language, summary, contents, pages })
    }

    /// Returns the files of the book's source folder: chapters, the table of contents, and what the chapters show.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn files(&self) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
        let mut files = BTreeMap::new();
        let mut shown = BTreeSet::new();
        let contents = self.chapter(&self.summary, &self.contents, &mut shown);
        files.insert("SUMMARY.md".into(), contents.into_bytes());
        for (path, page) in &self.pages {
            let mut chapter = self.chapter(page, &read(page)?, &mut shown);
            if self.language == Locale::Ko && !is_korean(page) {
                chapter = format!("{ENGLISH_ONLY}\n\n<div lang=\"en\">\n\n{chapter}\n\n</div>\n");
            }
            files.insert(path.clone(), chapter.into_bytes());
        }
        for file in shown {
            let bytes = fs::read(workspace::root().join(&file));
            files.insert(in_book(&file), bytes.with_context(|| format!("cannot read {}", file.display()))?);
        }
        Ok(files)
    }

    /// Returns the text of a page with links for the book. Files that it shows are added to `shown`.
    fn chapter(&self, page: &Path, markdown: &str, shown: &mut BTreeSet<PathBuf>) -> String {
        with_targets(markdown, |target| {
            if target.contains("://") || target.starts_with('#') {
                return Some(target.to_owned());
            }
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let anchor = if anchor.is_empty() { String::new() } else { format!("#{anchor}") };
            let file = resolve(page, path);
            let linked = in_book(&file);
            let place = self.place(page);
            if let Some(source) = self.pages.get(&linked) {
                if *source == file {
                    return Some(format!("{}{anchor}", relative(&place, &linked)));
                }
                // The other language's page, in the other language's book.
                let other = if is_korean(&file) { Locale::Ko } else { Locale::En };
                let address = Path::new("..").join(other.code()).join(linked).with_extension("html");
                return Some(format!("{}{anchor}", relative(&place, &address)));
            }
            if file.starts_with(FOLDER) && file.extension().is_some_and(|extension| extension != "md") {
                shown.insert(file);
                return Some(relative(&place, &linked));
            }
            let repository = env!("CARGO_PKG_REPOSITORY");
            let file = file.display();
            (!repository.is_empty()).then(|| format!("{repository}/blob/HEAD/{file}{anchor}"))
        })
    }

    /// Returns the path of a page in the book.
    fn place(&self, page: &Path) -> PathBuf {
        if page == self.summary { "SUMMARY.md".into() } else { in_book(page) }
    }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(workspace::root().join(path))
        .with_context(|| format!("cannot read {}", path.display()))
}

fn is_korean(page: &Path) -> bool {
    page.to_string_lossy().ends_with(".ko.md")
}

/// Returns the path in the repository that a link of a page leads to.
fn resolve(page: &Path, target: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for part in page.parent().unwrap_or(Path::new("")).join(target).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    path
}

/// Returns the path of a file of the repository in the book of its language.
fn in_book(file: &Path) -> PathBuf {
    let path = match file.strip_prefix(FOLDER) {
        Ok(path) => path.to_owned(),
        Err(_) => Path::new("repository").join(file),
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy().replace(".ko.md", ".md");
    path.with_file_name(if name == "README.md" { "index.md" } else { &name })
}

/// Returns a link from a file to another one, both as paths from the same folder.
fn relative(from: &Path, to: &Path) -> String {
    let depth = from.components().count().saturating_sub(1);
    let path = to.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
    format!("{}{path}", "../".repeat(depth))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::links::texts;

    fn book(language: Locale) -> Book {
        Book::read(language).unwrap()
    }

    /// Returns a page of a book with links for the book.
    fn chapter(language: Locale, page: &str, markdown: &str) -> String {
        book(language).chapter(Path::new(page), markdown, &mut BTreeSet::new())
    }

    #[test]
    fn tables_of_contents_have_every_page() {
        let english = book(Locale::En);
        let is_page = |text: &&PathBuf| {
            let name = text.to_string_lossy();
            name.starts_with("docs/") && !name.contains("SUMMARY") && !name.ends_with(".ko.md")
        };
        let texts = texts().unwrap();
        let listed: BTreeSet<&PathBuf> = english.pages.values().collect();
        let missing: Vec<_> = texts.iter().filter(is_page).filter(|text| !listed.contains(text)).collect();
        assert!(missing.is_empty(), "docs/SUMMARY.md lacks {missing:?}");
        for page in english.pages.values() {
            assert!(workspace::root().join(page).is_file(), "{} does not exist", page.display());
        }
    }

    #[test]
    fn both_books_have_the_same_pages_in_the_same_order_and_all_translations() {
        let [english, korean] = Locale::ALL.map(book);
        let order = |book: &Book| -> Vec<PathBuf> {
            links(&book.contents).iter().map(|(_, target)| in_book(&resolve(&book.summary, target))).collect()
        };
        assert_eq!(order(&english), order(&korean));
        for (path, page) in &korean.pages {
            let translation = english.pages[path].with_extension("ko.md");
            assert!(
                is_korean(page) || !workspace::root().join(&translation).exists(),
                "docs/SUMMARY.ko.md does not list {}",
                translation.display()
            );
        }
    }

    #[test]
    fn links_lead_to_pages_of_the_same_book() {
        let english = |markdown| chapter(Locale::En, "docs/deploying/README.md", markdown);
        assert_eq!(english("[a](destroy.md#b)"), "[a](../deploying/destroy.md#b)");
        assert_eq!(english("[a](../local-sagemaker/README.md)"), "[a](../local-sagemaker/index.md)");
        assert_eq!(english("[a](#b) [c](https://d)"), "[a](#b) [c](https://d)");
        assert_eq!(
            chapter(Locale::Ko, "docs/tutorial.ko.md", "[a](explanation/model.ko.md)"),
            "[a](explanation/model.md)"
        );
    }

    #[test]
    fn links_to_a_translation_lead_to_the_other_book() {
        let page = "docs/explanation/model";
        assert_eq!(
            chapter(Locale::En, &format!("{page}.md"), "[a](model.ko.md)"),
            "[a](../../ko/explanation/model.html)"
        );
        assert_eq!(
            chapter(Locale::Ko, &format!("{page}.ko.md"), "[a](model.md)"),
            "[a](../../en/explanation/model.html)"
        );
    }

    #[test]
    fn links_to_sources_become_text_and_pictures_are_copied() {
        let mut shown = BTreeSet::new();
        let page = Path::new("docs/capacity.md");
        let markdown = "[the `code`](../infra/src/lib.rs), ![a](images/b.svg)";
        let chapter = book(Locale::En).chapter(page, markdown, &mut shown);
        assert_eq!(chapter, "the `code`, ![a](images/b.svg)");
        assert_eq!(shown, BTreeSet::from([PathBuf::from("docs/images/b.svg")]));
    }

    #[test]
    fn english_pages_of_the_korean_book_say_so() {
        let files = book(Locale::Ko).files().unwrap();
        let text = |path: &str| String::from_utf8(files[Path::new(path)].clone()).unwrap();
        assert!(text("architecture.md").starts_with(ENGLISH_ONLY));
        assert!(text("tutorial.md").starts_with("# 튜토리얼"));
    }
}
