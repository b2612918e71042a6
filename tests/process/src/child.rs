//! A child process that is stopped when it is dropped.

use std::{
    io,
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};

use crate::log::LogFile;

/// How often the state of a process is read while it is waited for.
const POLL_INTERVAL: Duration = Duration::from_millis(10);
/// How long a process may take to end after it was asked to.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);

/// How a process is asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopMethod {
    /// Kill it at once.
    Kill,
    /// Send SIGTERM, as a supervisor does.
    Terminate,
    /// Close its standard input, which is a pipe.
    CloseInput,
}

/// A running program.
///
/// When the value is dropped, the program is asked to end, and killed if it does not.
#[derive(Debug)]
pub struct ChildProcess {
    child: Child,
    command_line: String,
    /// Nothing if the program may outlive the value.
    stop_method: Option<StopMethod>,
}

impl ChildProcess {
    /// Starts a program that is stopped by `stop_method`.
    ///
    /// # Errors
    /// If the program cannot be started.
    pub fn start(command: &mut Command, stop_method: StopMethod) -> Result<Self> {
        if stop_method == StopMethod::CloseInput {
            command.stdin(Stdio::piped());
        }
        let command_line = command_line(command);
        let child = command.spawn().with_context(|| format!("cannot start {command_line}"))?;
        Ok(Self { child, command_line, stop_method: Some(stop_method) })
    }

    /// Returns the process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the command line, for messages.
    #[must_use]
    pub fn command_line(&self) -> &str {
        &self.command_line
    }

    /// Returns the pipe of standard input, once, if the command has one.
    pub fn take_stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Returns the pipe of standard output, once, if the command has one.
    pub fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Returns the exit status if the process has ended.
    ///
    /// # Errors
    /// If the system does not tell.
    pub fn try_wait(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Closes the input and waits for the end of the process.
    ///
    /// # Errors
    /// If the system does not tell.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        Ok(self.child.wait()?)
    }

    /// Waits for the end of the process.
    ///
    /// # Errors
    /// If it does not end within `timeout`.
    pub fn wait_timeout(&mut self, timeout: Duration) -> Result<ExitStatus> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            ensure!(
                begun.elapsed() < timeout,
                "{} does not end within {} s",
                self.command_line,
                timeout.as_secs()
            );
            thread::sleep(POLL_INTERVAL);
        }
    }

    /// Waits for a line of the program's output and returns what `find` makes of it; `None` if the program ends without such
    /// a line.
    ///
    /// # Errors
    /// If no such line appears within `timeout`, or the output cannot be read.
    pub fn wait_for_line<T>(
        &mut self,
        output: &LogFile,
        timeout: Duration,
        find: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        let begun = Instant::now();
        loop {
            // Read after the state: what a program prints last is there when it has ended.
            let has_ended = self.child.try_wait()?.is_some();
            let text = output.text()?;
            let mut complete = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
            if let Some(found) = complete.find_map(&find) {
                return Ok(Some(found));
            }
            if has_ended {
                return Ok(None);
            }
            ensure!(
                begun.elapsed() < timeout,
                "{} is not ready within {} s\n{text}",
                self.command_line,
                timeout.as_secs()
            );
            thread::sleep(POLL_INTERVAL);
        }
    }

    /// Asks the process to end, and waits for it.
    ///
    /// # Errors
    /// If it does not end within 20 seconds; it is then killed.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        if let Some(status) = self.child.try_wait()? {
            return Ok(status);
        }
        match self.stop_method {
            Some(StopMethod::Kill) | None => self.child.kill()?,
            Some(StopMethod::Terminate) => terminate(&mut self.child)
                .with_context(|| format!("cannot send a signal to {}", self.command_line))?,
            Some(StopMethod::CloseInput) => drop(self.child.stdin.take()),
        }
        self.wait_timeout(STOP_TIMEOUT)
    }

    /// Lets the program outlive this value.
    pub fn detach(mut self) {
        self.stop_method = None;
    }
}

impl Drop for ChildProcess {
    fn drop(&mut self) {
        if self.stop_method.is_some() && self.stop().is_err() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Returns a command as it would be typed.
#[must_use]
pub fn command_line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Makes a command start a process group, which Ctrl-C in the terminal does not reach. Changes nothing on systems without
/// process groups.
pub fn start_process_group(command: &mut Command) -> &mut Command {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    command
}

#[cfg(unix)]
fn terminate(child: &mut Child) -> io::Result<()> {
    use rustix::process::{Pid, Signal, kill_process};

    Ok(kill_process(Pid::from_child(child), Signal::TERM)?)
}

#[cfg(not(unix))]
fn terminate(child: &mut Child) -> io::Result<()> {
    child.kill()
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn bash(script: &str) -> Command {
        let mut bash = Command::new("bash");
        bash.args(["-c", script]);
        bash
    }

    #[test]
    fn stops_by_signal_and_by_end_of_input() {
        for (method, script) in [
            (StopMethod::Terminate, "trap 'exit 5' TERM; echo ready; while :; do sleep 0.01; done"),
            (StopMethod::CloseInput, "echo ready; read -r; exit 5"),
        ] {
            let log = LogFile::temporary().unwrap();
            let mut process = ChildProcess::start(bash(script).stdout(log.stdio().unwrap()), method).unwrap();
            let ready = |line: &str| (line == "ready").then_some(());
            process.wait_for_line(&log, STOP_TIMEOUT, ready).unwrap().unwrap();
            assert_eq!(process.stop().unwrap().code(), Some(5), "{method:?}");
        }
    }

    #[test]
    fn reports_the_end_of_a_program_without_the_line() {
        let log = LogFile::temporary().unwrap();
        let mut command = bash("echo one; printf two");
        let mut process =
            ChildProcess::start(command.stdout(log.stdio().unwrap()), StopMethod::Kill).unwrap();
        let find = |wanted: &'static str| move |line: &str| (line == wanted).then_some(());
        assert_eq!(process.wait_for_line(&log, STOP_TIMEOUT, find("one")).unwrap(), Some(()));
        // A line counts when it is complete.
        assert_eq!(process.wait_for_line(&log, STOP_TIMEOUT, find("two")).unwrap(), None);
        assert_eq!(log.text().unwrap(), "one\ntwo");
    }

    #[test]
    fn kills_what_is_dropped_and_leaves_what_is_detached() {
        // A zombie has no executable.
        let is_running = |id: u32| std::fs::read_link(format!("/proc/{id}/exe")).is_ok();
        let process = ChildProcess::start(&mut bash("sleep 60; true"), StopMethod::Kill).unwrap();
        let id = process.id();
        drop(process);
        assert!(!is_running(id));
        let log = LogFile::temporary().unwrap();
        let mut command = bash("sleep 0.2; echo later");
        ChildProcess::start(command.stdout(log.stdio().unwrap()), StopMethod::Kill).unwrap().detach();
        let begun = Instant::now();
        while log.text().unwrap() != "later\n" {
            assert!(begun.elapsed() < STOP_TIMEOUT);
            thread::sleep(POLL_INTERVAL);
        }
    }
}
