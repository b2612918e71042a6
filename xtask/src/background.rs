//! Builds by cargo in the background: side by side or one after the other, with their progress.

use std::{
    io::{self, IsTerminal as _},
    process::{Command, ExitStatus, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Context as _, Result, anyhow, bail};
use indicatif::{ProgressBar, ProgressStyle};
use mysfits_output::errln;
use mysfits_process::{ChildProcess, LogFile, StopMethod};

use crate::{tools::system, workspace};

/// How often the progress is updated on a terminal, and how often it is checked whether builds have ended.
const TICK: Duration = Duration::from_millis(100);
/// How often the progress is printed where the output is no terminal.
const LOG_INTERVAL: Duration = Duration::from_secs(20);
/// How much of a failed build's log is shown, in bytes.
const SHOWN_BYTES: u64 = 6000;
/// How much of the log is searched for the progress bar, in bytes.
const SEARCHED_BYTES: u64 = 1000;

/// Returns how much of a build is done, from the last state of the progress bar in cargo's output: compilations, build scripts
/// included.
fn progress(output: &str) -> String {
    let last = output.rsplit(['\r', '\n']).find_map(parse_progress);
    last.unwrap_or_else(|| "not started".to_owned())
}

/// Parses a line of cargo's progress bar: `Building [==>  ] 12/345: serde, syn`.
fn parse_progress(line: &str) -> Option<String> {
    let (_, rest) = line.trim_start().strip_prefix("Building [")?.split_once(']')?;
    let (counts, crates) = rest.split_once(": ").unwrap_or((rest, ""));
    let (done, total) = counts.trim().split_once('/')?;
    let (done, total): (usize, usize) = (done.parse().ok()?, total.parse().ok()?);
    Some(match crates.split(", ").map(str::trim).next() {
        Some(first) if !first.is_empty() => format!("{done} of {total} ({first})"),
        _ => format!("{done} of {total}"),
    })
}

/// Returns cargo's output without the progress bar, which ends in a carriage return where other output replaces it.
fn without_progress(output: &str) -> String {
    let visible = |line: &str| line.rsplit('\r').next().unwrap_or_default().to_owned();
    output.split_inclusive('\n').map(visible).collect()
}

/// A build by cargo in the background. Its output goes to a log.
#[derive(Debug)]
pub struct BackgroundBuild {
    what: &'static str,
    process: ChildProcess,
    log: LogFile,
    begun: SystemTime,
}

impl BackgroundBuild {
    /// Starts a build of `what`, with the name of its log.
    pub fn start(what: &'static str, log: &str, mut command: Command) -> Result<Self> {
        let log = LogFile::create(workspace::log(log))?;
        command.stdin(Stdio::null()).stdout(log.stdio()?).stderr(log.stdio()?);
        // By default, cargo shows the bar to a terminal only.
        command.env("CARGO_TERM_PROGRESS_WHEN", "always").env("CARGO_TERM_PROGRESS_WIDTH", "120");
        command.env("CARGO_TERM_COLOR", "never");
        let process = ChildProcess::start(&mut command, StopMethod::Kill)?;
        Ok(Self { what, process, log, begun: SystemTime::now() })
    }

    /// Reports a build that has ended; fails, with the end of the log, if the build failed.
    fn finish(&self, status: ExitStatus) -> Result<()> {
        let log = self.log.path();
        if !status.success() {
            let output = without_progress(&self.log.tail(SHOWN_BYTES)?);
            bail!("the build of {} failed: {status}\n{output}\nthe whole log: {}", self.what, log.display());
        }
        // The build may have ended long before it is waited for: the log was last modified then.
        let ended = log.metadata().and_then(|log| log.modified()).unwrap_or_else(|_| SystemTime::now());
        let took = ended.duration_since(self.begun).unwrap_or_default();
        errln!("  built {} ({:.1} s)", self.what, took.as_secs_f64());
        Ok(())
    }

    fn progress(&self) -> String {
        progress(&self.log.tail(SEARCHED_BYTES).unwrap_or_default())
    }
}

/// Waits for all builds and shows their progress: in one line that changes on a terminal, otherwise in a line every
/// 20 seconds. Fails if one fails; the others are then stopped.
pub fn wait(mut builds: Vec<BackgroundBuild>) -> Result<()> {
    let begun = Instant::now();
    let is_terminal = io::stderr().is_terminal();
    let bar = if is_terminal { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    bar.set_style(ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}")?);
    let mut printed = begun;
    while !builds.is_empty() {
        let mut running = Vec::new();
        for mut build in builds {
            match build.process.try_wait()? {
                Some(status) => bar.suspend(|| build.finish(status))?,
                None => running.push(build),
            }
        }
        builds = running;
        bar.set_message(line(&builds));
        bar.tick();
        if !is_terminal && !builds.is_empty() && printed.elapsed() >= LOG_INTERVAL {
            errln!("  {} s: {}", begun.elapsed().as_secs(), line(&builds));
            printed = Instant::now();
        }
        thread::sleep(TICK);
    }
    bar.finish_and_clear();
    Ok(())
}

/// Returns what is being built and how much of it is done.
fn line(builds: &[BackgroundBuild]) -> String {
    let each = builds.iter().map(|build| format!("{} {}", build.what, build.progress()));
    each.collect::<Vec<_>>().join(", ")
}

/// Builds that run in the background, one after the other.
pub struct BuildQueue {
    thread: Option<JoinHandle<Result<()>>>,
    is_cancelled: Arc<AtomicBool>,
}

impl BuildQueue {
    /// Starts builds, each with what it builds and the name of its log, until one fails. They have a low priority where the
    /// system supports that: the commands that run meanwhile keep most of the processor.
    pub fn start(builds: Vec<(&'static str, &'static str, Command)>) -> Self {
        let is_cancelled = Arc::new(AtomicBool::new(false));
        let cancelled = Arc::clone(&is_cancelled);
        let run = move || {
            for (what, log, command) in builds {
                let mut build = BackgroundBuild::start(what, log, with_low_priority(command))?;
                errln!("▷ {what} (in the background; log: {})", build.log.path().display());
                let status = loop {
                    if let Some(status) = build.process.try_wait()? {
                        break status;
                    }
                    if cancelled.load(Ordering::Relaxed) {
                        return Ok(());
                    }
                    thread::sleep(TICK);
                };
                build.finish(status)?;
            }
            Ok(())
        };
        Self { thread: Some(thread::spawn(run)), is_cancelled }
    }

    /// Waits for the end of all; fails if one failed.
    pub fn wait(mut self) -> Result<()> {
        let ended = self.thread.take().map(JoinHandle::join);
        ended.context("waited already")?.map_err(|_| anyhow!("the thread panicked"))?
    }
}

impl Drop for BuildQueue {
    /// Stops what is not waited for because something else failed.
    fn drop(&mut self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Returns the same command, started by `nice` if that is installed.
fn with_low_priority(command: Command) -> Command {
    let Some(nice) = system::find("nice") else { return command };
    let mut low = Command::new(nice);
    low.args(["-n", "10"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => low.env(name, value),
            None => low.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        low.current_dir(folder);
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "   Compiling serde v1.0.0\n    Building [=>      ] 7/63: serde, syn(build)            \r   Compiling \
                          syn v3.0.0\n    Building [======> ] 62/63: xtask(bin)\r    Finished `dev` profile\n";

    #[test]
    fn reads_the_progress_of_cargo() {
        assert_eq!(
            without_progress(OUTPUT),
            "   Compiling serde v1.0.0\n   Compiling syn v3.0.0\n    Finished `dev` profile\n"
        );
        assert_eq!(progress(OUTPUT), "62 of 63 (xtask(bin))");
    }

    #[test]
    fn shows_how_much_is_done_and_of_how_much() {
        assert_eq!(progress("    Building [=>   ] 7/63: serde, syn(build)"), "7 of 63 (serde)");
        assert_eq!(progress("    Building [==>  ] 30/63"), "30 of 63");
        assert_eq!(progress(""), "not started");
        for other in ["   Compiling serde v1.0.0", "error: Building [", "    Building [=>  ] soon"] {
            assert_eq!(parse_progress(other), None, "{other}");
        }
    }

    #[test]
    fn reports_the_end_of_the_log_of_a_failed_build() {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--no-such-option"]);
        let build = BackgroundBuild::start("nothing", "test-failed-build", cargo).unwrap();
        let error = wait(vec![build]).unwrap_err().to_string();
        assert!(error.starts_with("the build of nothing failed: exit status: 1\n"), "{error}");
        assert!(error.contains("unexpected argument '--no-such-option'"), "{error}");
    }
}
