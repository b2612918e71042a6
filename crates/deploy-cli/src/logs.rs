//! Options of `logs`.

use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::{StageArgs, ttl::parse_duration};

/// What writes a log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum LogSource {
    /// The function
    #[default]
    Function,
    /// The API's requests (with the template parameter `ApiLogging`)
    Api,
    /// The endpoint
    Endpoint,
    /// Training jobs
    Training,
    /// The notebook instance
    Notebook,
}

/// Options of `logs`.
#[derive(Debug, Clone, Args)]
pub struct LogsArgs {
    /// The stage
    #[command(flatten)]
    pub stage: StageArgs,
    /// Whose log to show
    #[arg(value_enum, default_value_t = LogSource::Function)]
    pub source: LogSource,
    /// Show log lines newer than this (30s, 10m, 2h, 7d)
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = parse_since)]
    pub since: Duration,
    /// Show only lines that match a filter pattern of `CloudWatch` Logs
    #[arg(long, value_name = "PATTERN")]
    pub filter: Option<String>,
    /// Follow the log until interrupted
    #[arg(long)]
    pub follow: bool,
    /// Print a JSON object for each line
    #[arg(long)]
    pub json: bool,
}

fn parse_since(text: &str) -> Result<Duration, &'static str> {
    parse_duration(text).ok_or("expected a whole number with s, m, h or d, such as 10m")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_durations() {
        assert_eq!(parse_since("10m"), Ok(Duration::from_mins(10)));
        assert!(parse_since("soon").is_err_and(|text| text.contains("10m")));
    }
}
