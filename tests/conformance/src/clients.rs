//! Runners: programs that run the plan with one client each and print a line of JSON for every case.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use mysfits_process::{ChildProcess, LogFile, StopMethod};

use crate::outcome::{CaseOutcome, CaseResult, RunnerLine, SdkClient};

/// A runner to be started.
#[derive(Debug)]
pub struct RunnerProgram {
    /// The client that it calls with.
    pub client: SdkClient,
    /// The interpreter.
    pub program: PathBuf,
    /// Its script and the script's arguments.
    pub arguments: Vec<PathBuf>,
    /// The address of every service, as `AWS_ENDPOINT_URL`; without it, the script knows the address.
    pub endpoint_url: Option<String>,
}

/// A running runner.
#[derive(Debug)]
pub struct RunningRunner {
    client: SdkClient,
    process: ChildProcess,
    output: LogFile,
    errors: LogFile,
}

/// The results of runners.
#[derive(Debug, Default)]
pub struct RunnerReport {
    /// The clients' versions.
    pub versions: BTreeMap<SdkClient, String>,
    /// The results of the cases.
    pub outcomes: Vec<CaseOutcome>,
}

/// Returns a command with credentials and a region for machines without an AWS account.
///
/// The clients are unchanged, except that they do not retry, because retries would hide failures.
#[must_use]
pub fn command(program: &PathBuf) -> Command {
    let mut command = Command::new(program);
    command
        .env("AWS_MAX_ATTEMPTS", "1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("PYTHONWARNINGS", "ignore");
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_REGION", "us-east-1"),
    ] {
        if std::env::var_os(name).is_none() {
            command.env(name, value);
        }
    }
    command
}

impl RunnerProgram {
    /// Starts the runner.
    ///
    /// # Errors
    /// If the program cannot be started.
    pub fn start(self) -> Result<RunningRunner> {
        let (output, errors) = (LogFile::temporary()?, LogFile::temporary()?);
        let mut command = command(&self.program);
        command.args(&self.arguments).stdin(Stdio::null()).stdout(output.stdio()?).stderr(errors.stdio()?);
        command.envs(self.endpoint_url.map(|url| ("AWS_ENDPOINT_URL", url)));
        let process = ChildProcess::start(&mut command, StopMethod::Kill)?;
        Ok(RunningRunner { client: self.client, process, output, errors })
    }
}

impl RunningRunner {
    /// Returns the client that it calls with.
    #[must_use]
    pub fn client(&self) -> SdkClient {
        self.client
    }

    /// Waits for the end of the runner and adds its report.
    ///
    /// # Errors
    /// If it failed, reported nothing, or printed something else than lines of a report.
    pub fn wait(mut self, report: &mut RunnerReport) -> Result<()> {
        let name = self.client.as_str();
        let status = self.process.wait()?;
        let errors = self.errors.text()?;
        ensure!(status.success(), "the runner of {name} failed: {status}\n{errors}");
        let before = report.outcomes.len();
        for line in self.output.text()?.lines() {
            match serde_json::from_str(line).with_context(|| format!("{name} printed {line:?}"))? {
                RunnerLine::Version { client, version } => {
                    report.versions.insert(client, version);
                }
                RunnerLine::Outcome(outcome) => report.outcomes.push(outcome),
            }
        }
        ensure!(report.outcomes.len() > before, "the runner of {name} called no endpoint\n{errors}");
        Ok(())
    }
}

impl RunnerReport {
    /// Adds a case that could not be run, or not judged.
    pub fn not_applicable(&mut self, client: SdkClient, group: &str, case: &str, reason: &str) {
        self.outcomes.push(CaseOutcome {
            client,
            group: group.to_owned(),
            case: case.to_owned(),
            verdict: CaseResult::NotApplicable,
            reason: Some(reason.to_owned()),
        });
    }
}
