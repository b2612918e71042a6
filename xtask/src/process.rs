//! Runs programs in the workspace, under headings with their durations.

use std::{
    ffi::OsStr,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result, bail};
use mysfits_output::errln;
use mysfits_process::command_line;

use crate::{feature_sharing, workspace};

/// Hosts that are reached without a proxy: the servers that the commands start.
const LOOPBACK: &str = "127.0.0.1,localhost,::1";

/// Returns a command for the cargo that runs this program, in the workspace's folder.
pub fn cargo() -> Command {
    program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Returns a command for a program in the workspace's folder. It reaches this machine without a proxy, whatever the environment
/// says.
pub fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(workspace::root()).envs(feature_sharing::inherited());
    for variable in ["NO_PROXY", "no_proxy"] {
        let others = std::env::var(variable).unwrap_or_default();
        command.env(
            variable,
            if others.is_empty() { LOOPBACK.to_owned() } else { format!("{LOOPBACK},{others}") },
        );
    }
    command
}

/// Prints what is about to be done.
pub fn heading(what: &str) {
    errln!("\n▶ {what}");
}

/// Does something under a heading, and prints how long it took.
pub fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    heading(what);
    let begun = Instant::now();
    let result = work().with_context(|| what.to_owned())?;
    errln!("✔ {what} ({:.1} s)", begun.elapsed().as_secs_f64());
    Ok(result)
}

/// Runs a program whose output is shown; fails if it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", command_line(command)))?;
    if !status.success() {
        bail!("{} failed: {status}", command_line(command));
    }
    Ok(())
}

/// Returns what a program prints, without white space around it; `None` if it cannot be started or fails.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
