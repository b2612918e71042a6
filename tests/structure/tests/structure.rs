//! The rules for the workspace's structure.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Command,
};

use mysfits_structure::{
    architecture,
    cycles::{self, Cycle},
    modules::{Module, ModuleTree},
    workspace::{self, WorkspacePackage, packages},
};

/// Names that every program or command uses for the same thing: its command line, and its README as documentation tests.
const CONVENTIONS: &[&str] = &["Args", "Arguments", "Cli", "Command", "Readme"];
/// Names of the same concept in several crates, with the reason.
const SAME_CONCEPT: &[(&str, &str)] = &[
    ("BoxFuture", "a future on the heap, as the crate futures calls it"),
    ("InputChannel", "an input channel of a training job: of a request and of /opt/ml"),
    ("Channels", "the input channels of a training job"),
    ("Container", "SageMaker's: CloudFormation's properties and the emulator's request"),
    ("Endpoint", "SageMaker's: CloudFormation's properties, the emulator's state, the served one"),
    ("EndpointConfig", "SageMaker's: CloudFormation's properties and the emulator's state"),
    ("LifecycleConfig", "SageMaker's: CloudFormation's properties and the emulator's state"),
    ("Repository", "CodeCommit's: CloudFormation's properties and the emulator's state"),
    ("Tag", "AWS's: CloudFormation's properties and the emulator's state"),
    ("Tags", "AWS's: CloudFormation's properties and the emulator's state"),
    ("TrainingJob", "SageMaker's: the emulator's state and the notebook's"),
    ("Variant", "SageMaker's: CloudFormation's properties and the emulator's state"),
];

/// Crates that must compile for every target and know no runtime, no HTTP and no AWS.
const PURE: [&str; 2] = ["mysfits-domain", "mysfits-knn"];
/// The crates that they must not depend on; a name with a hyphen at the end is a prefix.
const IMPURE: [&str; 6] = ["tokio", "axum", "hyper", "http", "reqwest", "aws-"];

/// How names of stacks begin: ours in the default stage, as a format string, and the workshop's.
const STACK_PREFIXES: [&str; 3] = ["Mysfits-dev-", "Mysfits-{", "MythicalMysfits-"];
/// Files and folders that may hold such a name, with the reason.
const STACK_EXCEPTIONS: [(&str, &str); 3] = [
    ("infra/", "it defines the names"),
    ("tests/structure/tests/structure.rs", "it has the prefixes"),
    ("tests/e2e/src/cloud/foreign.rs", "the workshop's own stack, which the deployer must keep"),
];

/// Returns the module trees of a package's library and programs.
fn trees(package: &WorkspacePackage) -> Vec<ModuleTree> {
    package.root_files.iter().map(|file| ModuleTree::read(file).expect("sources that compile")).collect()
}

#[test]
fn modules_import_in_one_direction() {
    let mut found = Vec::new();
    for package in packages().unwrap() {
        for cycle in trees(&package).iter().flat_map(cycles::find) {
            let Cycle { references, .. } = &cycle;
            found.push(format!("{} {cycle}\n    {}", package.name, references.join("\n    ")));
        }
    }
    assert!(found.is_empty(), "these modules import each other in a circle:\n{}", found.join("\n"));
}

#[test]
fn type_names_are_unique() {
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages().unwrap() {
        for tree in trees(&package) {
            // One crate tests files of another.
            let folder = workspace::root().join(&package.folder);
            let is_own =
                |module: &Module| module.file.canonicalize().is_ok_and(|file| file.starts_with(&folder));
            for (path, module) in tree.0.iter().filter(|(_, module)| is_own(module)) {
                // The two faces of a module, for the server and for the browser, are one place.
                let is_face = path.last().is_some_and(|name| name == "hydrate" || name == "ssr");
                let path = if is_face { &path[..path.len() - 1] } else { path };
                let place = format!("{} crate::{}", package.name, path.join("::"));
                for name in &module.types {
                    places.entry(name.clone()).or_default().insert(place.clone());
                }
            }
        }
    }
    let is_allowed =
        |name: &str| CONVENTIONS.contains(&name) || SAME_CONCEPT.iter().any(|(known, _)| *known == name);
    let new: Vec<String> = places
        .iter()
        .filter(|(name, places)| places.len() > 1 && !is_allowed(name))
        .map(|(name, places)| format!("{name}: {}", places.iter().cloned().collect::<Vec<_>>().join(", ")))
        .collect();
    assert!(new.is_empty(), "these names are defined more than once:\n{}", new.join("\n"));
}

#[test]
fn pure_crates_know_no_runtime_http_or_aws() {
    for package in PURE {
        let mut tree = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        tree.args(["tree", "--offline", "--package", package, "--edges", "normal", "--prefix", "none"]);
        let output = tree.current_dir(workspace::root()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            let name = line.split(' ').next().unwrap_or_default();
            let is_impure =
                |impure: &str| name == impure || impure.ends_with('-') && name.starts_with(impure);
            assert!(!IMPURE.into_iter().any(is_impure), "{package} must not depend on {line}");
        }
    }
}

/// Run with `UPDATE_EXPECT=1` to write the generated parts.
#[test]
fn architecture_shows_the_dependencies() {
    let path = workspace::root().join("docs/architecture.md");
    let document = fs::read_to_string(&path).unwrap();
    let updated = architecture::update(&document, &packages().unwrap()).unwrap();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, updated).unwrap();
    } else {
        assert!(
            document == updated,
            "docs/architecture.md is out of date; run: UPDATE_EXPECT=1 cargo test -p mysfits-structure"
        );
    }
}

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
        if is_test || STACK_EXCEPTIONS.iter().any(|(exception, _)| file.starts_with(exception)) {
            continue;
        }
        let Ok(text) = fs::read_to_string(workspace::root().join(file)) else { continue };
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate() {
            if STACK_PREFIXES.iter().any(|prefix| line.contains(prefix)) {
                found.push(format!("{file}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "use Stack::name or mysfits_infra::names:\n{}", found.join("\n"));
}
