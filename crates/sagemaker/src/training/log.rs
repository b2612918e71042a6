//! The job's log, line by line as the container writes it: what watches a training job reads its lines.
//!
//! Times are UTC. A line that cannot be written is lost: the model is worth more than its log.
//!
//! Source: recorded logs of the built-in k-NN in `sm-k_nearest_neighbors_multi_class_classification.ipynb` of Amazon's
//! SageMaker examples.

use std::{
    fmt,
    io::Write,
    process,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Writes lines to where the job's output goes.
pub(super) struct Log<'a>(&'a mut dyn Write);

impl<'a> Log<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
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

    /// A line with the time, as `[06/07/2021 20:38:55 INFO 7] Training index...`.
    fn line(&mut self, level: &str, message: fmt::Arguments<'_>) {
        let time = Timestamp(unix_time());
        self.write(format_args!("[{time} {level} {}] {message}", process::id()));
    }

    /// A `#metrics` line: numbers of one kind of thing that has happened since `start`.
    pub(super) fn metrics(
        &mut self,
        host: &str,
        start: Duration,
        dimensions: &str,
        metrics: &[(&str, Metric)],
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
            python_float(start.as_secs_f64()),
            python_float(unix_time().as_secs_f64()),
        ));
    }

    fn write(&mut self, line: fmt::Arguments<'_>) {
        let _ = writeln!(self.0, "{line}").and_then(|()| self.0.flush());
    }
}

/// A number of a `#metrics` line.
#[derive(Clone, Copy)]
pub(super) enum Metric {
    Count(u64),
    Time(Duration),
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(n) => write!(f, "{{\"sum\": {n}.0, \"count\": 1, \"min\": {n}, \"max\": {n}}}"),
            Self::Time(time) => {
                let ms = python_float(time.as_secs_f64() * 1e3);
                write!(f, "{{\"sum\": {ms}, \"count\": 1, \"min\": {ms}, \"max\": {ms}}}")
            }
        }
    }
}

/// The time since the year 1970; a clock that stands before that counts as there.
pub(super) fn unix_time() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// A point in time as `month/day/year hour:minute:second`, by the Gregorian calendar, UTC.
struct Timestamp(Duration);

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (days, second) = (seconds / 86_400, seconds % 86_400);
        // Counted from 1 March of the year 0, leap days come last in a year and 400 years have 146,097 days.
        let days = days + 719_468;
        let (era, day) = (days / 146_097, days % 146_097);
        let year_of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // From March the months' lengths repeat 31, 30, 31, 30, 31: 153 days in five months.
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let (month, into_next_year) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        let year = era * 400 + year_of_era + into_next_year;
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(f, "{month:02}/{day:02}/{year:04} {hour:02}:{minute:02}:{second:02}")
    }
}

/// A number as Python's `repr` writes it: shortest, with `.0` on whole numbers, exponents signed and of two digits.
pub(super) fn python_float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    // Debug is shortest, keeps the `.0` and changes to exponents where Python does; only their spelling differs.
    let text = format!("{value:?}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
            format!("{mantissa}e{sign}{digits:0>2}")
        }
        None => text,
    }
}

/// Names and values as Python prints a dictionary of strings; what would break the line is escaped.
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
    fn dates_are_those_of_the_calendar() {
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
            assert_eq!(Timestamp(Duration::from_secs(seconds)).to_string(), expected);
        }
    }

    #[test]
    fn numbers_are_spelled_as_python_spells_them() {
        let cases = [
            (1.0, "1.0"),
            (0.922_136_931_603_042_9, "0.9221369316030429"),
            (1e-7, "1e-07"),
            (1.5e-5, "1.5e-05"),
            (1e-4, "0.0001"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (2.5e300, "2.5e+300"),
            (f64::NAN, "nan"),
            (f64::INFINITY, "inf"),
        ];
        for (value, expected) in cases {
            assert_eq!(python_float(value), expected);
        }
    }
}
