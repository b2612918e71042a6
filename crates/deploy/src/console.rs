//! Output for the user: stages and progress on a terminal, plain lines elsewhere. With `--json`, standard output holds only
//! the result, and everything else goes to standard error.

use std::{
    fmt::Display,
    io::{IsTerminal as _, stdin, stdout},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};
use mysfits_output::{OutputError, errln, out, outln};
use serde::Serialize;

use crate::error::DeployError;

/// Shows progress, and records the current operation. Clones share their state.
#[derive(Debug, Clone)]
pub struct Console {
    bar: Option<ProgressBar>,
    /// Whether standard output is only for the result, in JSON.
    is_json: bool,
    doing: Arc<Mutex<String>>,
    /// The stage in progress, and when it began.
    stage: Arc<Mutex<Option<(String, Instant)>>>,
    /// The first line that could not be written.
    output_error: Arc<Mutex<Option<OutputError>>>,
}

impl Default for Console {
    fn default() -> Self {
        let bar = stdout().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{spinner} {prefix:.bold} {wide_msg}");
            ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        });
        Self {
            bar,
            is_json: false,
            doing: Arc::default(),
            stage: Arc::default(),
            output_error: Arc::default(),
        }
    }
}

impl Console {
    /// Returns whether lines may be coloured.
    pub(crate) fn is_coloured(&self) -> bool {
        self.bar.is_some() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
    }

    /// Returns a console whose standard output holds only JSON.
    #[must_use]
    pub fn for_json() -> Self {
        Self { bar: None, is_json: true, ..Self::default() }
    }

    /// Returns whether standard output holds only JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.is_json
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
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = Some((name.to_owned(), Instant::now()));
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
        let ended = self.stage.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((name, begun)) = ended.filter(|_| self.bar.is_none()) {
            self.say(&took(&name, begun.elapsed()));
        }
    }

    /// Ends the stage in progress and stops the progress display.
    pub fn finish(&self) {
        self.end_stage();
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Records the operation in progress in AWS, to report it when the run is interrupted.
    pub fn doing(&self, what: impl Into<String>) {
        *self.doing.lock().unwrap_or_else(PoisonError::into_inner) = what.into();
    }

    /// Returns the operation in progress.
    #[must_use]
    pub fn what(&self) -> String {
        self.doing.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
        self.output_error.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Writes a line to standard output immediately, or to standard error with `--json`.
    fn say(&self, text: &str) {
        if self.is_json {
            errln!("{text}");
        } else {
            self.record(outln!("{text}"));
        }
    }

    /// Records that standard output cannot be written to. A closed output does not stop the run.
    fn record(&self, written: Result<(), OutputError>) {
        if let Err(error) = written {
            self.output_error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }
}

/// Returns the line at the end of a stage.
fn took(stage: &str, duration: Duration) -> String {
    format!("  {stage} took {:.1} s", duration.as_secs_f64())
}

fn not_json(error: serde_json::Error) -> DeployError {
    DeployError::Corrupt { what: "the result as JSON".to_owned(), problem: error.to_string() }
}
