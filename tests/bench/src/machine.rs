//! Where the figures come from.

use std::{fs, process::Command, thread};

use anyhow::{Context as _, Result};

/// The machine and the versions of a run.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) cpu: String,
    pub(crate) n_cores: usize,
    pub(crate) rustc: String,
    pub(crate) peers: String,
    pub(crate) load: String,
}

impl Machine {
    pub(crate) fn new(peers: String, load: String) -> Self {
        let cpu = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        });
        let rustc =
            Command::new("rustc").arg("--version").output().ok().filter(|output| output.status.success());
        let rustc = rustc.and_then(|output| String::from_utf8(output.stdout).ok());
        Self {
            cpu: cpu.unwrap_or_else(|| format!("unknown {} CPU", std::env::consts::ARCH)),
            n_cores: thread::available_parallelism().map_or(1, usize::from),
            rustc: rustc.map_or_else(|| "unknown rustc".to_owned(), |line| line.trim().to_owned()),
            peers,
            load,
        }
    }
}

/// Returns the average number of running processes in the last minute; figures of a busy machine are not reliable.
pub(crate) fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").ok();
    text.and_then(|text| text.split(' ').next().map(str::to_owned)).unwrap_or_else(|| "unknown".to_owned())
}

/// Returns the peak memory of a process, in bytes: `VmHWM` of `/proc/PID/status`.
pub(crate) fn peak_bytes(process: u32) -> Result<f64> {
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
