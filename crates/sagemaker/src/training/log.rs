//! The log of a training job, in the format of the container, which monitoring parses.
//!
//! Times are UTC. Errors of writing the log are ignored: they must not fail the job.
//!
//! Source: recorded logs of the built-in k-NN in `sm-k_nearest_neighbors_multi_class_classification.ipynb` of Amazon's
//! SageMaker examples.

use std::{
    fmt,
    io::Write,
    process,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use jiff::Timestamp;

use crate::codec::number::python_repr;

/// Writes log lines to the output of the job.
pub(super) struct Log<'a>(&'a mut (dyn Write + Send));

impl<'a> Log<'a> {
    pub(super) fn new(out: &'a mut (dyn Write + Send)) -> Self {
        Self(out)
    }

    pub(super) fn info(&mut self, message: fmt::Arguments<'_>) {
        self.line("INFO", message);
    }

    pub(super) fn warning(&mut self, message: fmt::Arguments<'_>) {
        self.line("WARNING", message);
    }

    pub(super) fn error(&mut self, message: fmt::Arguments<'_>) {
        self.line("ERROR", message);
    }

    /// Writes a line with the time, such as `[06/07/2021 20:38:55 INFO 7] Training index...`.
    fn line(&mut self, level: &str, message: fmt::Arguments<'_>) {
        let time = timestamp(unix_time());
        self.write(format_args!("[{time} {level} {}] {message}", process::id()));
    }

    /// Writes a `#metrics` line about the time since `start`.
    pub(super) fn metrics(
        &mut self,
        host: &str,
        start: Duration,
        dimensions: &str,
        metrics: &[(&str, LogMetric)],
    ) {
        let host = serde_json::Value::from(host);
        let metrics = fmt::from_fn(|f| {
            for (i, (name, metric)) in metrics.iter().enumerate() {
                write!(f, "{}\"{name}\": {metric}", if i == 0 { "" } else { ", " })?;
            }
            Ok(())
        });
        self.write(format_args!(
            "#metrics {{\"StartTime\": {}, \"EndTime\": {}, \"Dimensions\": {{\"Algorithm\": \"AWS/KNN\", \
             \"Host\": {host}, \"Operation\": \"training\"{dimensions}}}, \"Metrics\": {{{metrics}}}}}",
            python_repr(start.as_secs_f64()),
            python_repr(unix_time().as_secs_f64()),
        ));
    }

    fn write(&mut self, line: fmt::Arguments<'_>) {
        let _ = writeln!(self.0, "{line}").and_then(|()| self.0.flush());
    }
}

/// A number of a `#metrics` line.
#[derive(Clone, Copy)]
pub(super) enum LogMetric {
    Count(u64),
    Time(Duration),
}

impl fmt::Display for LogMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(n) => write!(f, "{{\"sum\": {n}.0, \"count\": 1, \"min\": {n}, \"max\": {n}}}"),
            Self::Time(time) => {
                let ms = python_repr(time.as_secs_f64() * 1e3);
                write!(f, "{{\"sum\": {ms}, \"count\": 1, \"min\": {ms}, \"max\": {ms}}}")
            }
        }
    }
}

/// Returns the time since the year 1970; 0 if the clock is before that.
pub(super) fn unix_time() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Returns a point in time as `month/day/year hour:minute:second`, UTC.
fn timestamp(unix_time: Duration) -> impl fmt::Display {
    let time = i64::try_from(unix_time.as_secs()).ok().and_then(|s| Timestamp::from_second(s).ok());
    time.unwrap_or(Timestamp::MAX).strftime("%m/%d/%Y %H:%M:%S")
}

/// Formats names and values like a Python dictionary of strings; control characters are escaped.
pub(super) fn python_dict<'a>(
    members: impl IntoIterator<Item = (&'a str, &'a str)> + Clone,
) -> impl fmt::Display {
    fmt::from_fn(move |f| {
        f.write_str("{")?;
        for (i, (name, value)) in members.clone().into_iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}'{}': '{}'", name.escape_debug(), value.escape_debug())?;
        }
        f.write_str("}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_follow_the_calendar() {
        let cases = [
            (0, "01/01/1970 00:00:00"),
            (951_782_399, "02/28/2000 23:59:59"),
            (951_782_400, "02/29/2000 00:00:00"),
            (951_868_800, "03/01/2000 00:00:00"),
            (1_623_098_335, "06/07/2021 20:38:55"),
            (1_709_164_800, "02/29/2024 00:00:00"),
            (1_735_689_599, "12/31/2024 23:59:59"),
            (1_735_689_600, "01/01/2025 00:00:00"),
            (4_107_542_399, "02/28/2100 23:59:59"),
            (4_107_542_400, "03/01/2100 00:00:00"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(timestamp(Duration::from_secs(seconds)).to_string(), expected);
        }
    }
}
