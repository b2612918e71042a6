//! Output for the user: stages and progress on a terminal, plain lines elsewhere. With `--json`, standard output holds only
//! the result, and everything else goes to standard error.

use std::{
    convert::Infallible,
    fmt::Display,
    io::{IsTerminal as _, stdin, stdout},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};
use mysfits_output::{OutputError, errln, out, outln};
use serde::Serialize;

use crate::error::DeployError;

/// The time without a line after which the stage in progress is named again. Some CI services stop jobs that are silent for
/// 10 minutes.
const MAX_SILENCE: Duration = Duration::from_mins(2);

/// Shows progress, and records the current operation. Clones share their state.
#[derive(Debug, Clone)]
pub struct Console {
    bar: Option<ProgressBar>,
    lines: LineOutput,
    state: Arc<Mutex<ConsoleState>>,
}

/// Where lines about progress go.
#[derive(Debug, Clone)]
enum LineOutput {
    Stdout,
    /// Standard output is only for the result, in JSON.
    Stderr,
    #[cfg(test)]
    Memory(Arc<Mutex<Vec<String>>>),
}

#[derive(Debug)]
struct ConsoleState {
    /// The operation in progress in AWS.
    doing: String,
    /// The stage in progress, and when it began.
    stage: Option<(String, Instant)>,
    /// When the last line was printed.
    last_line: Instant,
    /// The first line that could not be written.
    output_error: Option<OutputError>,
}

impl Default for Console {
    fn default() -> Self {
        let bar = stdout().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{spinner} {prefix:.bold} {wide_msg}");
            ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        });
        Self::new(bar, LineOutput::Stdout)
    }
}

impl Console {
    fn new(bar: Option<ProgressBar>, lines: LineOutput) -> Self {
        let state =
            ConsoleState { doing: String::new(), stage: None, last_line: Instant::now(), output_error: None };
        Self { bar, lines, state: Arc::new(Mutex::new(state)) }
    }

    /// Returns a console whose standard output holds only JSON.
    #[must_use]
    pub fn for_json() -> Self {
        Self::new(None, LineOutput::Stderr)
    }

    fn state(&self) -> MutexGuard<'_, ConsoleState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether lines may be coloured.
    pub(crate) fn is_coloured(&self) -> bool {
        self.bar.is_some() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
    }

    /// Returns whether standard output holds only JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        matches!(self.lines, LineOutput::Stderr)
    }

    /// Prints the result of a command with `--json`.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub fn json(&self, result: &impl Serialize) -> Result<(), DeployError> {
        let text = serde_json::to_string_pretty(result).map_err(not_json)?;
        self.record(outln!("{text}"));
        Ok(())
    }

    /// Prints one of several results of a command with `--json`, in one line.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub fn json_line(&self, result: &impl Serialize) -> Result<(), DeployError> {
        let text = serde_json::to_string(result).map_err(not_json)?;
        self.record(outln!("{text}"));
        Ok(())
    }

    /// Announces a stage. Without a terminal, prints the duration of the stage before and the name of this one.
    pub fn stage(&self, name: &str) {
        self.end_stage();
        self.state().stage = Some((name.to_owned(), Instant::now()));
        self.doing(name);
        match &self.bar {
            Some(bar) => {
                bar.set_prefix(name.to_owned());
                bar.set_message("");
                bar.enable_steady_tick(Duration::from_millis(120));
            }
            None => self.say(&format!("stage {name}")),
        }
    }

    /// Prints text that remains visible.
    pub fn line(&self, text: impl Display) {
        match &self.bar {
            Some(bar) => bar.suspend(|| self.say(&text.to_string())),
            None => self.say(&text.to_string()),
        }
    }

    /// Shows a status that the next one replaces. Without a terminal, prints a line.
    pub fn passing(&self, text: impl Display) {
        match &self.bar {
            Some(bar) => bar.set_message(text.to_string()),
            None => self.say(&format!("  {text}")),
        }
    }

    /// Without a terminal, prints how long the stage in progress took.
    fn end_stage(&self) {
        let ended = self.state().stage.take();
        if let Some((name, begun)) = ended.filter(|_| self.bar.is_none()) {
            self.say(&format!("  {name} took {:.1} s", begun.elapsed().as_secs_f64()));
        }
    }

    /// Ends the stage in progress and stops the progress display.
    pub fn finish(&self) {
        self.end_stage();
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Without a terminal, names the stage in progress after each two minutes without a line. Does not return.
    pub(crate) async fn report_silence(&self) -> Infallible {
        if self.bar.is_none() {
            self.report_silence_of(MAX_SILENCE).await;
        }
        std::future::pending().await
    }

    async fn report_silence_of(&self, most: Duration) {
        loop {
            let (silence, stage) = {
                let state = self.state();
                (state.last_line.elapsed(), state.stage.clone())
            };
            if let Some((name, begun)) = stage.filter(|_| silence >= most) {
                self.say(&format!(
                    "  {name} in progress for {} s: {}",
                    begun.elapsed().as_secs(),
                    self.what()
                ));
            }
            tokio::time::sleep(most.checked_sub(silence).unwrap_or(most)).await;
        }
    }

    /// Records the operation in progress in AWS, to report it when the run is interrupted.
    pub fn doing(&self, what: impl Into<String>) {
        self.state().doing = what.into();
    }

    /// Returns the operation in progress.
    #[must_use]
    pub fn what(&self) -> String {
        self.state().doing.clone()
    }

    /// Asks the user to confirm what was shown, unless `yes`.
    ///
    /// # Errors
    /// If there is no terminal to ask on, or the user declines.
    pub fn confirm(&self, what: &'static str, yes: bool) -> Result<(), DeployError> {
        if yes {
            return Ok(());
        }
        if self.bar.is_none() || !stdin().is_terminal() {
            return Err(DeployError::ConfirmationRequired(what));
        }
        self.finish();
        let mut answer = String::new();
        let is_asked = out!("{what}? [y/N] ").is_ok() && stdin().read_line(&mut answer).is_ok();
        let is_yes = is_asked && ["y", "yes"].contains(&answer.trim().to_lowercase().as_str());
        if is_yes { Ok(()) } else { Err(DeployError::Declined) }
    }

    /// Returns the first error of standard output, if any.
    #[must_use]
    pub fn output_error(&self) -> Option<OutputError> {
        self.state().output_error.take()
    }

    /// Writes a line to standard output immediately, or to standard error with `--json`.
    fn say(&self, text: &str) {
        self.state().last_line = Instant::now();
        match &self.lines {
            LineOutput::Stdout => self.record(outln!("{text}")),
            LineOutput::Stderr => errln!("{text}"),
            #[cfg(test)]
            LineOutput::Memory(lines) => {
                lines.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
            }
        }
    }

    /// Records that standard output cannot be written to. A closed output does not stop the run.
    fn record(&self, written: Result<(), OutputError>) {
        if let Err(error) = written {
            self.state().output_error.get_or_insert(error);
        }
    }
}

fn not_json(error: serde_json::Error) -> DeployError {
    DeployError::Corrupt { what: "the result as JSON".to_owned(), problem: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a console without a terminal, and what it prints.
    fn console() -> (Console, impl Fn() -> Vec<String>) {
        let lines = Arc::new(Mutex::new(Vec::new()));
        (Console::new(None, LineOutput::Memory(lines.clone())), move || lines.lock().unwrap().clone())
    }

    #[test]
    fn without_a_terminal_each_event_is_a_line() {
        let (console, printed) = console();
        console.line("settings of mysfits.toml");
        console.stage("upload-site");
        console.passing("index.html");
        console.stage("smoke-test");
        console.finish();
        console.finish();
        console.line("ready");
        let expected = [
            "settings of mysfits.toml",
            "stage upload-site",
            "  index.html",
            "  upload-site took",
            "stage smoke-test",
            "  smoke-test took",
            "ready",
        ];
        let without_time = |line: String| match line.split_once(" took ") {
            Some((stage, time)) if time.ends_with(" s") => format!("{stage} took"),
            _ => line,
        };
        assert_eq!(printed().into_iter().map(without_time).collect::<Vec<_>>(), expected);
    }

    #[tokio::test]
    async fn a_silent_stage_is_named_again() {
        let (console, printed) = console();
        let silence = Duration::from_millis(20);
        let wait = |time| tokio::time::timeout(time, console.report_silence_of(silence));
        assert!(wait(silence * 3).await.is_err());
        assert_eq!(printed(), Vec::<String>::new(), "without a stage");
        console.stage("stack-website");
        console.doing("Mysfits-dev-Site: creation");
        assert!(wait(silence * 15).await.is_err());
        let lines = printed();
        assert!((2..=16).contains(&lines.len()), "{lines:?}");
        let again = |line: &String| {
            line.starts_with("  stack-website in progress for ")
                && line.ends_with(" s: Mysfits-dev-Site: creation")
        };
        assert!(lines[1..].iter().all(again), "{lines:?}");
    }
}
