//! The command line.

use std::path::Path;

use clap::{Parser, Subcommand};
use mysfits_deploy_cli::{
    DeployArgs, DestroyArgs, LogsArgs, OpenArgs, OutputsArgs, PolicyArgs, ReleasesArgs, RollbackArgs,
    SettingsFile, StageArgs, StatusArgs, SynthArgs, TrainJobArgs, UnlockArgs, policy, synth,
};
use mysfits_infra::{Stack, sagemaker::parameter::CONTAINER_IMAGE};

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
                let region = args.stage.region_in(args.stage.settings_file()?.as_ref());
                let (account, region) =
                    account_and_region(args.account.as_deref(), region.as_deref()).await?;
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

    /// Returns the settings of a deployment and the saved plan that it executes.
    fn prepare(&self, file: Option<&SettingsFile>) -> Result<(Chosen, Option<SavedPlan>), DeployError> {
        let Self::Deploy(args) = self else { return Ok((Chosen::default(), None)) };
        let chosen = Chosen::new(file, args.stage.stage.as_str(), args)?;
        Ok((chosen, args.apply.as_deref().map(SavedPlan::read).transpose()?))
    }

    /// Returns the region of the command; `None` leaves it to the environment and the profile.
    fn region(&self, file: Option<&SettingsFile>, saved: Option<&SavedPlan>) -> Option<String> {
        // A plan belongs to its region, and refuses another one that is named.
        let planned = || saved.map(|plan| plan.region.clone());
        let args = self.stage();
        args.region.clone().or_else(planned).or_else(|| args.region_in(file))
    }

    async fn run(self, console: Console) -> Result<(), DeployError> {
        let args = self.stage();
        let (stage, file) = (args.stage.clone(), args.settings_file()?);
        let role = self.service_role().cloned();
        let prepared = self.prepare(file.as_ref())?;
        let region = self.region(file.as_ref(), prepared.1.as_ref());
        if let (Self::Deploy(_), Some(file)) = (&self, &file) {
            console.line(format!("settings of {}", file.source(stage.as_str())));
        }
        let aws = Aws::connect_in(stage, region.as_deref()).await?;
        let deployer = StackDeployer { aws: aws.with_service_role(role), console };
        let lock = DeployLock::default();
        let done = tokio::select! {
            done = self.call(&deployer, prepared, &lock) => done,
            lost = lock.keep(&deployer.aws) => Err(lost),
            never = deployer.console.report_silence() => match never {},
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
                let image = state.parameters.get(CONTAINER_IMAGE).map_or("", String::as_str);
                let model = deployer.train(&args.training, image, &state).await?;
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

    #[test]
    fn every_command_uses_the_region_of_the_stages_settings() {
        let file = "[stage.prod]\nregion = \"eu-west-1\"";
        let file = SettingsFile::parse("mysfits.toml".as_ref(), file).unwrap();
        let commands = Cli::command();
        let commands = commands.get_subcommands().map(clap::Command::get_name);
        let mut n_commands = 0;
        for command in commands.filter(|name| !["synth", "policy", "package"].contains(name)) {
            let region = |options: &[&str]| {
                let line = [&["mysfits-deploy", command, "--stage", "prod"], options].concat();
                let Command::Cloud(command) = Cli::parse_from(line).command else {
                    panic!("{command} does not call AWS")
                };
                command.region(Some(&file), None)
            };
            assert_eq!(region(&[]).as_deref(), Some("eu-west-1"), "{command}");
            assert_eq!(region(&["--region", "us-east-1"]).as_deref(), Some("us-east-1"), "{command}");
            n_commands += 1;
        }
        assert_eq!(n_commands, 10);
    }
}
