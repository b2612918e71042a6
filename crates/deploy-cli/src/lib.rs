//! Command-line options of `mysfits-deploy`, and its commands that make no AWS calls.
//!
//! This crate depends on no AWS SDK, so `cargo xtask` can parse and list every option of the deployer within seconds.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod arn;
mod deploy;
mod exit;
mod logs;
mod policy;
mod region;
mod rollback;
mod settings;
mod stage;
mod synth;
mod train;
mod ttl;

use clap::Args;

pub use deploy::{Backend, DeployArgs, EndpointContainer, FunctionMetrics, HostingMode};
pub use exit::DeployExit;
pub use logs::{LogSource, LogsArgs};
pub use policy::{PolicyArgs, PolicyFor, policy};
pub use region::{UnsupportedRegion, check_region};
pub use rollback::{ReleasesArgs, RollbackArgs};
pub use settings::{
    DeploySettings, DeploySettingsError, SETTINGS_FILE, SettingError, SettingsFile, settings_reference,
};
pub use stage::StageArgs;
pub use synth::{SynthArgs, SynthError, synth};
pub use train::{Training, TrainingArgs};
pub use ttl::{Ttl, TtlError};

/// Options of `destroy`.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent flag")]
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
    /// Delete what holds your work, too: notebook instance, code repository, own data
    #[arg(long)]
    pub delete_data: bool,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
    /// Service role with which CloudFormation deletes the stacks
    #[arg(long, value_name = "ARN", value_parser = arn::role_arn)]
    pub role_arn: Option<String>,
}

/// Options of `open`.
#[derive(Debug, Clone, Args)]
pub struct OpenArgs {
    /// Whose site to open
    #[command(flatten)]
    pub stage: StageArgs,
}

/// Options of `unlock`.
#[derive(Debug, Clone, Args)]
pub struct UnlockArgs {
    /// Whose lock to remove
    #[command(flatten)]
    pub stage: StageArgs,
    /// Skip the confirmation prompt
    #[arg(long)]
    pub yes: bool,
}

/// Options of `train`.
#[derive(Debug, Clone, Args)]
pub struct TrainJobArgs {
    /// The stage whose bucket and role the training job uses
    #[command(flatten)]
    pub stage: StageArgs,
    /// Options of the training job
    #[command(flatten)]
    pub training: TrainingArgs,
}

/// Options of `status`.
#[derive(Debug, Clone, Args)]
pub struct StatusArgs {
    /// What to show
    #[command(flatten)]
    pub stage: StageArgs,
    /// Also detect drift; exit with code 3 if there is any
    #[arg(long)]
    pub drift: bool,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
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
        Open(OpenArgs),
        Unlock(UnlockArgs),
        Train(TrainJobArgs),
        Synth(SynthArgs),
        Policy(PolicyArgs),
        Releases(ReleasesArgs),
        Rollback(RollbackArgs),
    }

    #[test]
    fn the_options_are_well_defined() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn every_command_about_a_deployment_takes_a_stage_with_its_settings() {
        let commands: Vec<_> = <Cli as clap::CommandFactory>::command()
            .get_subcommands()
            .map(|command| command.get_name().to_owned())
            .filter(|command| command != "synth")
            .collect();
        assert_eq!(commands.len(), 11);
        for command in &commands {
            let options = ["--config", "prod.toml", "--region", "eu-west-1"];
            let line = [&["deploy", command], &options[..]].concat();
            assert!(Cli::try_parse_from(line).is_ok(), "{command}");
            assert!(Cli::try_parse_from(["deploy", command, "--stage", "prod"]).is_ok(), "{command}");
            let error = Cli::try_parse_from(["deploy", command, "--stage", "Prod"]).expect_err("invalid");
            assert!(error.to_string().contains("invalid stage \"Prod\" (expected 1 to 22"), "{error}");
        }
    }

    #[test]
    fn rejects_more_rows_than_a_model_can_have() {
        for rows in ["0", "4611686018427387904"] {
            let error = Cli::try_parse_from(["deploy", "train", "--rows", rows]).expect_err("out of range");
            assert!(error.to_string().contains("is not in 1..=4294967295"), "{error}");
        }
    }
}
