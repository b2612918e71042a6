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

/// A script that runs against a server of its own, because lists show everything that a server has.
#[derive(Debug)]
pub struct ServerScript<'a> {
    /// The client that it calls with.
    pub client: SdkClient,
    /// The interpreter.
    pub python: &'a Path,
    /// The script.
    pub script: PathBuf,
    /// How long the server lets each status last, in milliseconds. Without it, a request to describe a job waits for its end.
    pub pace_ms: Option<u32>,
}

/// Runs scripts, all at the same time. Adds their outcomes to the report.
///
/// # Errors
/// If a server cannot be started, or a script fails as a whole.
pub fn run<const N: usize>(
    server: &Path,
    scripts: [ServerScript<'_>; N],
    report: &mut RunnerReport,
) -> Result<()> {
    let begun = Instant::now();
    let mut running = Vec::new();
    for ServerScript { client, python, script, pace_ms } in scripts {
        let server = start(server, pace_ms)?;
        let endpoint_url = Some(server.url().to_owned());
        let program = python.to_owned();
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
fn start(server: &Path, pace_ms: Option<u32>) -> Result<ServerProcess> {
    let mut command = Command::new(server);
    command.args(["start", "--port", "0"]).env("RUST_LOG", "error").stdin(Stdio::null());
    if let Some(pace_ms) = pace_ms {
        command.args(["--pace", &pace_ms.to_string()]);
    }
    ServerProcess::start(&mut command, StopMethod::Terminate, &LogFile::temporary()?, START_TIMEOUT)
        .context("local-sagemaker start")
}
