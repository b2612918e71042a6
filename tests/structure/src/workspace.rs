//! The packages of the workspace, from `cargo metadata`.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// A package of the workspace.
#[derive(Debug, Clone)]
pub struct WorkspacePackage {
    /// Its name.
    pub name: String,
    /// Its description in one line.
    pub description: String,
    /// Its folder, relative to the workspace's root.
    pub folder: PathBuf,
    /// The root files of its library and its programs.
    pub root_files: Vec<PathBuf>,
    /// The packages of the workspace that it depends on, without those that only its tests need.
    pub dependencies: BTreeSet<String>,
}

/// Returns the root of the workspace.
///
/// # Panics
/// If this crate is not two folders below it.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the crate is in tests/structure")
}

/// Returns the packages of the workspace, by name.
///
/// # Errors
/// If `cargo metadata` fails or has another form.
pub fn packages() -> Result<Vec<WorkspacePackage>> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    let output = command.current_dir(root()).output().context("cannot start cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let all = array(&metadata["packages"])?;
    let names = all.iter().map(|package| text(&package["name"])).collect::<Result<BTreeSet<_>>>()?;
    let mut packages = all.iter().map(|package| read(package, &names)).collect::<Result<Vec<_>>>()?;
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(packages)
}

fn read(package: &Value, names: &BTreeSet<String>) -> Result<WorkspacePackage> {
    let manifest = PathBuf::from(text(&package["manifest_path"])?);
    let folder = manifest.parent().and_then(|folder| folder.strip_prefix(root()).ok());
    let mut root_files = Vec::new();
    for target in array(&package["targets"])? {
        let kind = target["kind"][0].as_str().unwrap_or_default();
        if !["test", "example", "bench", "custom-build"].contains(&kind) {
            root_files.push(PathBuf::from(text(&target["src_path"])?));
        }
    }
    let mut dependencies = BTreeSet::new();
    for dependency in array(&package["dependencies"])? {
        let name = text(&dependency["name"])?;
        if dependency["kind"] != "dev" && names.contains(&name) {
            dependencies.insert(name);
        }
    }
    Ok(WorkspacePackage {
        name: text(&package["name"])?,
        description: text(&package["description"])?,
        folder: folder.context("the package is outside of the workspace")?.to_owned(),
        root_files,
        dependencies,
    })
}

fn array(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().context("cargo metadata has another form")
}

fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).context("cargo metadata has another form")
}
