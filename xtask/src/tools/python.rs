//! A Python environment for oracles and peers, under target/, with pinned packages whose hashes are checked.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result, bail};

use super::system;
use crate::{
    process::{output, program, run},
    workspace,
};

const REQUIREMENTS: &str = "xtask/python/requirements.txt";
/// The oldest Python for which the pinned packages have wheels.
const MINIMUM: (u32, u32) = (3, 11);

/// The environment's folder and its interpreter.
fn venv() -> (PathBuf, PathBuf) {
    let folder = workspace::target().join("venv");
    let python = folder.join("bin/python");
    (folder, python)
}

/// The environment's interpreter, if it was made from the requirements as they are now.
pub fn installed() -> Option<PathBuf> {
    let (folder, python) = venv();
    let wanted = fs::read(workspace::root().join(REQUIREMENTS)).ok()?;
    let made_from = fs::read(folder.join("requirements.txt")).ok()?;
    (wanted == made_from && python.exists()).then_some(python)
}

/// The environment's interpreter; the environment is made first if need be.
pub fn ensure() -> Result<PathBuf> {
    if let Some(python) = installed() {
        return Ok(python);
    }
    let (folder, python) = venv();
    let base = base()?;
    eprintln!("  making a Python environment in {} with {}", folder.display(), base.display());
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    if run(program(&base).args(["-m", "venv"]).arg(&folder)).is_err() {
        // Debian splits venv from Python; without it a folder without pip is left.
        system::install(&["python3-venv"])?;
        run(program(&base).args(["-m", "venv", "--clear"]).arg(&folder))?;
    }
    let requirements = workspace::root().join(REQUIREMENTS);
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--only-binary=:all:",
        "--require-hashes",
    ];
    run(program(&python).args(pip).arg("--requirement").arg(&requirements))?;
    // Written last: an environment that was not finished does not count.
    fs::copy(&requirements, folder.join("requirements.txt"))?;
    Ok(python)
}

/// A Python that is new enough.
fn base() -> Result<PathBuf> {
    let find = || ["python3.11", "python3"].into_iter().filter_map(system::find).find(is_new_enough);
    if let Some(python) = find() {
        return Ok(python);
    }
    system::install(&["python3", "python3-venv"])?;
    match find() {
        Some(python) => Ok(python),
        None => bail!("Python {}.{} or newer is needed for the oracles and peers", MINIMUM.0, MINIMUM.1),
    }
}

fn is_new_enough(python: &PathBuf) -> bool {
    let version = output(program(python).args(["-c", "import sys; print(*sys.version_info[:2])"]));
    let parse = |version: String| -> Result<(u32, u32)> {
        let (major, minor) = version.split_once(' ').context("two numbers")?;
        Ok((major.parse()?, minor.parse()?))
    };
    version.and_then(|version| parse(version).ok()).is_some_and(|version| version >= MINIMUM)
}
