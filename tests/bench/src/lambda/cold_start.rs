//! One cold start: a process of its own, a Runtime API of its own, one event.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use mysfits_lambda_runtime::{ReplyKind, RuntimeApi};
use mysfits_process::{ChildProcess, LogFile, StopMethod};
use serde_json::Value;

use crate::machine::peak_bytes;

/// How long a start may take.
const REPLY_TIMEOUT: Duration = Duration::from_secs(30);

/// What a function is started with, and what it must answer.
pub(super) struct ColdStartSetup {
    /// The folder with the table; what the function writes goes there too.
    pub(super) folder: PathBuf,
    pub(super) event: Value,
    /// The mysfit's id.
    pub(super) expected: &'static str,
}

/// What was measured of a start.
pub(super) struct ColdStart {
    /// From before the process to its asking for an event.
    pub(super) ready_seconds: f64,
    /// From before the process to its answer.
    pub(super) answered_seconds: f64,
    pub(super) peak_bytes: f64,
}

impl ColdStartSetup {
    /// Starts a function, has it answer the event, and ends it.
    pub(super) fn start(&self, mut command: Command, variables: &[(&str, &str)]) -> Result<ColdStart> {
        let api = RuntimeApi::start()?;
        // Python finds its libraries without anything of ours, and so does our program.
        command.env_clear().envs(api.environment(&self.folder)).envs(variables.iter().copied());
        let log = LogFile::create(self.folder.join("log"))?;
        command.stdin(Stdio::null()).stdout(log.stdio()?).stderr(log.stdio()?);
        // There before the function is: it never waits for an event.
        api.send(self.event.to_string());
        let begun = Instant::now();
        let process = ChildProcess::start(&mut command, StopMethod::Kill)?;
        let reply = api.reply(REPLY_TIMEOUT);
        let reply =
            reply.with_context(|| format!("no answer; its log: {}", log.text().unwrap_or_default()))?;
        let peak_bytes = peak_bytes(process.id())?;
        ensure!(reply.kind == ReplyKind::Response, "it failed: {}", String::from_utf8_lossy(&reply.body));
        ensure!(api.is_in_order(), "the calls are not those of one function: {:?}", api.calls());
        let answer: Value = serde_json::from_slice(&reply.body)?;
        let body: Value = serde_json::from_str(answer["body"].as_str().context("there is no body")?)?;
        ensure!(body["recommendedMysfit"] == self.expected, "it recommends {body}, not {}", self.expected);
        let ready = api.first_next().context("it never asked for an event")?;
        let since = |at: Instant| at.duration_since(begun).as_secs_f64();
        Ok(ColdStart { ready_seconds: since(ready), answered_seconds: since(reply.at), peak_bytes })
    }
}
