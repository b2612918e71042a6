//! Names of deployed resources are defined in `mysfits-infra` and nowhere else.

use std::{fs, process::Command};

use mysfits_structure::workspace;

/// How names of stacks begin: ours in the default stage, as a format string, and the workshop's.
const PREFIXES: [&str; 3] = ["Mysfits-dev-", "Mysfits-{", "MythicalMysfits-"];
/// Files and folders that may hold such a name, with the reason.
const EXCEPTIONS: [(&str, &str); 3] = [
    ("infra/", "it defines the names"),
    ("tests/structure/tests/names.rs", "it has the prefixes"),
    ("tests/e2e/src/cloud/foreign.rs", "the workshop's own stack, which the deployer must keep"),
];

#[test]
fn names_of_stacks_are_defined_in_one_crate() {
    let mut git = Command::new("git");
    git.current_dir(workspace::root()).args(["ls-files", "-z", "*.rs", "*.py", "*.sh", "*.js"]);
    let output = git.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut found = Vec::new();
    for file in String::from_utf8(output.stdout).unwrap().split_terminator('\0') {
        // Tests write out what they expect.
        let is_test = file.contains("/tests/") || file.ends_with("tests.rs");
        if is_test || EXCEPTIONS.iter().any(|(exception, _)| file.starts_with(exception)) {
            continue;
        }
        let Ok(text) = fs::read_to_string(workspace::root().join(file)) else { continue };
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate() {
            if PREFIXES.iter().any(|prefix| line.contains(prefix)) {
                found.push(format!("{file}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "use Stack::name or mysfits_infra::names:\n{}", found.join("\n"));
}
