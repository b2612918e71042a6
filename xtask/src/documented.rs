//! Tests that documentation names what the sources have: errors and environment variables.

use std::{collections::BTreeSet, fs, path::PathBuf};

use mysfits_markdown::{has_parts, join_continued_lines, quoted_errors};

use crate::{checkout, workspace};

/// Variables that one of the programs or tests sets for another one.
const INTERNAL: [&str; 9] = [
    "MYSFITS_AWS_JSON_URL",
    "MYSFITS_CALLS",
    "MYSFITS_NODE",
    "MYSFITS_PACKAGES",
    "MYSFITS_PYTHON",
    "MYSFITS_RECORDED_CALLS",
    "MYSFITS_RUST",
    "MYSFITS_SCALE_ROWS",
    "MYSFITS_SHARE_FEATURES",
];

fn text(path: &str) -> String {
    fs::read_to_string(workspace::root().join(path)).unwrap()
}

/// Returns the Rust sources without tests, each as one text in which continued strings are joined.
fn sources() -> Vec<String> {
    let files = checkout::source_files().unwrap();
    let is_source = |file: &&PathBuf| {
        let name = file.to_string_lossy();
        let is_test = name.contains("tests/") || name.ends_with("documented.rs");
        file.extension().is_some_and(|extension| extension == "rs") && !is_test
    };
    let files = files.iter().filter(is_source);
    let texts = files.filter_map(|file| fs::read_to_string(workspace::root().join(file)).ok());
    texts.map(|text| join_continued_lines(&text)).collect()
}

#[test]
fn troubleshooting_quotes_existing_errors() {
    let (page, sources) = (text("docs/troubleshooting.md"), sources());
    let quoted = quoted_errors(&page);
    assert!(quoted.len() > 20, "{}", quoted.len());
    let exists = |text: &&str| sources.iter().any(|source| source.lines().any(|line| has_parts(line, text)));
    let unknown: Vec<_> = quoted.into_iter().filter(|text| !exists(text)).collect();
    assert!(unknown.is_empty(), "docs/troubleshooting.md quotes errors that do not exist: {unknown:#?}");
}

/// Returns the texts between `start` and the next `"`.
fn literals<'a>(source: &'a str, start: &'a str) -> impl Iterator<Item = &'a str> {
    source.match_indices(start).filter_map(|(at, _)| source[at + start.len()..].split('"').next())
}

#[test]
fn configuration_lists_all_environment_variables() {
    let page = text("docs/reference/configuration.md");
    let listed: BTreeSet<&str> =
        page.split('`').skip(1).step_by(2).filter(|name| is_variable(name)).collect();
    let sources = sources();
    let mut read: BTreeSet<String> = BTreeSet::new();
    for source in &sources {
        let own = literals(source, "\"MYSFITS_").map(|name| format!("MYSFITS_{name}"));
        read.extend(own.filter(|name| is_variable(name) && !INTERNAL.contains(&&**name)));
        read.extend(literals(source, "env = \"").map(str::to_owned).filter(|name| is_variable(name)));
    }
    let function = text("crates/lambda/src/config.rs");
    read.extend(literals(&function, ": &str = \"").filter(|name| is_variable(name)).map(str::to_owned));
    assert!(read.len() > 10, "{read:?}");
    let missing: Vec<_> = read.iter().filter(|name| !listed.contains(&***name)).collect();
    assert!(missing.is_empty(), "docs/reference/configuration.md lacks {missing:?}");
    let quoted = |name: &&str| sources.iter().any(|source| source.contains(&format!("\"{name}\"")));
    let unknown: Vec<_> =
        listed.into_iter().filter(|name| !name.starts_with("AWS_") && !quoted(name)).collect();
    assert!(
        unknown.is_empty(),
        "docs/reference/configuration.md lists variables that are not read: {unknown:?}"
    );
}

#[test]
fn configuration_lists_all_keys_of_the_site() {
    let (page, source) = (text("docs/reference/configuration.md"), text("crates/site/src/settings.rs"));
    let (_, keys) = source.split_once("\nconst KEYS: [&str; ").unwrap();
    let (keys, _) = keys.split_once("];\n").unwrap();
    let keys: Vec<&str> = keys.split('"').skip(1).step_by(2).collect();
    assert!(keys.len() > 7, "{keys:?}");
    let missing: Vec<_> = keys.iter().filter(|key| !page.contains(&format!("`{key}`"))).collect();
    assert!(missing.is_empty(), "docs/reference/configuration.md lacks {missing:?}");
}

/// Returns whether a text is the name of an environment variable.
fn is_variable(name: &str) -> bool {
    name.len() > 1 && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}
