//! Command-line options of `mysfits-deploy`, and its commands that make no AWS calls.
//!
//! This crate depends on no AWS SDK, so `cargo xtask` can parse and list every option of the deployer within seconds.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod deploy;
mod policy;
mod settings;
mod synth;
mod train;
mod ttl;

use std::time::Duration;

use clap::Args;
use mysfits_infra::Stage;

pub use deploy::{Backend, DeployArgs, HostingMode, Training};
pub use policy::{PolicyArgs, policy};
pub use settings::{
    DeploySettings, DeploySettingsError, SETTINGS_FILE, SettingError, SettingsFile, settings_reference,
};
pub use synth::{SynthArgs, SynthError, synth};
pub use train::{TrainJobArgs, TrainingArgs};
pub use ttl::{Ttl, TtlError};

/// The stage of a command.
#[derive(Debug, Clone, Default, Args)]
pub struct StageArgs {
    /// Stage: a part of the name of everything that is deployed
    #[arg(long, value_name = "NAME", default_value_t)]
    pub stage: Stage,
}

/// Options of `destroy`.
#[derive(Debug, Clone, Args)]
pub struct DestroyArgs {
    /// What to delete
    #[command(flatten)]
    pub stage: StageArgs,
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
    /// What to show
    #[command(flatten)]
    pub stage: StageArgs,
    /// Also detect drift
    #[arg(long)]
    pub drift: bool,
}

/// Options of `outputs`.
#[derive(Debug, Clone, Args)]
pub struct OutputsArgs {
    /// What to print
    #[command(flatten)]
    pub stage: StageArgs,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

/// Options of `logs`.
#[derive(Debug, Clone, Args)]
pub struct LogsArgs {
    /// Whose log to show
    #[command(flatten)]
    pub stage: StageArgs,
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
        Deploy(Box<DeployArgs>),
        Destroy(DestroyArgs),
        Status(StatusArgs),
        Outputs(OutputsArgs),
        Logs(LogsArgs),
        Train(TrainJobArgs),
        Synth(SynthArgs),
        Policy(PolicyArgs),
    }

    #[test]
    fn the_options_are_well_defined() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn every_command_that_calls_aws_takes_a_stage() {
        for command in ["deploy", "destroy", "status", "outputs", "logs", "train", "policy"] {
            assert!(Cli::try_parse_from(["deploy", command, "--stage", "prod"]).is_ok(), "{command}");
            let error = Cli::try_parse_from(["deploy", command, "--stage", "Prod"]).expect_err("invalid");
            assert!(error.to_string().contains("invalid stage \"Prod\" (expected 1 to 22"), "{error}");
        }
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
