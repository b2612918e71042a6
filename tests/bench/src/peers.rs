//! The peers' process: `bench_peers.py`, asked for one measurement at a time.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use mysfits_process::{ChildProcess, StopMethod};
use serde::Deserialize;

/// How many threads the peers may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Threads {
    One,
    All,
}

/// A running process of the peers; it ends when this is dropped.
pub(crate) struct Peers {
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    versions: String,
    _process: ChildProcess,
}

/// What a measurement gave.
#[derive(Debug, Deserialize)]
pub(crate) struct PeerMeasurement {
    /// How long it took.
    pub(crate) seconds: f64,
    /// The sum of what was found: all squared distances, or all numbers.
    checksum: Option<f64>,
    /// The time of each step, where there are several.
    #[serde(default)]
    pub(crate) steps: BTreeMap<String, f64>,
}

impl PeerMeasurement {
    /// Returns the time, if the peer found what we did, by its sum; else the two did not do the same work.
    pub(crate) fn seconds_if(&self, checksum: f64) -> Result<f64> {
        ensure!(
            self.checksum == Some(checksum),
            "what the peer found adds up to {:?}, ours to {checksum}",
            self.checksum
        );
        Ok(self.seconds)
    }
}

impl Peers {
    /// Starts the script and waits until it has imported what it needs.
    pub(crate) fn start(python: &Path, script: &Path, inputs: &Path, threads: Threads) -> Result<Self> {
        let mut command = Command::new(python);
        command.arg(script).arg(inputs).stdin(Stdio::piped()).stdout(Stdio::piped());
        for variable in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"] {
            match threads {
                Threads::One => command.env(variable, "1"),
                // Their own default is all cores.
                Threads::All => command.env_remove(variable),
            };
        }
        let mut process = ChildProcess::start(&mut command, StopMethod::Kill)?;
        let questions = process.take_stdin().context("the peers' input is not piped")?;
        let answers = BufReader::new(process.take_stdout().context("the peers' output is not piped")?);
        let mut peers = Self { questions, answers, versions: String::new(), _process: process };
        peers.versions = peers.read()?;
        Ok(peers)
    }

    /// Returns what the peers are, with their versions.
    pub(crate) fn versions(&self) -> &str {
        &self.versions
    }

    /// Returns whether there is nanoflann, which has wheels for few versions of Python.
    pub(crate) fn has_nanoflann(&self) -> bool {
        self.versions.contains("pynanoflann")
    }

    /// Has one thing measured, once.
    pub(crate) fn measure(&mut self, what: &str) -> Result<PeerMeasurement> {
        writeln!(self.questions, "{what}").context("the peers have ended")?;
        self.read().with_context(|| format!("the peers did not measure {what}"))
    }

    fn read<T: serde::de::DeserializeOwned>(&mut self) -> Result<T> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        ensure!(!line.is_empty(), "bench_peers.py ended; what it wrote above says why");
        Ok(serde_json::from_str(&line)?)
    }
}
