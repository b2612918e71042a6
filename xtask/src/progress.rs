//! Builds by cargo that run side by side, and how far they are.

use std::{
    fmt,
    fs::{self, File},
    io::{self, BufRead as _, BufReader, IsTerminal as _, Read, Write},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use mysfits_output::errln;

use crate::{
    process::{shown, tail},
    workspace,
};

/// How often the progress is updated on a terminal, and how often the builds are asked whether they have ended.
const TICK: Duration = Duration::from_millis(100);
/// How often the progress is printed where the output is no terminal.
const LOG_INTERVAL: Duration = Duration::from_secs(20);

/// How much of a build is done, as cargo counts it: compilations, build scripts included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Progress {
    done: usize,
    total: usize,
    /// The crates that are being compiled.
    current: String,
}

impl Progress {
    /// Parses a line of cargo's progress bar: `Building [==>  ] 12/345: serde, syn`.
    fn parse(line: &str) -> Option<Self> {
        let (_, rest) = line.trim_start().strip_prefix("Building [")?.split_once(']')?;
        let (counts, current) = rest.split_once(':').unwrap_or((rest, ""));
        let (done, total) = counts.trim().split_once('/')?;
        let current = current.trim().to_owned();
        Some(Self { done: done.parse().ok()?, total: total.parse().ok()?, current })
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { done, total, current } = self;
        match (total, current.split(", ").next()) {
            (0, _) => write!(f, "not started"),
            (_, Some(first)) if !first.is_empty() => write!(f, "{done} of {total} ({first})"),
            _ => write!(f, "{done} of {total}"),
        }
    }
}

/// A build by cargo in the background. Its output goes to a log, but for the progress bar, which is read.
#[derive(Debug)]
pub struct Build {
    what: &'static str,
    child: Child,
    log: PathBuf,
    begun: Instant,
    progress: Arc<Mutex<Progress>>,
    reader: Option<JoinHandle<io::Result<()>>>,
}

impl Build {
    /// Starts a build of `what`, with the name of its log.
    pub fn start(what: &'static str, log: &str, mut command: Command) -> Result<Self> {
        let log = workspace::log(log);
        if let Some(folder) = log.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(Stdio::piped());
        // Cargo shows the bar to a terminal only, unless it is told otherwise.
        command.env("CARGO_TERM_PROGRESS_WHEN", "always").env("CARGO_TERM_PROGRESS_WIDTH", "120");
        command.env("CARGO_TERM_COLOR", "never");
        let mut child = command.spawn().with_context(|| format!("cannot start {}", shown(&command)))?;
        let stderr = child.stderr.take().context("the build's output is missing")?;
        let progress = Arc::<Mutex<Progress>>::default();
        let read = Arc::clone(&progress);
        let reader = thread::spawn(move || copy_log(stderr, file, &read));
        Ok(Self { what, child, log, begun: Instant::now(), progress, reader: Some(reader) })
    }

    /// Returns the exit status if the build has ended.
    fn poll(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Reports a build that has ended; fails, with the end of the log, if the build failed.
    fn finish(&mut self, status: ExitStatus) -> Result<()> {
        if let Some(Ok(written)) = self.reader.take().map(JoinHandle::join) {
            written.with_context(|| format!("cannot write {}", self.log.display()))?;
        }
        if !status.success() {
            bail!(
                "the build of {} failed: {status}\n{}\nthe whole log: {}",
                self.what,
                tail(&self.log),
                self.log.display()
            );
        }
        errln!("  built {} ({:.1} s)", self.what, self.begun.elapsed().as_secs_f64());
        Ok(())
    }

    fn progress(&self) -> Progress {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Build {
    /// What is not waited for, because another build failed, must not go on.
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Waits for all builds and shows how far they are: in one line that changes on a terminal, otherwise in a line every
/// 20 seconds. Fails if one fails; the others are ended.
pub fn wait(mut builds: Vec<Build>) -> Result<()> {
    let begun = Instant::now();
    let is_terminal = io::stderr().is_terminal();
    let bar = if is_terminal { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    bar.set_style(ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}")?);
    let mut printed = begun;
    while !builds.is_empty() {
        let mut running = Vec::new();
        for mut build in builds {
            match build.poll()? {
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
fn line(builds: &[Build]) -> String {
    let each = builds.iter().map(|build| format!("{} {}", build.what, build.progress()));
    each.collect::<Vec<_>>().join(", ")
}

/// Copies cargo's output to the log; the progress bar goes to `progress` instead.
fn copy_log(output: impl Read, mut log: impl Write, progress: &Mutex<Progress>) -> io::Result<()> {
    let mut output = BufReader::new(output);
    let mut line = Vec::new();
    loop {
        let bytes = output.fill_buf()?;
        if bytes.is_empty() {
            return log.write_all(&line);
        }
        for &byte in bytes {
            line.push(byte);
            // The bar ends in a carriage return, so that what is printed next replaces it.
            if byte == b'\n' || byte == b'\r' {
                match Progress::parse(&String::from_utf8_lossy(&line)) {
                    Some(read) => *progress.lock().unwrap_or_else(PoisonError::into_inner) = read,
                    None => log.write_all(&line)?,
                }
                line.clear();
            }
        }
        let n_bytes = bytes.len();
        output.consume(n_bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "   Compiling serde v1.0.0\n    Building [=>      ] 7/63: serde, syn(build)            \r   Compiling \
                          syn v3.0.0\n    Building [======> ] 62/63: xtask(bin)\r    Finished `dev` profile\n";

    #[test]
    fn reads_the_progress_of_cargo() {
        let progress = Mutex::default();
        let mut log = Vec::new();
        copy_log(OUTPUT.as_bytes(), &mut log, &progress).unwrap();
        let log = String::from_utf8(log).unwrap();
        assert_eq!(log, "   Compiling serde v1.0.0\n   Compiling syn v3.0.0\n    Finished `dev` profile\n");
        let progress = progress.into_inner().unwrap();
        assert_eq!(progress, Progress { done: 62, total: 63, current: "xtask(bin)".to_owned() });
    }

    #[test]
    fn shows_how_much_is_done_and_of_how_much() {
        let progress = |line| Progress::parse(line).unwrap().to_string();
        assert_eq!(progress("    Building [=>   ] 7/63: serde, syn(build)"), "7 of 63 (serde)");
        assert_eq!(progress("    Building [==>  ] 30/63"), "30 of 63");
        assert_eq!(Progress::default().to_string(), "not started");
        for other in ["   Compiling serde v1.0.0", "error: Building [", "    Building [=>  ] soon"] {
            assert_eq!(Progress::parse(other), None, "{other}");
        }
    }

    #[test]
    fn reports_the_end_of_the_log_of_a_failed_build() {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--no-such-option"]);
        let error = wait(vec![Build::start("nothing", "test-failed-build", cargo).unwrap()]).unwrap_err();
        let error = error.to_string();
        assert!(error.starts_with("the build of nothing failed: exit status: 1\n"), "{error}");
        assert!(error.contains("unexpected argument '--no-such-option'"), "{error}");
    }
}
