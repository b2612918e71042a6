//! The generated parts of `docs/architecture.md`: a drawing of the dependencies between crates, a table of all crates, and a
//! list of the decisions.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
};

use anyhow::{Context as _, Result};

use crate::workspace::{WorkspacePackage, root};

/// Where crates are that the drawing leaves out: tests, documentation and the commands depend on much of the rest, and
/// no crate depends on them.
const NOT_DRAWN: [&str; 4] = ["docs", "notebook", "tests", "xtask"];

/// Returns the document with its generated parts as they must be.
///
/// # Errors
/// If the document lacks a mark of a generated part.
pub fn update(document: &str, packages: &[WorkspacePackage]) -> Result<String> {
    let document = replace(document, "dependencies", &drawing(packages)?)?;
    let document = replace(&document, "crates", &table(packages)?)?;
    replace(&document, "decisions", &decisions(&root().join("docs/adr"))?)
}

/// Returns the dependencies between crates as a Mermaid flowchart. An arrow that other arrows imply is left out.
fn drawing(packages: &[WorkspacePackage]) -> Result<String> {
    let is_drawn =
        |package: &&WorkspacePackage| !NOT_DRAWN.iter().any(|folder| package.folder.starts_with(folder));
    let drawn: BTreeMap<&str, &WorkspacePackage> =
        packages.iter().filter(is_drawn).map(|package| (package.name.as_str(), package)).collect();
    let mut text = "```mermaid\nflowchart TD\n".to_owned();
    for (name, package) in &drawn {
        let direct = &package.dependencies;
        let indirect: BTreeSet<&str> =
            direct.iter().flat_map(|dependency| reachable(dependency, &drawn)).collect();
        writeln!(text, "    {}", short(name))?;
        for dependency in direct.iter().filter(|dependency| !indirect.contains(dependency.as_str())) {
            writeln!(text, "    {} --> {}", short(name), short(dependency))?;
        }
    }
    text.push_str("```\n");
    Ok(text)
}

/// Returns the names of the packages that a package depends on, directly or not.
fn reachable<'a>(name: &str, packages: &BTreeMap<&'a str, &'a WorkspacePackage>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut left: Vec<&str> =
        packages.get(name).into_iter().flat_map(|it| &it.dependencies).map(String::as_str).collect();
    while let Some(name) = left.pop() {
        if reached.insert(name) {
            left.extend(packages.get(name).into_iter().flat_map(|it| &it.dependencies).map(String::as_str));
        }
    }
    reached
}

/// Returns all crates with their descriptions and dependencies, in the order of their folders.
fn table(packages: &[WorkspacePackage]) -> Result<String> {
    let mut text = "| folder | crate | what it is | depends on |\n| --- | --- | --- | --- |\n".to_owned();
    let mut sorted: Vec<&WorkspacePackage> = packages.iter().collect();
    sorted.sort_by(|a, b| a.folder.cmp(&b.folder));
    for WorkspacePackage { name, description, folder, dependencies, .. } in sorted {
        let dependencies: Vec<&str> = dependencies.iter().map(|dependency| short(dependency)).collect();
        writeln!(
            text,
            "| `{}` | `{name}` | {description} | {} |",
            folder.display(),
            if dependencies.is_empty() { "-".to_owned() } else { dependencies.join(", ") }
        )?;
    }
    Ok(text)
}

/// Returns links to the decisions in a folder, by the first lines of the files: `# NUMBER: TITLE`.
fn decisions(folder: &Path) -> Result<String> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut names = entries
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<Vec<_>>>()?;
    names.retain(|name| name != "README.md");
    names.sort();
    let mut text = String::new();
    for name in names {
        let record = fs::read_to_string(folder.join(&name))?;
        let title = record.lines().next().and_then(|line| line.strip_prefix("# "));
        let title = title.with_context(|| format!("{name} does not begin with a title"))?;
        writeln!(text, "- [{title}](adr/{name})")?;
    }
    Ok(text)
}

/// Returns the name of a crate without the prefix that most have.
fn short(name: &str) -> &str {
    name.strip_prefix("mysfits-").unwrap_or(name)
}

/// Replaces what is between `<!-- generated: NAME -->` and `<!-- end -->`.
fn replace(document: &str, name: &str, text: &str) -> Result<String> {
    let mark = format!("<!-- generated: {name} -->\n");
    let split = document.split_once(&mark).and_then(|(before, rest)| {
        let (_, after) = rest.split_once("<!-- end -->")?;
        Some(format!("{before}{mark}\n{text}\n<!-- end -->{after}"))
    });
    split.with_context(|| format!("the document has no part {name}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn package(name: &str, dependencies: &[&str]) -> WorkspacePackage {
        WorkspacePackage {
            name: name.to_owned(),
            description: format!("The {name}"),
            folder: name.into(),
            root_files: Vec::new(),
            dependencies: dependencies.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn draws_every_arrow_that_others_do_not_imply() {
        let packages = [
            package("mysfits-a", &["mysfits-b", "c"]),
            package("mysfits-b", &["c"]),
            package("c", &[]),
            package("xtask", &["mysfits-a"]),
        ];
        let expected = "```mermaid\nflowchart TD\n    c\n    a\n    a --> b\n    b\n    b --> c\n```\n";
        assert_eq!(drawing(&packages).unwrap(), expected);
    }

    #[test]
    fn replaces_the_generated_parts_only() {
        let document = "x\n<!-- generated: crates -->\nold\n<!-- end -->\ny\n";
        let expected = "x\n<!-- generated: crates -->\n\nnew\n\n<!-- end -->\ny\n";
        assert_eq!(replace(document, "crates", "new\n").unwrap(), expected);
        assert!(replace(document, "other", "new\n").is_err());
    }
}
