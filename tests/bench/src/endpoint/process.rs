//! Starts the two servers as child processes, as their users do, with a port as option.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use mysfits_process::{ChildProcess, StopMethod};

/// How often a server that starts is asked whether it is ready. It and the asking share the cores.
const PING_INTERVAL: Duration = Duration::from_millis(1);
/// How long a server may take to be ready.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// In which the kernel counts for `/proc`, on every architecture that there are servers of.
const TICKS_A_SECOND: f64 = 100.0;

/// A server that has said that it is ready.
pub(crate) struct EndpointServer {
    process: ChildProcess,
    address: SocketAddr,
    start_seconds: f64,
}

impl EndpointServer {
    /// Ours: the release binary, one endpoint, everything else as it is by default.
    pub(super) fn ours(program: &Path, artifact: &Path) -> Result<Self> {
        let mut endpoint = OsString::from("bench=");
        endpoint.push(artifact);
        let mut command = Command::new(program);
        command.arg("serve").arg("--endpoint").arg(endpoint);
        Self::start(command, "/ping", &artifact.with_file_name("ours.log"))
    }

    /// Returns the reference, with this many processes, each with this many threads in faiss.
    pub(super) fn reference(
        (python, script): (&Path, &Path),
        model_folder: &Path,
        n_workers: usize,
        n_threads: usize,
    ) -> Result<Self> {
        let mut command = Command::new(python);
        command.arg(script).arg(model_folder);
        command.args(["--workers", &n_workers.to_string()]);
        for variable in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"] {
            command.env(variable, n_threads.to_string());
        }
        Self::start(command, "/ping", &model_folder.with_file_name("reference.log"))
    }

    /// Starts a program on a free port and waits until the path `health` answers 200. What it says goes to a file, as it would.
    pub(crate) fn start(mut command: Command, health: &str, log: &Path) -> Result<Self> {
        // Free a moment ago; should another program take it in this moment, that will show.
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        command.args(["--port", &address.port().to_string()]);
        let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file);
        let begun = Instant::now();
        let mut process = ChildProcess::start(&mut command, StopMethod::Terminate)?;
        let context = format!("{} is not ready; log: {}", process.command_line(), log.display());
        while !is_ready(address, health) {
            ensure!(begun.elapsed() < START_TIMEOUT, "{context}");
            if let Some(status) = process.try_wait()? {
                bail!("{context}: it ended with {status}");
            }
            thread::sleep(PING_INTERVAL);
        }
        Ok(Self { process, address, start_seconds: begun.elapsed().as_secs_f64() })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From before the process was there to the first 200 of `/ping`.
    pub(super) fn start_seconds(&self) -> f64 {
        self.start_seconds
    }

    /// Returns the memory that the process and those it started have resident, in bytes.
    pub(crate) fn resident_bytes(&self) -> Result<f64> {
        sum_over_family(self.process.id(), "status", resident_in)
    }

    /// Returns the processor time that the process and those it started have used so far, in seconds.
    pub(super) fn processor_seconds(&self) -> Result<f64> {
        sum_over_family(self.process.id(), "stat", processor_seconds_in)
    }

    /// Asks it to end, and checks that it does.
    pub(crate) fn stop(mut self) -> Result<()> {
        self.process.stop().map(drop)
    }
}

/// Returns whether `GET` of a path answers 200 now.
fn is_ready(address: SocketAddr, health: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(START_TIMEOUT))?;
        write!(stream, "GET {health} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer.starts_with(b"HTTP/1.1 200 "))
    };
    ask().unwrap_or(false)
}

/// Returns the sum of what a file of `/proc/PID` says, of a process and of all that it started.
fn sum_over_family(process: u32, file: &str, read: fn(&str) -> Option<f64>) -> Result<f64> {
    let folder = Path::new("/proc").join(process.to_string());
    let text = fs::read_to_string(folder.join(file))
        .with_context(|| format!("cannot read the state of process {process}; this needs Linux"))?;
    let mut sum = read(&text).with_context(|| format!("/proc/{process}/{file} is not understood"))?;
    for task in fs::read_dir(folder.join("task"))? {
        for child in fs::read_to_string(task?.path().join("children"))?.split_ascii_whitespace() {
            sum += sum_over_family(child.parse()?, file, read)?;
        }
    }
    Ok(sum)
}

/// Returns the resident memory, in bytes: `VmRSS` of `/proc/PID/status`.
fn resident_in(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    Some(kib * 1024.0)
}

/// Returns the fields `utime` and `stime` of `/proc/PID/stat`, in seconds.
fn processor_seconds_in(stat: &str) -> Option<f64> {
    // What is in the brackets is the program's name, which may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS_A_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_read_from_the_status() {
        let status = "Name:\tx\nVmPeak:\t  9 kB\nVmRSS:\t   12345 kB\nRssAnon:\t 1 kB\n";
        assert_eq!(resident_in(status), Some(12345.0 * 1024.0));
        assert_eq!(resident_in("Name:\tkernel thread\n"), None);
        // Ours, whatever it is, is more than a page and less than the machine.
        let own = sum_over_family(std::process::id(), "status", resident_in).unwrap();
        assert!((4096.0..1e12).contains(&own), "{own}");
    }

    #[test]
    fn processor_time_is_read_from_the_stat() {
        let stat = "42 (a) b) S 1 42 42 0 -1 4194560 512 0 0 0 150 50 7 9 20 0 3 0 100 1 2 3";
        assert_eq!(processor_seconds_in(stat), Some(2.0));
        assert_eq!(processor_seconds_in("42 (a) S 1"), None);
    }
}
