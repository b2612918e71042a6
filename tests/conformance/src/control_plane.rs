//! Programs against `local-sagemaker start`: the control plane, S3, logs and the runtime at one address.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use mysfits_output::errln;
use mysfits_process::{LogFile, ServerProcess, StopMethod};

use crate::{
    clients::{RunnerProgram, RunnerReport},
    outcome::SdkClient,
};

/// How long a server may take to be ready.
const START_TIMEOUT: Duration = Duration::from_secs(20);

/// Runs a script for each client, all at the same time, each against a server of its own, because lists show everything that
/// a server has. Adds their outcomes to the report.
///
/// # Errors
/// If a server cannot be started, or a script fails as a whole.
pub fn run<const N: usize>(
    server: &Path,
    scripts: [(SdkClient, &PathBuf, PathBuf); N],
    report: &mut RunnerReport,
) -> Result<()> {
    let begun = Instant::now();
    let mut running = Vec::new();
    for (client, python, script) in scripts {
        let server = start(server)?;
        let endpoint_url = Some(server.url().to_owned());
        let program = python.clone();
        let runner = RunnerProgram { client, program, arguments: vec![script], endpoint_url }.start()?;
        running.push((server, runner));
    }
    for (server, runner) in running {
        let client = runner.client();
        runner.wait(report)?;
        server.stop()?;
        errln!("  {}, control plane ({:.1} s)", client.as_str(), begun.elapsed().as_secs_f64());
    }
    Ok(())
}

/// Starts the service without data, on a free port.
fn start(server: &Path) -> Result<ServerProcess> {
    let mut command = Command::new(server);
    command.args(["start", "--port", "0"]).env("RUST_LOG", "error").stdin(Stdio::null());
    ServerProcess::start(&mut command, StopMethod::Terminate, &LogFile::temporary()?, START_TIMEOUT)
        .context("local-sagemaker start")
}
