//! The server as a child: started on a free port, asked to end, never left behind.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use mysfits_output::errln;

use crate::{platform, process::program, workspace};

/// How long the server may take to end after it was asked to.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// A running server.
pub struct Server {
    child: Child,
    /// Where it answers, without a trailing slash.
    pub url: String,
    /// What it calls itself, if it does.
    pub name: Option<String>,
}

impl Server {
    /// Starts `mysfits-server dev` with the site in target/site on a free port and waits until it is ready. What it logs goes
    /// to [`log`](Self::log).
    pub fn start() -> Result<Self> {
        let mut command = program(workspace::release("mysfits-server"));
        command.stderr(File::create(Self::log()).context("cannot write the server's log")?);
        Self::spawn(command.args(["dev", "--port", "0"]).arg("--site").arg(workspace::site()))
    }

    /// Where a started server's log is.
    pub fn log() -> PathBuf {
        workspace::target().join("server.log")
    }

    /// Starts a server and waits until it prints `ready` and its address.
    pub fn spawn(command: &mut Command) -> Result<Self> {
        let child = command.stdout(Stdio::piped()).spawn().context("cannot start the server")?;
        let mut server = Self { child, url: String::new(), name: None };
        let output = server.child.stdout.take().context("the server's output is missing")?;
        for line in BufReader::new(output).lines() {
            let line = line?;
            errln!("  {line}");
            if let Some(name) = line.strip_prefix("name ") {
                server.name = Some(name.to_owned());
            }
            if let Some(url) = line.strip_prefix("ready ") {
                url.clone_into(&mut server.url);
                return Ok(server);
            }
        }
        bail!("the server ended before it was ready: {}", server.child.wait()?)
    }

    /// Asks the server to end, as a supervisor would; fails if it does not, or not cleanly.
    pub fn stop(mut self) -> Result<()> {
        platform::terminate(&mut self.child).context("cannot ask the server to end")?;
        let pause = Duration::from_millis(50);
        for _ in 0..STOP_TIMEOUT.as_millis() / pause.as_millis() {
            if let Some(status) = self.child.try_wait()? {
                ensure!(status.success(), "the server did not end cleanly: {status}");
                return Ok(());
            }
            std::thread::sleep(pause);
        }
        bail!("the server did not end within {} s of being asked to", STOP_TIMEOUT.as_secs())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// A program that is ready at once and exits with `status` at SIGTERM.
    fn start(status: u8) -> Result<Server> {
        let mut bash = Command::new("bash");
        bash.args(["-c", &format!("trap 'exit {status}' TERM; echo ready http://127.0.0.1:1; read -r")]);
        Server::spawn(bash.stdin(Stdio::piped()))
    }

    #[test]
    fn stops_a_server_with_sigterm() {
        start(0).unwrap().stop().unwrap();
    }

    #[test]
    fn reports_a_server_that_does_not_end_cleanly() {
        let error = start(3).unwrap().stop().unwrap_err().to_string();
        assert_eq!(error, "the server did not end cleanly: exit status: 3");
    }
}
