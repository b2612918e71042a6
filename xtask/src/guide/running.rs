//! A server that the guide starts and leaves running. It is stopped on request, and at the latest when xtask
//! ends.

use std::{
    net::{SocketAddr, TcpStream},
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, ensure};
use mysfits_process::{LogFile, ServerProcess, StopMethod, start_process_group};

/// How long a server may take to be ready: it may be compiled first.
const START_TIMEOUT: Duration = Duration::from_mins(30);
/// How long the port of a stopped server may accept connections.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Returns what bash runs for a command that serves: the command on a free port, until it ends or bash's standard input is
/// closed. The system closes it however xtask ends, so that nothing outlives xtask.
pub fn script(command: &str) -> String {
    // The second job ends the process group with SIGTERM, which bash itself ignores: it waits for the first.
    format!(
        "exec 3<&0; {command} --port 0 </dev/null 3<&- & server=$!; trap '' TERM
         {{ read -r _ <&3 || true; kill -TERM 0; }} & exec 3<&-
         wait $server || {{ status=$?; test $status -eq 143 || exit $status; }}"
    )
}

/// Starts bash with such a script and waits until the server is ready. Its output and its progress go to `folder`.
pub fn start(mut bash: Command, folder: &Path) -> Result<ServerProcess> {
    let output = LogFile::create(folder.join("server-output.log"))?;
    let progress = LogFile::create(folder.join("server.log"))?;
    // A process group of its own: the script's signal stops all that the command started, but not xtask.
    start_process_group(bash.stderr(progress.stdio()?));
    let started = ServerProcess::start(&mut bash, StopMethod::CloseInput, &output, START_TIMEOUT);
    started.map_err(|error| anyhow!("{error:#}{}", progress.text().unwrap_or_default()))
}

/// Stops a server, and waits until its port has no listener.
pub fn stop(server: ServerProcess) -> Result<()> {
    let address = server.url().strip_prefix("http://").unwrap_or_default();
    let address: SocketAddr = address.parse().context("the server's address")?;
    server.stop()?;
    let begun = Instant::now();
    while TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok() {
        ensure!(begun.elapsed() < STOP_TIMEOUT, "the server at {address} does not end");
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
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
    fn stops_a_server_with_its_children() {
        // `--port 0` becomes the arguments of a shell that starts a child, says that it is ready, and waits.
        let server = "sleep 60 & echo $!; echo ready http://127.0.0.1:1; wait";
        let script = script(&format!("bash -c '{server}' --"));
        let folder = tempfile::tempdir().unwrap();
        let running = start(bash(&script), folder.path()).unwrap();
        assert_eq!(running.url(), "http://127.0.0.1:1");
        let child = running.printed().lines().next().unwrap().to_owned();
        let is_there = || Path::new("/proc").join(&child).join("exe").read_link().is_ok();
        assert!(is_there());
        stop(running).unwrap();
        let begun = Instant::now();
        while is_there() && begun.elapsed() < STOP_TIMEOUT {
            thread::sleep(Duration::from_millis(10));
        }
        assert!(!is_there(), "process {child} was left behind");
    }

    #[test]
    fn reports_the_output_of_a_server_that_does_not_start() {
        let script = script("bash -c 'echo one; echo two >&2; exit 3' --");
        let folder = tempfile::tempdir().unwrap();
        let error = start(bash(&script), folder.path()).err().unwrap().to_string();
        assert!(error.ends_with(" ended before it was ready: exit status: 3\none\ntwo\n"), "{error}");
    }
}
