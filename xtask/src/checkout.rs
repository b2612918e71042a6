//! The Git checkout that the workspace is in, if it is in one.
//!
//! The sources may also come from an archive, or belong to a user whose checkouts Git does not trust.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail, ensure};

use crate::{process::program, workspace};

/// Returns what Git prints in the workspace, without white space around it.
///
/// # Errors
/// If the workspace is not a checkout of its own, or Git is not installed or fails; says how to solve it.
pub fn git(arguments: &[&str]) -> Result<String> {
    git_in(workspace::root(), arguments)
}

fn git_in(root: &Path, arguments: &[&str]) -> Result<String> {
    // Git would use the repository of a folder further up, which knows nothing of these files.
    ensure!(root.join(".git").exists(), "{} is no Git checkout: it has no .git", root.display());
    let command = format!("git {}", arguments.join(" "));
    let output = match program("git").current_dir(root).args(arguments).output() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => bail!("git is not installed"),
        output => output.with_context(|| format!("cannot start {command}"))?,
    };
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command} failed: {}", stderr.trim());
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Returns the source files, relative to the workspace's root: those that Git knows or would add, or, without Git, all
/// files except those in hidden folders and in folders of built files.
///
/// # Errors
/// If a folder cannot be read.
pub fn source_files() -> Result<Vec<PathBuf>> {
    files_in(workspace::root())
}

fn files_in(root: &Path) -> Result<Vec<PathBuf>> {
    let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    if let Ok(files) = git_in(root, &list) {
        return Ok(files.split_terminator('\0').map(PathBuf::from).collect());
    }
    let mut files = Vec::new();
    walk(root, Path::new(""), &mut files)?;
    files.sort();
    Ok(files)
}

/// Folders that hold no sources.
const BUILT: [&str; 3] = ["target", "node_modules", "__pycache__"];
/// A hidden folder that holds sources.
const CARGO_CONFIG: &str = ".cargo";

fn walk(root: &Path, folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let path = root.join(folder);
    for entry in fs::read_dir(&path).with_context(|| format!("cannot read {}", path.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        let path = folder.join(&name);
        if !entry.file_type()?.is_dir() {
            // In a second work tree of a repository, .git is a file.
            if name != ".git" {
                files.push(path);
            }
            continue;
        }
        let name = name.to_string_lossy();
        if !BUILT.contains(&&*name) && (!name.starts_with('.') || name == CARGO_CONFIG) {
            walk(root, &path, files)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> io::Result<tempfile::TempDir> {
        let root = tempfile::tempdir()?;
        for file in ["README.md", "a/src/lib.rs", ".cargo/config.toml", "a/target/x.md", ".venv/y.md"] {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap_or(root.path()))?;
            fs::write(path, "")?;
        }
        Ok(root)
    }

    #[test]
    fn lists_files_without_a_checkout() {
        let root = tree().unwrap();
        let expected = [".cargo/config.toml", "README.md", "a/src/lib.rs"].map(PathBuf::from);
        assert_eq!(files_in(root.path()).unwrap(), expected);
        // As after `git clone` by another user: there is a .git, and Git refuses to read it.
        fs::write(root.path().join(".git"), "gitdir: nowhere").unwrap();
        assert_eq!(files_in(root.path()).unwrap(), expected);
    }

    #[test]
    fn lists_the_files_of_this_workspace() {
        let files = source_files().unwrap();
        for file in ["README.md", "xtask/src/main.rs", ".cargo/config.toml"] {
            assert!(files.contains(&file.into()), "{file}");
        }
        assert!(files.iter().all(|file| !file.starts_with("target")));
    }

    #[test]
    fn says_why_git_is_of_no_use() {
        let root = tree().unwrap();
        let reason = git_in(root.path(), &["rev-parse", "HEAD"]).unwrap_err().to_string();
        assert_eq!(reason, format!("{} is no Git checkout: it has no .git", root.path().display()));
        fs::write(root.path().join(".git"), "gitdir: nowhere").unwrap();
        let reason = git_in(root.path(), &["rev-parse", "HEAD"]).unwrap_err().to_string();
        assert!(reason.starts_with("git rev-parse HEAD failed: fatal: "), "{reason}");
    }
}
