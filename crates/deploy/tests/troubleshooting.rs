//! The documentation's page about errors: each text that it quotes is one of the program's.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{fs, path::Path};

use mysfits_markdown::{has_parts, join_continued_lines, quoted_errors};

/// The crates whose errors the page lists.
const SOURCES: [&str; 4] =
    ["crates/deploy/src", "crates/deploy-cli/src", "crates/package/src", "infra/src/cfn"];

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Reads all Rust sources of a folder.
fn sources(folder: &Path, lines: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, lines);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            read(&path, lines);
        }
    }
}

/// Reads the lines of a file. A text that continues in the next line is joined.
fn read(file: &Path, lines: &mut Vec<String>) {
    let source = fs::read_to_string(file).unwrap();
    lines.extend(join_continued_lines(&source).lines().map(str::to_owned));
}

/// The files whose errors must all be on the page.
const LISTED: [&str; 6] = [
    "crates/deploy-cli/src/region.rs",
    "crates/deploy/src/error/registry_error.rs",
    "crates/deploy/src/image.rs",
    "crates/deploy/src/error.rs",
    "crates/deploy/src/error/plan_error.rs",
    "crates/deploy-cli/src/settings/error.rs",
];
/// Beginnings of errors that need no explanation, with the reason.
const OBVIOUS: [(&str, &str); 13] = [
    ("{doing} failed ({status}); {cause}", "the first cause is on the page"),
    ("cancelled; no changes made", "the user declined"),
    ("cannot make the package", "an error of the build"),
    ("cannot read", "the system's error follows"),
    ("cannot write the plan", "the system's error follows"),
    ("invalid tag", "it says what is wrong"),
    ("invalid value for {key", "it says what is expected"),
    ("is not a plan that", "it says what is wrong"),
    ("the output is incomplete", "the system's error follows"),
    ("the package has no", "it names the command"),
    ("the plan has no change set for", "it names the command"),
    ("{0}", "the message of a check that names the option"),
    ("{path}: ", "the message of a setting follows"),
];

#[test]
fn the_page_has_all_errors() {
    let page = fs::read_to_string(root().join("docs/deploying/troubleshooting.md")).unwrap();
    let quoted = quoted_errors(&page);
    let mut missing = Vec::new();
    for file in LISTED {
        let mut lines = Vec::new();
        read(&root().join(file), &mut lines);
        let mut after = lines.iter();
        while let Some(line) = after.next() {
            let Some(attribute) = line.trim().strip_prefix("#[error(") else { continue };
            // A long text is on a line of its own.
            let text = if attribute.is_empty() { after.next().unwrap() } else { attribute };
            let Some(text) = text.trim().strip_prefix('"') else { continue };
            let is_obvious = OBVIOUS.iter().any(|(words, _)| text.contains(words));
            if !is_obvious && !quoted.iter().any(|quoted| has_parts(text, quoted)) {
                missing.push(text.to_owned());
            }
        }
    }
    assert!(missing.is_empty(), "docs/deploying/troubleshooting.md lacks these errors: {missing:#?}");
}

#[test]
fn the_page_quotes_the_programs_errors() {
    let mut lines = Vec::new();
    for folder in SOURCES {
        sources(&root().join(folder), &mut lines);
    }
    let page = fs::read_to_string(root().join("docs/deploying/troubleshooting.md")).unwrap();
    let quoted = quoted_errors(&page);
    assert!(quoted.len() > 40, "{}", quoted.len());
    let unknown: Vec<_> =
        quoted.into_iter().filter(|text| !lines.iter().any(|line| has_parts(line, text))).collect();
    assert!(
        unknown.is_empty(),
        "docs/deploying/troubleshooting.md quotes errors that do not exist: {unknown:#?}"
    );
}
