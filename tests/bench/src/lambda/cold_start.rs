//! One cold start: a process of its own, a Runtime API of its own, one event.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use mysfits_lambda_runtime::{ReplyKind, RuntimeApi};
use mysfits_process::{ChildProcess, LogFile, StopMethod};
use serde_json::Value;

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

/// Returns the peak memory of a process, in bytes: `VmHWM` of `/proc/PID/status`.
fn peak_bytes(process: u32) -> Result<f64> {
    let path = format!("/proc/{process}/status");
    let status =
        fs::read_to_string(&path).with_context(|| format!("cannot read {path}; this needs Linux"))?;
    peak_in(&status).with_context(|| format!("{path} is not understood"))
}

fn peak_in(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    Some(kib * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peak_memory_is_read_from_the_status() {
        assert_eq!(peak_in("VmPeak:\t  9 kB\nVmHWM:\t   12345 kB\nVmRSS:\t 1 kB\n"), Some(12345.0 * 1024.0));
        assert_eq!(peak_in("VmRSS:\t 1 kB\n"), None);
        assert!(peak_bytes(std::process::id()).unwrap() > 4096.0);
    }
}
