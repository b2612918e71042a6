//! The runners that are programs of their own: started together, each with the plan, each saying a line for every case.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _},
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    thread::JoinHandle,
};

use anyhow::{Context as _, Result, ensure};

use crate::outcome::{Client, Line, Outcome, Verdict};

/// A runner to be started.
#[derive(Debug)]
pub struct Runner {
    /// The client that it calls with.
    pub client: Client,
    /// The interpreter.
    pub program: PathBuf,
    /// Its script and what that is told.
    pub arguments: Vec<PathBuf>,
}

/// A runner at work.
#[derive(Debug)]
pub struct Running {
    client: Client,
    child: Child,
    /// Taken when it is waited for.
    reading: Option<Reading>,
}

/// The threads that listen to a runner.
#[derive(Debug)]
struct Reading {
    lines: JoinHandle<Result<Vec<Line>>>,
    errors: JoinHandle<String>,
}

/// What runners have said.
#[derive(Debug, Default)]
pub struct Said {
    /// The clients' versions.
    pub versions: BTreeMap<Client, String>,
    /// What came of the cases.
    pub outcomes: Vec<Outcome>,
}

/// A command in whose environment a client finds what it needs on a machine without an account.
///
/// The clients are unchanged; only that they do not try again comes from outside, because it would hide a failure.
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

impl Runner {
    /// Starts the runner.
    ///
    /// # Errors
    /// If the program cannot be started.
    pub fn start(self) -> Result<Running> {
        let mut command = command(&self.program);
        command.args(&self.arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            command.spawn().with_context(|| format!("cannot start {}", self.program.display()))?;
        let output = child.stdout.take().context("the runner's output is missing")?;
        let mut errors = child.stderr.take().context("the runner's errors are missing")?;
        let errors = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = errors.read_to_end(&mut bytes); // what cannot be read cannot be shown
            String::from_utf8_lossy(&bytes).into_owned()
        });
        let client = self.client;
        let lines = std::thread::spawn(move || read(client, output));
        Ok(Running { client, child, reading: Some(Reading { lines, errors }) })
    }
}

fn read(client: Client, output: ChildStdout) -> Result<Vec<Line>> {
    let read = |line: std::io::Result<String>| {
        let line = line?;
        serde_json::from_str(&line).with_context(|| format!("{} said {line:?}", client.as_str()))
    };
    BufReader::new(output).lines().map(read).collect()
}

impl Running {
    /// The client that it calls with.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client
    }

    /// Waits for the runner's end and adds what it said.
    ///
    /// # Errors
    /// If it failed, said nothing, or said something that is no line of a runner.
    pub fn wait(mut self, said: &mut Said) -> Result<()> {
        let name = self.client.as_str();
        let Reading { lines, errors } = self.reading.take().context("waited for twice")?;
        let lines = lines.join().map_err(|_| anyhow::anyhow!("{name}: cannot be read"))?;
        let errors = errors.join().unwrap_or_default();
        // What cannot be understood comes first: a runner that nobody listens to any more fails for that reason.
        let lines = lines?;
        let status = self.child.wait()?;
        ensure!(status.success(), "the runner of {name} failed: {status}\n{errors}");
        let before = said.outcomes.len();
        for line in lines {
            match line {
                Line::Version { client, version } => {
                    said.versions.insert(client, version);
                }
                Line::Outcome(outcome) => said.outcomes.push(outcome),
            }
        }
        ensure!(said.outcomes.len() > before, "the runner of {name} asked nothing\n{errors}");
        Ok(())
    }
}

impl Said {
    /// Adds a case that could not be asked, or not judged.
    pub fn not_applicable(&mut self, client: Client, group: &str, case: &str, reason: &str) {
        self.outcomes.push(Outcome {
            client,
            group: group.to_owned(),
            case: case.to_owned(),
            verdict: Verdict::NotApplicable,
            reason: Some(reason.to_owned()),
        });
    }
}

impl Drop for Running {
    /// What is not waited for, because something else failed, must not go on.
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
