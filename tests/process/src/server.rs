//! A server that says when it is ready.

use std::{
    process::{Command, ExitStatus},
    time::Duration,
};

use anyhow::{Result, bail, ensure};

use crate::{
    child::{ChildProcess, StopMethod},
    log::LogFile,
};

/// A running server, ready for requests. It is stopped when the value is dropped.
#[derive(Debug)]
pub struct ServerProcess {
    process: ChildProcess,
    url: String,
    printed: String,
}

impl ServerProcess {
    /// Starts a server and waits until it prints a line `ready URL`. Its standard output goes to `output`.
    ///
    /// # Errors
    /// If it cannot be started, ends before it is ready, or is not ready within `timeout`.
    pub fn start(
        command: &mut Command,
        stop_method: StopMethod,
        output: &LogFile,
        timeout: Duration,
    ) -> Result<Self> {
        let mut process = ChildProcess::start(command.stdout(output.stdio()?), stop_method)?;
        let ready = |line: &str| line.strip_prefix("ready ").map(|url| url.trim().to_owned());
        let Some(url) = process.wait_for_line(output, timeout, ready)? else {
            let status = process.wait()?;
            bail!("{} ended before it was ready: {status}\n{}", process.command_line(), output.text()?);
        };
        let mut printed = String::new();
        for line in output.text()?.split_inclusive('\n') {
            printed.push_str(line);
            if line.starts_with("ready ") {
                break;
            }
        }
        Ok(Self { process, url, printed })
    }

    /// Returns the address, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns what the server printed, up to the line `ready URL`.
    #[must_use]
    pub fn printed(&self) -> &str {
        &self.printed
    }

    /// Returns the process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Stops the server.
    ///
    /// # Errors
    /// If it does not end within 20 seconds, or not cleanly.
    pub fn stop(mut self) -> Result<()> {
        check(self.process.stop()?)
    }

    /// Waits for a server that something else stops.
    ///
    /// # Errors
    /// If it does not end within `timeout`, or not cleanly.
    pub fn wait(mut self, timeout: Duration) -> Result<()> {
        check(self.process.wait_timeout(timeout)?)
    }

    /// Lets the server outlive this value.
    pub fn detach(self) {
        self.process.detach();
    }
}

fn check(status: ExitStatus) -> Result<()> {
    ensure!(status.success(), "the server did not end cleanly: {status}");
    Ok(())
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(20);

    fn start(script: &str) -> Result<ServerProcess> {
        let mut bash = Command::new("bash");
        let log = LogFile::temporary()?;
        ServerProcess::start(bash.args(["-c", script]), StopMethod::CloseInput, &log, TIMEOUT)
    }

    #[test]
    fn is_ready_with_its_address() {
        let server = start("echo name x; echo ready http://127.0.0.1:1; echo more; read -r; true").unwrap();
        assert_eq!(server.url(), "http://127.0.0.1:1");
        assert_eq!(server.printed(), "name x\nready http://127.0.0.1:1\n");
        server.stop().unwrap();
    }

    #[test]
    fn reports_a_server_that_does_not_end_cleanly() {
        let server = start("echo ready http://127.0.0.1:1; read -r; exit 3").unwrap();
        let error = server.stop().unwrap_err().to_string();
        assert_eq!(error, "the server did not end cleanly: exit status: 3");
    }

    #[test]
    fn reports_a_server_that_ends_before_it_is_ready() {
        let error = start("echo one; exit 4").unwrap_err().to_string();
        assert_eq!(error, "bash -c echo one; exit 4 ended before it was ready: exit status: 4\none\n");
    }
}
