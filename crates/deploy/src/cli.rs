//! The command line.

use std::path::Path;

use clap::{Parser, Subcommand};
use mysfits_deploy_cli::{
    DeployArgs, DestroyArgs, LogsArgs, OpenArgs, OutputsArgs, PolicyArgs, ReleasesArgs, RollbackArgs,
    SettingsFile, StageArgs, StatusArgs, SynthArgs, TrainJobArgs, UnlockArgs, policy, synth,
};
use mysfits_infra::Stack;

use crate::{
    addresses::AddressOverrides,
    aws::{Aws, account_and_region},
    console::Console,
    deploy::DEFAULT_PACKAGE,
    deployer::StackDeployer,
    error::DeployError,
    interrupt::interrupted,
    lock::DeployLock,
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
    /// Print the least-privilege IAM policies for deploying
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
    /// List the releases that can be deployed again
    Releases(ReleasesArgs),
    /// Deploy an earlier release again
    Rollback(RollbackArgs),
    /// Delete all deployed resources and verify that none remain
    Destroy(DestroyArgs),
    /// Show deployment status
    Status(StatusArgs),
    /// Print the addresses of API and site, and the outputs of all stacks
    Outputs(OutputsArgs),
    /// Show a log: the function's, or another one
    Logs(LogsArgs),
    /// Open the site in the browser
    Open(OpenArgs),
    /// Remove the lock of a deployment that no longer runs
    Unlock(UnlockArgs),
    /// Train a model in a SageMaker training job
    Train(TrainJobArgs),
}

impl Cli {
    /// Returns the console that the command needs.
    #[must_use]
    pub fn console(&self) -> Console {
        let Command::Cloud(command) = &self.command else { return Console::default() };
        let is_json = match command {
            CloudCommand::Deploy(args) => args.json,
            CloudCommand::Releases(args) => args.json,
            CloudCommand::Rollback(args) => args.json,
            CloudCommand::Destroy(args) => args.json,
            CloudCommand::Status(args) => args.json,
            CloudCommand::Outputs(args) => args.json,
            CloudCommand::Logs(args) => args.json,
            CloudCommand::Open(_) | CloudCommand::Unlock(_) | CloudCommand::Train(_) => false,
        };
        if is_json { Console::for_json() } else { Console::default() }
    }

    /// Runs the command and reports progress to the console.
    ///
    /// # Errors
    /// The command's.
    pub async fn run(self, console: Console) -> Result<(), DeployError> {
        match self.command {
            Command::Synth(args) => Ok(synth(&args)?),
            Command::Policy(args) => {
                let (account, region) =
                    account_and_region(args.account.as_deref(), args.region.as_deref()).await?;
                Ok(policy(&args, &account, &region)?)
            }
            Command::Package(args) => write_package(&args),
            Command::Cloud(command) => Box::pin(command.run(console)).await,
        }
    }
}

impl CloudCommand {
    fn stage(&self) -> &StageArgs {
        match self {
            Self::Deploy(args) => &args.stage,
            Self::Releases(args) => &args.stage,
            Self::Rollback(args) => &args.stage,
            Self::Destroy(args) => &args.stage,
            Self::Status(args) => &args.stage,
            Self::Outputs(args) => &args.stage,
            Self::Logs(args) => &args.stage,
            Self::Open(args) => &args.stage,
            Self::Unlock(args) => &args.stage,
            Self::Train(args) => &args.stage,
        }
    }

    fn service_role(&self) -> Option<&String> {
        match self {
            Self::Deploy(args) => args.role_arn.as_ref(),
            Self::Rollback(args) => args.role_arn.as_ref(),
            Self::Destroy(args) => args.role_arn.as_ref(),
            _ => None,
        }
    }

    async fn run(self, console: Console) -> Result<(), DeployError> {
        let StageArgs { stage } = self.stage().clone();
        let role = self.service_role().cloned();
        let (aws, prepared) = match &self {
            Self::Deploy(args) => {
                let file = SettingsFile::load(args.config.as_deref())?;
                let chosen = Chosen::new(file.as_ref(), stage.as_str(), args)?;
                let saved = args.apply.as_deref().map(SavedPlan::read).transpose()?;
                let region =
                    saved.as_ref().map(|plan| plan.region.as_str()).or(chosen.given.region.as_deref());
                if let Some(file) = &file {
                    console.line(format!("settings of {}", file.source(stage.as_str())));
                }
                (Aws::connect_in(stage, region).await?, (chosen, saved))
            }
            _ => (Aws::connect(stage).await?, (Chosen::default(), None)),
        };
        let deployer = StackDeployer { aws: aws.with_service_role(role), console };
        let lock = DeployLock::default();
        let done = tokio::select! {
            done = self.call(&deployer, prepared, &lock) => done,
            lost = lock.keep(&deployer.aws) => Err(lost),
            () = interrupted() => Err(DeployError::Interrupted(deployer.console.what())),
        };
        match lock.release(&deployer.aws).await {
            Err(error) if done.is_ok() => Err(error),
            // The command's own error matters more.
            _ => done,
        }
    }

    async fn call(
        self,
        deployer: &StackDeployer,
        (chosen, saved): (Chosen, Option<SavedPlan>),
        lock: &DeployLock,
    ) -> Result<(), DeployError> {
        let addresses = AddressOverrides::from_env();
        match self {
            Self::Deploy(args) if args.hotswap => {
                let package = args.package.as_deref().unwrap_or(Path::new(DEFAULT_PACKAGE));
                deployer.hotswap(package, lock).await
            }
            Self::Deploy(args) => match saved {
                Some(plan) => deployer.apply_plan(plan, &args, &addresses, lock).await,
                None => deployer.deploy(&args, chosen, &addresses, lock).await,
            },
            Self::Releases(args) => deployer.print_releases(&args).await,
            Self::Rollback(args) => deployer.rollback(&args, &addresses, lock).await,
            Self::Destroy(args) => deployer.destroy(&args, lock).await,
            Self::Status(args) => deployer.status(&addresses, &args).await,
            Self::Outputs(_) => deployer.outputs(&addresses).await,
            Self::Logs(args) => deployer.print_logs(&args).await,
            Self::Open(_) => deployer.open_site(&addresses).await,
            Self::Unlock(args) => deployer.unlock(args.yes).await,
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
