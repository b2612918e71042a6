//! Paths of the workspace.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use anyhow::{Context as _, Result};

/// This program's path at its start. Cargo may replace the file while the program runs; Linux then calls the running
/// one "xtask (deleted)".
static THIS_PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| env::current_exe().unwrap_or_default());

/// Returns the path of this program's file. `main` calls this first, before anything can replace the file.
pub fn this_program() -> &'static Path {
    &THIS_PROGRAM
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the workspace")
}

/// Returns a path of the command line as programs understand it that run at the workspace's root. Relative paths belong to
/// the folder in which the command was given.
pub fn from_caller(path: &Path) -> PathBuf {
    let folder = env::current_dir().unwrap_or_default();
    // Shown as it was typed where it means the same.
    if folder == root() { path.to_owned() } else { folder.join(path) }
}

/// Returns a path of the workspace: relative if the command was given at the root.
pub fn from_root(path: &str) -> PathBuf {
    let is_root = env::current_dir().is_ok_and(|folder| folder == root());
    if is_root { path.into() } else { root().join(path) }
}

/// Returns the folder for what the commands create: the site, packages, logs, Python environments.
pub fn target() -> PathBuf {
    root().join("target")
}

/// Returns the folder of the built site.
pub fn site() -> PathBuf {
    target().join("site")
}

/// Where cargo puts what it builds without `--target`: there it put this program, whatever `CARGO_TARGET_DIR`,
/// `build.target-dir` and `build.target` say. A folder for each profile.
pub fn cargo_output() -> PathBuf {
    // target/debug/xtask; as a test, target/debug/deps/xtask-*.
    let profile = this_program().ancestors().skip(1).find(|folder| !folder.ends_with("deps"));
    profile.and_then(Path::parent).map_or_else(target, Path::to_owned)
}

/// Cargo's target folder, which has a folder for each `--target` too.
pub fn cargo_target() -> PathBuf {
    let output = cargo_output();
    // Cargo writes this file into the target folder itself.
    let root = output.ancestors().take(2).find(|folder| folder.join(".rustc_info.json").is_file());
    root.map_or_else(|| output.clone(), Path::to_owned)
}

/// Returns the path of a native program that was built with a profile.
pub fn built(profile: &str, program: &str) -> PathBuf {
    cargo_output().join(profile).join(format!("{program}{}", env::consts::EXE_SUFFIX))
}

/// Returns the path of a native program of the profile `release`.
pub fn release(program: &str) -> PathBuf {
    built("release", program)
}

/// Returns the path of a native program of the profile `dev`.
pub fn debug(program: &str) -> PathBuf {
    built("debug", program)
}

/// Returns the path of a log, for output that is shown only if the command fails.
pub fn log(name: &str) -> PathBuf {
    target().join("xtask").join(format!("{name}.log"))
}

/// Removes a folder with all that is in it, if it is there.
pub fn remove_folder(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_command_line_belong_to_the_callers_folder() {
        // Tests run in the package's folder.
        assert_eq!(from_caller(Path::new("model.tar.gz")), root().join("xtask/model.tar.gz"));
        assert_eq!(from_caller(Path::new("/model.tar.gz")), Path::new("/model.tar.gz"));
    }
}
