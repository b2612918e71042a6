//! The local cloud: a process that is started empty and ended at the end.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Result, bail, ensure};
use mysfits_process::{LogFile, ServerProcess, StopMethod};
use tokio::process::Command;

use crate::access::{MARKED, MARKER};

/// How long it may take to be ready.
const START_TIMEOUT: Duration = Duration::from_mins(2);
/// How long it may take to end.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);

/// A running local cloud.
#[derive(Debug)]
pub struct TestCloud {
    program: PathBuf,
    python: PathBuf,
    state: PathBuf,
    server: ServerProcess,
}

impl TestCloud {
    /// Starts one with a state folder of its own, and waits until it is ready.
    ///
    /// # Errors
    /// If it is not.
    pub fn start(program: &Path, python: &Path, state: &Path) -> Result<Self> {
        if state.exists() {
            std::fs::remove_dir_all(state)?;
        }
        std::fs::create_dir_all(state)?;
        let log = LogFile::create(state.join("localcloud.log"))?;
        let mut up = std::process::Command::new(program);
        up.arg("up").arg("--python").arg(python).arg("--state").arg(state);
        up.envs(MARKED.map(|name| (name, MARKER))).stdin(Stdio::null()).stderr(log.stdio()?);
        let server = ServerProcess::start(&mut up, StopMethod::Kill, &log, START_TIMEOUT)?;
        Ok(Self { program: program.to_owned(), python: python.to_owned(), state: state.to_owned(), server })
    }

    /// Returns the variables by which it is reached.
    ///
    /// # Errors
    /// If its state cannot be read.
    pub fn variables(&self) -> Result<BTreeMap<String, String>> {
        Ok(serde_json::from_str(&std::fs::read_to_string(self.state.join("env.json"))?)?)
    }

    /// Returns the file with the calls that it received.
    #[must_use]
    pub fn calls(&self) -> PathBuf {
        self.state.join("calls.jsonl")
    }

    /// Returns its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.server.id()
    }

    /// Makes an endpoint unreachable, or reachable again.
    ///
    /// # Errors
    /// If there is no such endpoint.
    pub async fn chaos(&self, what: &str, endpoint: &str) -> Result<()> {
        let mut command = self.command("chaos");
        let output = command.args([what, endpoint]).output().await?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// Returns what is left in a region of it, a line each.
    ///
    /// # Errors
    /// If it cannot be asked.
    pub async fn leftovers(&self, region: &str) -> Result<Vec<String>> {
        let mut command = self.command("leftovers");
        let output = command.args(["--region", region, "--python"]).arg(&self.python).output().await?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let lines: Vec<_> = printed.lines().map(str::to_owned).collect();
        match output.status.code() {
            Some(0) => Ok(Vec::new()),
            Some(1) if !lines.is_empty() => Ok(lines),
            _ => bail!("{printed}{}", String::from_utf8_lossy(&output.stderr)),
        }
    }

    /// Stops it as Ctrl-C does, and checks that it leaves no process behind.
    ///
    /// # Errors
    /// If it does not end in time, or not cleanly, or a program that it started lives on.
    pub async fn stop(self) -> Result<()> {
        let output = self.command("down").output().await?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        self.server.wait(STOP_TIMEOUT)
    }

    fn command(&self, command: &str) -> Command {
        let mut localcloud = Command::new(&self.program);
        localcloud.arg(command).arg("--state").arg(&self.state).stdin(Stdio::null()).kill_on_drop(true);
        localcloud
    }
}
