//! The command line.

use clap::{Parser, Subcommand};
use mysfits_deploy_cli::{
    DeployArgs, DestroyArgs, LogsArgs, OutputsArgs, PolicyArgs, SettingsFile, StageArgs, StatusArgs,
    SynthArgs, TrainJobArgs, policy, synth,
};
use mysfits_infra::Stack;

use crate::{
    addresses::AddressOverrides,
    aws::Aws,
    console::Console,
    deployer::StackDeployer,
    error::DeployError,
    package::{PackageArgs, write_package},
    saved_plan::SavedPlan,
    settings::Chosen,
};

/// Deploy the Mythical Mysfits recommendations to AWS.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the CloudFormation templates, or check them
    Synth(SynthArgs),
    /// Print the least-privilege IAM policy for deploying
    Policy(PolicyArgs),
    /// Make the package that is deployed from its built parts
    Package(PackageArgs),
    #[command(flatten)]
    Cloud(CloudCommand),
}

/// The commands that call AWS.
#[derive(Debug, Subcommand)]
enum CloudCommand {
    /// Deploy a package: show plan and cost, confirm, deploy, smoke-test
    Deploy(Box<DeployArgs>),
    /// Delete all deployed resources and verify that none remain
    Destroy(DestroyArgs),
    /// Show deployment status
    Status(StatusArgs),
    /// Print the outputs of all stacks
    Outputs(OutputsArgs),
    /// Show the function's log
    Logs(LogsArgs),
    /// Train a model in a SageMaker training job
    Train(TrainJobArgs),
}

impl Cli {
    /// Runs the command and reports progress to the console.
    ///
    /// # Errors
    /// The command's.
    pub async fn run(self, console: Console) -> Result<(), DeployError> {
        match self.command {
            Command::Synth(args) => Ok(synth(&args)?),
            Command::Policy(args) => Ok(policy(&args)?),
            Command::Package(args) => write_package(&args),
            Command::Cloud(command) => command.run(console).await,
        }
    }
}

impl CloudCommand {
    fn stage(&self) -> &StageArgs {
        match self {
            Self::Deploy(args) => &args.stage,
            Self::Destroy(args) => &args.stage,
            Self::Status(args) => &args.stage,
            Self::Outputs(args) => &args.stage,
            Self::Logs(args) => &args.stage,
            Self::Train(args) => &args.stage,
        }
    }

    async fn run(self, console: Console) -> Result<(), DeployError> {
        let StageArgs { stage } = self.stage().clone();
        let addresses = AddressOverrides::from_env();
        if let Self::Deploy(args) = self {
            let file = SettingsFile::load(args.config.as_deref())?;
            let chosen = Chosen::new(file.as_ref(), stage.as_str(), &args)?;
            let saved = args.apply.as_deref().map(SavedPlan::read).transpose()?;
            let region = saved.as_ref().map(|plan| plan.region.as_str()).or(chosen.given.region.as_deref());
            let console = if args.json { console.for_json() } else { console };
            if let Some(file) = &file {
                console.line(format!("settings of {}", file.source(stage.as_str())));
            }
            let deployer = StackDeployer { aws: Aws::connect_in(stage, region).await?, console };
            return match saved {
                Some(plan) => deployer.apply_plan(plan, &args, &addresses).await,
                None => deployer.deploy(&args, chosen, &addresses).await,
            };
        }
        let deployer = StackDeployer { aws: Aws::connect(stage).await?, console };
        match self {
            Self::Deploy(_) => Ok(()),
            Self::Destroy(args) => deployer.destroy(args.yes, args.dry_run).await,
            Self::Status(args) => deployer.status(&addresses, args.drift).await,
            Self::Outputs(args) => deployer.outputs(args.json).await,
            Self::Logs(args) => deployer.print_logs(args.since, args.follow).await,
            Self::Train(args) => {
                let state = deployer.aws.stack(Stack::SageMaker).await?.ok_or_else(|| deployer.nothing())?;
                let model = deployer.train(&args.training, &state).await?;
                deployer.console.line(format!("model {model}"));
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_defined() {
        Cli::command().debug_assert();
    }
}
