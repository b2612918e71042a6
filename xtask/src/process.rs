//! Runs programs in the workspace, under headings with their durations.

use std::{
    ffi::OsStr,
    process::{Command, Stdio},
    thread,
    time::Instant,
};

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use mysfits_output::errln;
use mysfits_process::command_line;

use crate::{feature_sharing, workspace};

/// Hosts that are reached without a proxy: the servers that the commands start.
const LOOPBACK: &str = "127.0.0.1,localhost,::1";
/// What cargo and rustup tell their children about themselves, besides the package.
const INHERITED: [&str; 12] = [
    "CARGO",
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_TARGET_DIR",
    "LD_LIBRARY_PATH",
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTDOC",
    "RUSTFLAGS",
    "RUSTUP_TOOLCHAIN",
    "RUSTUP_TOOLCHAIN_SOURCE",
    "RUST_RECURSION_COUNT",
];

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

/// Removes what cargo and rustup tell their children about themselves: a cargo of another toolchain must not hear it.
pub fn without_toolchain(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        let shown = name.to_string_lossy();
        if INHERITED.contains(&&*shown)
            || shown.starts_with("CARGO_PKG_")
            || shown.starts_with("CARGO_MANIFEST_")
        {
            command.env_remove(name);
        }
    }
    command
}

/// Adds an option to a command if it has a value.
pub fn add_option(command: &mut Command, name: &str, value: Option<impl AsRef<OsStr>>) {
    if let Some(value) = value {
        command.arg(name).arg(value);
    }
}

/// Returns the name of a choice on the command line.
pub fn choice_name(choice: impl ValueEnum) -> String {
    choice.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
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

/// Runs programs at the same time, whose output is shown as it comes; fails if one fails, after all have ended.
pub fn run_together(commands: &mut [Command]) -> Result<()> {
    thread::scope(|scope| {
        let runs: Vec<_> = commands.iter_mut().map(|command| scope.spawn(|| run(command))).collect();
        let ended = runs.into_iter().map(|run| run.join().unwrap_or_else(|_| bail!("a thread panicked")));
        // All are waited for before the first failure is returned.
        ended.collect::<Vec<_>>().into_iter().collect()
    })
}

/// Returns what a program prints, without white space around it; `None` if it cannot be started or fails.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
