//! Where the figures come from.

use std::{fs, process::Command, thread};

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
