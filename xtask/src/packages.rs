//! The workspace's crates as they would be published: their packages, unpacked.
//!
//! What does not say `publish = false` is publishable. Packages go to `target/crates`, for `target/package` is what is
//! deployed.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    checkout,
    process::{cargo, output, program, run as run_program, step},
    workspace,
};

/// All crates with all features. Together with `--examples`, which needs the dev-dependencies, cargo compiles the same
/// dependencies as for `--all-targets`, and shares them: without it, dependencies have fewer features and are checked again.
pub const ALL_FEATURES: [&str; 2] = ["--workspace", "--all-features"];

/// A crate of the workspace, as `cargo metadata` describes it.
#[derive(Deserialize)]
pub struct WorkspaceMember {
    pub name: String,
    version: String,
    manifest_path: PathBuf,
    /// Its features, by name, with what they enable.
    features: BTreeMap<String, Value>,
    rust_version: String,
    license: String,
    /// Nothing where any registry will do, an empty list for `publish = false`.
    publish: Option<Vec<String>>,
}

impl WorkspaceMember {
    pub fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }

    /// Returns its features, by name.
    pub fn features(&self) -> Vec<&str> {
        self.features.keys().map(String::as_str).collect()
    }

    fn is_publishable(&self) -> bool {
        self.publish.is_none()
    }

    /// Returns the file that `cargo package` makes.
    fn package(&self) -> PathBuf {
        folder().join("package").join(format!("{}-{}.crate", self.name, self.version))
    }
}

/// Returns the crates of the workspace, by name.
pub fn members() -> Result<Vec<WorkspaceMember>> {
    let metadata = output(cargo().args(["metadata", "--no-deps", "--format-version", "1"]));
    let mut metadata: Value = serde_json::from_str(&metadata.context("cargo metadata failed")?)?;
    let mut members: Vec<WorkspaceMember> =
        serde_json::from_value(metadata["packages"].take()).context("cargo metadata has another form")?;
    members.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(members)
}

/// Returns the publishable crates of the workspace, by name.
pub fn publishable() -> Result<Vec<WorkspaceMember>> {
    Ok(members()?.into_iter().filter(WorkspaceMember::is_publishable).collect())
}

/// Returns where packages are made and unpacked.
fn folder() -> PathBuf {
    workspace::target().join("crates")
}

/// Returns where a crate's package is unpacked.
pub fn unpacked(name: &str) -> PathBuf {
    folder().join("unpacked").join(name)
}

/// Packages every publishable crate as `cargo publish` would, and unpacks what has changed.
///
/// Compiles nothing; the users of the packages do that.
pub fn make() -> Result<()> {
    let members = members()?;
    let command = |network: &[&str]| {
        let mut package = cargo();
        package.args(["package", "--quiet", "--workspace", "--no-verify", "--allow-dirty"]).args(network);
        for member in members.iter().filter(|member| !member.is_publishable()) {
            package.args(["--exclude", &member.name]);
        }
        package.arg("--target-dir").arg(folder());
        package
    };
    // What is known of the registry is enough where the workspace was built; asking again for each crate takes longer
    // than the packaging.
    if output(&mut command(&["--offline"])).is_none() {
        run_program(&mut command(&[]))?;
    }
    members.iter().filter(|member| member.is_publishable()).try_for_each(unpack)
}

/// Unpacks a package, unless it is the one that is there: cargo compiles again what has newer files.
fn unpack(member: &WorkspaceMember) -> Result<()> {
    let package = member.package();
    let (destination, copy) = (unpacked(&member.name), unpacked(&format!("{}.crate", member.name)));
    let bytes = fs::read(&package).with_context(|| format!("cannot read {}", package.display()))?;
    if destination.is_dir() && fs::read(&copy).is_ok_and(|unpacked| unpacked == bytes) {
        return Ok(());
    }
    workspace::remove_folder(&destination)?;
    extract(&package, &destination)?;
    fs::write(copy, bytes)?;
    Ok(())
}

fn extract(package: &Path, destination: &Path) -> Result<()> {
    fs::create_dir_all(destination)?;
    // Times inside are those of no day; the files get today's, else cargo would not see that they are new.
    let mut tar = program("tar");
    tar.args(["--extract", "--gzip", "--touch", "--strip-components", "1", "--file"]).arg(package);
    run_program(tar.arg("--directory").arg(destination))
}

/// Compiles every package, in a workspace that is ours but for the packages in the place of their sources.
///
/// `cargo package` would compile each with all that it depends on, SDKs included. Here only the workspace's own crates
/// are compiled: the members and so the features are the same, and the rest is in the target folder already.
fn compile() -> Result<()> {
    let copy = folder().join("workspace");
    workspace::remove_folder(&copy)?;
    let members = publishable()?;
    let folders = members.iter().map(|member| relative(member.folder())).collect::<Result<Vec<_>>>()?;
    let files = checkout::source_files()?;
    let ours = files.iter().filter(|file| !folders.iter().any(|folder| file.starts_with(folder)));
    for file in ours {
        copy_file(&workspace::root().join(file), &copy.join(file))?;
    }
    for (member, folder) in members.iter().zip(&folders) {
        extract(&member.package(), &copy.join(folder))?;
    }
    let manifest = copy.join("Cargo.toml");
    let patches = members
        .iter()
        .zip(&folders)
        .map(|(member, folder)| format!("{} = {{ path = \"{}\" }}\n", member.name, folder.display()));
    let patches: String = patches.collect();
    let text = fs::read_to_string(&manifest)?;
    fs::write(&manifest, format!("{text}\n[patch.crates-io]\n{patches}"))?;
    let mut check = cargo();
    check.args(["check", "--lib", "--bins", "--examples"]).args(ALL_FEATURES);
    check.args(["--offline", "--manifest-path"]).arg(&manifest);
    run_program(check.arg("--target-dir").arg(workspace::cargo_target()))
}

fn relative(folder: &Path) -> Result<&Path> {
    folder.strip_prefix(workspace::root()).context("a member is outside of the workspace")
}

fn copy_file(from: &Path, to: &Path) -> Result<()> {
    if !from.is_file() {
        return Ok(()); // removed and not yet committed
    }
    let folder = to.parent().context("a file is in a folder")?;
    fs::create_dir_all(folder)?;
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}

/// Checks that every package, made before, holds the files of a package and compiles.
pub fn check() -> Result<()> {
    step("the packages are complete", check_files)?;
    step("the packages compile", compile)
}

/// Checks that every package holds its README, its changelog and its licenses.
fn check_files() -> Result<()> {
    for member in publishable()? {
        for file in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE", "src/lib.rs"] {
            let path = unpacked(&member.name).join(file);
            ensure!(path.is_file(), "the package of {} has no {file}", member.name);
        }
        for file in ["LICENSE-MIT", "LICENSE-APACHE"] {
            // The crates' licenses are symbolic links, which some systems check out as texts.
            ensure!(
                fs::read(unpacked(&member.name).join(file))? == fs::read(workspace::root().join(file))?,
                "{file} in the package of {} is not the workspace's; check out symbolic links: git config core.symlinks true",
                member.name
            );
        }
        let readme = fs::read_to_string(unpacked(&member.name).join("README.md"))?;
        // On what terms and with which Rust it can be used.
        let terms = format!("Rust {} or newer; {}.", member.rust_version, member.license);
        ensure!(
            readme.trim_end().ends_with(&terms),
            "the README of {} does not end with {terms:?}",
            member.name
        );
    }
    Ok(())
}
