//! `docs`: the documentation as two books, English and Korean, by mdBook.
//!
//! The pages are written for the repository, where their links lead from file to file. `docs/SUMMARY.md` and `docs/SUMMARY.ko.md`
//! list them in mdBook's format. `pages` makes the chapters of a book out of them; `built` checks the links of the finished
//! books. `docs/book` holds the books' script and style sheet.

mod built;
mod pages;
mod terminal;

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use mysfits_domain::Locale;
use mysfits_output::outln;

use crate::{
    process::{program, run as run_program, step},
    tools::{
        node::{JavaScript, Scripts},
        python::PythonEnvironment,
    },
    workspace,
};
use pages::Book;

/// Build the documentation as two books, English and Korean, in target/docs
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only write docs/images/terminal.svg, the picture of a terminal in the READMEs
    #[arg(long)]
    terminal: bool,
}

/// The page at the root of the books: a choice of the language.
const START: &str = r#"<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mythical Mysfits recommendations</title>
<meta http-equiv="refresh" content="5; url=en/index.html">
<p><a href="en/index.html" hreflang="en">English</a></p>
<p><a href="ko/index.html" hreflang="ko" lang="ko">한국어</a></p>
</html>
"#;

pub fn run(args: &Args) -> Result<()> {
    if args.terminal {
        return terminal::write();
    }
    build()?;
    Ok(outln!("{}", workspace::from_root("target/docs/index.html").display())?)
}

/// Builds both books and checks their links.
pub fn build() -> Result<()> {
    step("mdBook (a wheel)", || PythonEnvironment::MdBook.ensure())?;
    let scripts = step("Mermaid (Node)", || JavaScript::ensure(Scripts::Book))?;
    let folder = workspace::target().join("docs");
    workspace::remove_folder(&folder)?;
    for language in Locale::ALL {
        step(&format!("the book in {}", name(language)), || book(language, &folder))?;
    }
    write(&folder.join("index.html"), START)?;
    let mermaid = scripts.module("@mermaid-js/tiny/dist/mermaid.tiny.js");
    fs::copy(mermaid, folder.join("mermaid.js")).context("cannot copy Mermaid")?;
    step("the links of the books", || built::check(&folder))
}

/// Returns the name of a language in English.
fn name(language: Locale) -> &'static str {
    match language {
        Locale::En => "English",
        Locale::Ko => "Korean",
    }
}

/// Builds the book of a language into its folder in `folder`.
fn book(language: Locale, folder: &Path) -> Result<()> {
    let source = workspace::target().join("xtask/book").join(language.code());
    workspace::remove_folder(&source)?;
    for (path, bytes) in Book::read(language)?.files()? {
        write(&source.join("src").join(path), bytes)?;
    }
    for file in ["mysfits.css", "mysfits.js"] {
        fs::copy(workspace::root().join("docs/book").join(file), source.join(file))
            .with_context(|| format!("cannot copy docs/book/{file}"))?;
    }
    let title = match language {
        Locale::En => "Mythical Mysfits recommendations",
        Locale::Ko => "Mythical Mysfits 추천",
    };
    write(&source.join("book.toml"), configuration(title, language))?;
    let mut mdbook = program(PythonEnvironment::MdBook.program("mdbook"));
    mdbook.arg("build").arg(&source).arg("--dest-dir").arg(folder.join(language.code()));
    run_program(mdbook.env("MDBOOK_LOG", "warn").env("RUST_LOG", "warn"))
}

/// Returns the configuration of a book. Blocks of Rust are not sent to the playground, which lacks the workspace's crates.
fn configuration(title: &str, language: Locale) -> String {
    format!(
        r#"[book]
title = "{title}"
language = "{}"

[build]
create-missing = false

[output.html]
default-theme = "light"
preferred-dark-theme = "navy"
additional-css = ["mysfits.css"]
additional-js = ["mysfits.js"]

[output.html.playground]
runnable = false

[output.html.print]
enable = false

[output.html.fold]
enable = true
level = 0
"#,
        language.code()
    )
}

/// Writes a file, and its folder first.
fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
