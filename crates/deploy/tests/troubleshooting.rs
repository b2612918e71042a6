//! The documentation's page about errors: each text that it quotes is one of the program's.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{fs, path::Path};

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
    let mut continued = String::new();
    for line in fs::read_to_string(file).unwrap().lines() {
        let text = if continued.is_empty() { line } else { line.trim_start() };
        match text.strip_suffix('\\') {
            Some(begin) => continued.push_str(begin),
            None => lines.push(std::mem::take(&mut continued) + text),
        }
    }
}

/// Returns whether a line has all parts of a text, in order. `…` separates the parts.
fn has(line: &str, text: &str) -> bool {
    let mut rest = line;
    text.split('…').all(|part| match rest.split_once(part.trim()) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

/// Returns the texts in the first column of the page's tables.
fn quoted(page: &str) -> Vec<&str> {
    page.lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |").map(|(text, _)| text))
        .collect()
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
    let quoted = quoted(&page);
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
            if !is_obvious && !quoted.iter().any(|quoted| has(text, quoted)) {
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
    let quoted = quoted(&page);
    assert!(quoted.len() > 40, "{}", quoted.len());
    let unknown: Vec<_> =
        quoted.into_iter().filter(|text| !lines.iter().any(|line| has(line, text))).collect();
    assert!(
        unknown.is_empty(),
        "docs/deploying/troubleshooting.md quotes errors that do not exist: {unknown:#?}"
    );
}

#[test]
fn finds_the_parts_of_a_text_in_order() {
    assert!(has("the stack {name} exists without the tags {tags}", "the stack … exists without"));
    assert!(!has("exists without the stack", "the stack … exists"));
    assert!(!has("the stacks", "the bucket"));
}
