//! Running programs: visibly, or into a log that is shown if they fail.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{IsTerminal as _, Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
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

use crate::{build, tools::system, workspace};

/// How much of a failed program's log is shown, in bytes.
const LOG_TAIL: u64 = 6000;

/// Hosts that no proxy is used for: the servers that the commands start.
const LOOPBACK: &str = "127.0.0.1,localhost,::1";

/// The cargo that runs us, in the workspace, with colours as the terminal has them.
pub fn cargo() -> Command {
    program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A program in the workspace's folder. It uses no proxy for this machine, whatever the environment says.
pub fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(workspace::root()).envs(build::inherited_sharing());
    for variable in ["NO_PROXY", "no_proxy"] {
        let others = std::env::var(variable).unwrap_or_default();
        command.env(
            variable,
            if others.is_empty() { LOOPBACK.to_owned() } else { format!("{LOOPBACK},{others}") },
        );
    }
    command
}

/// Says what is about to be done.
pub fn heading(what: &str) {
    errln!("\n▶ {what}");
}

/// Does something under a heading, and says how long it took.
pub fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    heading(what);
    let begun = Instant::now();
    let result = work().with_context(|| what.to_owned())?;
    errln!("✔ {what} ({:.1} s)", begun.elapsed().as_secs_f64());
    Ok(result)
}

/// Runs a program; its output is ours. Fails if it does.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("{} failed: {status}", shown(command));
    }
    Ok(())
}

/// What a program prints, without white space around it; none if it cannot be started or fails.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A program in the background whose output goes to a log.
pub struct Background {
    what: String,
    child: Child,
    log: PathBuf,
    begun: SystemTime,
}

impl Background {
    /// Starts the program.
    pub fn start(what: &str, log: &str, command: &mut Command) -> Result<Self> {
        let log = workspace::log(log);
        if let Some(folder) = log.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let child = command.spawn().with_context(|| format!("cannot start {}", shown(command)))?;
        errln!("▷ {what} (in the background; log: {})", log.display());
        Ok(Self { what: what.to_owned(), child, log, begun: SystemTime::now() })
    }

    /// Waits for its end, showing the last line of its log on a terminal; fails, with the end of the log, if it failed.
    pub fn wait(mut self) -> Result<()> {
        let bar =
            if std::io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        bar.set_style(ProgressStyle::with_template("{spinner} {prefix} ({elapsed}) {wide_msg}")?);
        bar.set_prefix(self.what.clone());
        while self.child.try_wait()?.is_none() {
            bar.set_message(end_of(&self.log, 200).lines().last().unwrap_or_default().trim().to_owned());
            bar.tick();
            thread::sleep(Duration::from_millis(100));
        }
        bar.finish_and_clear();
        self.finish()
    }

    /// Waits for its end; fails, with the end of the log, if it failed.
    fn finish(mut self) -> Result<()> {
        let status = self.child.wait()?;
        if !status.success() {
            bail!(
                "{} failed: {status}\n{}\nthe whole log: {}",
                self.what,
                tail(&self.log),
                self.log.display()
            );
        }
        errln!("✔ {} ({:.1} s)", self.what, self.took().as_secs_f64());
        Ok(())
    }

    /// Returns how long the program ran, even if it is waited for later: the log was last modified when it
    /// ended.
    fn took(&self) -> Duration {
        let ended = self.log.metadata().and_then(|log| log.modified()).unwrap_or_else(|_| SystemTime::now());
        ended.duration_since(self.begun).unwrap_or_default()
    }
}

/// Returns the end of a log, as much as is shown when a program fails.
pub fn tail(log: &Path) -> String {
    end_of(log, LOG_TAIL)
}

fn end_of(log: &Path, bytes: u64) -> String {
    let read = || {
        let mut file = File::open(log).ok()?;
        let length = file.metadata().ok()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(bytes))).ok()?;
        let mut end = Vec::new();
        file.read_to_end(&mut end).ok()?;
        Some(String::from_utf8_lossy(&end).into_owned())
    };
    read().unwrap_or_default()
}

impl Drop for Background {
    /// What is not waited for, because something else failed, must not go on.
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Programs that run in the background, one after the other.
pub struct Chain {
    thread: Option<JoinHandle<Result<()>>>,
    is_cancelled: Arc<AtomicBool>,
}

impl Chain {
    /// Starts the programs, each with what it does and the name of its log, until one fails. They have a low priority where
    /// the system can do that: the commands that run meanwhile keep most of the processor.
    pub fn start(programs: Vec<(&'static str, &'static str, Command)>) -> Self {
        let is_cancelled = Arc::new(AtomicBool::new(false));
        let cancelled = Arc::clone(&is_cancelled);
        let run = move || {
            for (what, log, command) in programs {
                let mut program = Background::start(what, log, &mut with_low_priority(command))?;
                while program.child.try_wait()?.is_none() {
                    if cancelled.load(Ordering::Relaxed) {
                        return Ok(());
                    }
                    thread::sleep(Duration::from_millis(100));
                }
                program.finish()?;
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

impl Drop for Chain {
    /// What is not waited for, because something else failed, must not go on.
    fn drop(&mut self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The same command, started by `nice` if there is one.
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

/// The command line as a person would type it.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
