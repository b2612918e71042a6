//! Command-line options of `mysfits-deploy`, and its commands that make no AWS calls.
//!
//! This crate depends on no AWS SDK, so `cargo xtask` can parse and list every option of the deployer within seconds.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod deploy;
mod policy;
mod synth;
mod train;
mod ttl;

use std::time::Duration;

use clap::Args;

pub use deploy::{Backend, DeployArgs, HostingMode, Training};
pub use policy::{PolicyArgs, policy};
pub use synth::{SynthArgs, SynthError, synth};
pub use train::TrainingArgs;
pub use ttl::{Ttl, TtlError};

/// Options of `destroy`.
#[derive(Debug, Clone, Args)]
pub struct DestroyArgs {
    /// Skip the confirmation prompt
    #[arg(long)]
    pub yes: bool,
    /// Show what would be deleted and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Options of `status`.
#[derive(Debug, Clone, Args)]
pub struct StatusArgs {
    /// Also detect drift
    #[arg(long)]
    pub drift: bool,
}

/// Options of `outputs`.
#[derive(Debug, Clone, Args)]
pub struct OutputsArgs {
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

/// Options of `logs`.
#[derive(Debug, Clone, Args)]
pub struct LogsArgs {
    /// Show log lines newer than this (30s, 10m, 2h, 7d)
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = parse_since)]
    pub since: Duration,
    /// Follow the log until interrupted
    #[arg(long)]
    pub follow: bool,
}

fn parse_since(text: &str) -> Result<Duration, &'static str> {
    ttl::parse_duration(text).ok_or("expected a whole number with s, m, h or d, such as 10m")
}

#[cfg(test)]
mod tests {
    use clap::{Parser, Subcommand};

    use super::*;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(subcommand)]
        _command: Command,
    }

    #[derive(Debug, Subcommand)]
    enum Command {
        Deploy(DeployArgs),
        Destroy(DestroyArgs),
        Status(StatusArgs),
        Outputs(OutputsArgs),
        Logs(LogsArgs),
        Train(TrainingArgs),
        Synth(SynthArgs),
        Policy(PolicyArgs),
    }

    #[test]
    fn the_options_are_well_defined() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn parses_durations() {
        assert_eq!(parse_since("10m"), Ok(Duration::from_mins(10)));
        assert!(parse_since("soon").is_err_and(|text| text.contains("10m")));
    }

    #[test]
    fn rejects_more_rows_than_a_model_can_have() {
        for rows in ["0", "4611686018427387904"] {
            let error = Cli::try_parse_from(["deploy", "train", "--rows", rows]).expect_err("out of range");
            assert!(error.to_string().contains("is not in 1..=4294967295"), "{error}");
        }
    }
}
