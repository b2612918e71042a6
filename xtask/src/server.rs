//! Starts servers on a free port.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::Result;
use mysfits_output::errln;
use mysfits_process::{LogFile, ServerProcess, StopMethod};

use crate::{process::program, workspace};

/// How long a server may take to be ready: it may train a model first.
const START_TIMEOUT: Duration = Duration::from_mins(10);

/// Starts `mysfits-server dev` with the site in target/site on a free port and waits until it is ready. What it logs goes to
/// `log`.
pub fn start(log: &Path) -> Result<ServerProcess> {
    let mut command = program(workspace::release("mysfits-server"));
    command.args(["dev", "--port", "0"]).arg("--site").arg(workspace::site());
    spawn(command.stderr(LogFile::create(log.to_owned())?.stdio()?))
}

/// Returns the path of the log of the server for `visitor`.
pub fn log(visitor: &str) -> PathBuf {
    workspace::target().join(format!("server-{visitor}.log"))
}

/// Starts a server and waits until it prints `ready` and its address.
pub fn spawn(command: &mut Command) -> Result<ServerProcess> {
    let output = LogFile::temporary()?;
    let server =
        ServerProcess::start(command.stdin(Stdio::null()), StopMethod::Terminate, &output, START_TIMEOUT)?;
    for line in server.printed().lines() {
        errln!("  {line}");
    }
    Ok(server)
}

/// Does something with a server, then stops it. It must end cleanly when asked to, whatever it was asked before.
pub fn with(server: ServerProcess, work: impl FnOnce(&ServerProcess) -> Result<()>) -> Result<()> {
    let worked = work(&server);
    let ended = server.stop();
    worked.and(ended)
}
