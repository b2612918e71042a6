//! Finding and installing programs of the system.

use std::{
    env,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use anyhow::{Result, bail};
use mysfits_output::errln;

use crate::process::{output, program, run};

/// A program on the PATH.
pub fn find(name: &str) -> Option<PathBuf> {
    let paths = env::var_os("PATH")?;
    env::split_paths(&paths).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Whether packages can be installed without asking anyone: Debian or a child of it, and we are root.
pub fn can_install() -> bool {
    find("apt-get").is_some() && output(program("id").arg("-u")).is_some_and(|id| id == "0")
}

/// Whether the list of packages was brought up to date, once a run.
static UPDATED: OnceLock<bool> = OnceLock::new();

/// Installs Debian packages, or says which command would.
pub fn install(packages: &[&str]) -> Result<()> {
    let command = format!("apt-get install --no-install-recommends {}", packages.join(" "));
    if !can_install() {
        bail!("please install what is missing, for example with: sudo {command}");
    }
    errln!("  installing: {}", packages.join(", "));
    // The list may be old or missing: that shows in the install, so a failure here is not the end.
    UPDATED.get_or_init(|| run(apt_get().arg("update")).is_ok());
    run(apt_get().args(["install", "--yes", "--no-install-recommends"]).args(packages))
}

fn apt_get() -> std::process::Command {
    let mut command = program("apt-get");
    command.arg("--quiet=2").env("DEBIAN_FRONTEND", "noninteractive").stdout(std::process::Stdio::null());
    command
}

/// Whether a path is a file, as a word for people.
pub fn exists(path: &Path) -> bool {
    path.is_file()
}
