//! A server that the guide starts and leaves running. It is stopped on request, and at the latest when xtask
//! ends.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, Read as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};

use crate::platform;

/// How long a server may take to end after it was asked to.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// A server that goes on.
pub struct Running {
    child: Child,
    /// Where it answers, without a slash at the end.
    pub url: String,
}

impl Running {
    /// What bash runs for a command that serves: the command on a free port, for as long as our end of bash's input is
    /// open. The system closes it however we end, so nothing outlives us.
    pub fn script(command: &str) -> String {
        format!(
            "{command} --port 0 </dev/null & exec >/dev/null; read -r _ || true; trap '' TERM; kill -TERM 0; wait"
        )
    }

    /// Starts bash with such a script; the server, and what it prints until it is ready. Progress goes to `log`.
    pub fn start(mut bash: Command, log: &Path) -> Result<(Self, String)> {
        let progress = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        // A process group of its own: the signal stops all that the command started, but not xtask.
        bash.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(progress);
        let child = platform::start_group(&mut bash).spawn().context("cannot be started")?;
        let mut running = Self { child, url: String::new() };
        let output = running.child.stdout.take().context("the server's output is missing")?;
        let mut output = BufReader::new(output);
        let mut printed = String::new();
        loop {
            let mut line = String::new();
            if output.read_line(&mut line)? == 0 {
                let said = fs::read_to_string(log).unwrap_or_default();
                bail!("it ended before it was ready\n{printed}{said}");
            }
            printed.push_str(&line);
            if let Some(url) = line.strip_prefix("ready ") {
                url.trim().clone_into(&mut running.url);
                break;
            }
        }
        // Whatever it prints from here on must not fill the pipe.
        std::thread::spawn(move || output.read_to_end(&mut Vec::new()));
        Ok((running, printed))
    }

    /// Stops the server, and waits until its port has no listener.
    pub fn stop(mut self) -> Result<()> {
        self.end();
        let address = self.url.strip_prefix("http://").unwrap_or_default();
        let address = address.parse().context("the server's address")?;
        let begun = Instant::now();
        while TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok() {
            ensure!(begun.elapsed() < STOP_TIMEOUT, "the server at {} does not end", self.url);
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn end(&mut self) {
        // Waiting closes bash's input.
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

// With processes as /proc has them.
#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn bash(script: &str) -> Command {
        let mut bash = Command::new("bash");
        bash.args(["-euo", "pipefail", "-c", script]);
        bash
    }

    #[test]
    fn a_server_goes_on_until_it_is_ended_and_takes_its_children_along() {
        // `--port 0` becomes the arguments of a shell that starts a child, says that it is ready, and waits.
        let script = "sleep 60 & echo $!; echo ready http://127.0.0.1:1; wait";
        let script = Running::script(&format!("bash -c '{script}' --"));
        let folder = tempfile::tempdir().unwrap();
        let (running, printed) = Running::start(bash(&script), &folder.path().join("log")).unwrap();
        assert_eq!(running.url, "http://127.0.0.1:1");
        let child = printed.lines().next().unwrap().to_owned();
        let is_there = || Path::new("/proc").join(&child).join("exe").read_link().is_ok();
        assert!(is_there());
        running.stop().unwrap();
        let begun = Instant::now();
        while is_there() && begun.elapsed() < STOP_TIMEOUT {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(!is_there(), "process {child} was left behind");
    }

    #[test]
    fn a_server_that_does_not_start_is_told_with_what_it_said() {
        let script = Running::script("bash -c 'echo one; echo two >&2' --");
        let folder = tempfile::tempdir().unwrap();
        let error = Running::start(bash(&script), &folder.path().join("log")).err().unwrap().to_string();
        assert_eq!(error, "it ended before it was ready\none\ntwo\n");
    }
}
