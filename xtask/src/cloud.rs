//! `deploy`, `destroy`, `status`, `outputs`, `logs`: the module's life in an account, or in the local cloud.

use std::{path::PathBuf, process::Command};

use anyhow::{Context as _, Result};
use clap::ValueEnum;

use crate::{
    localcloud,
    package::{self, BuildArgs},
    process::{cargo, program, run, step},
    workspace,
};

/// Where things are deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// An AWS account: the one that the environment's or the profile's credentials belong to
    Aws,
    /// The cloud on this machine: an emulator, with SageMaker played by this workspace's own endpoint
    Local,
}

/// Build, package, show what would change and what it costs, ask, deploy, try it, print the addresses.
#[derive(Debug, clap::Args)]
pub struct DeployArgs {
    /// Where to
    #[arg(long, value_enum, default_value_t = Target::Aws)]
    target: Target,
    /// Deploy this package instead of building one
    #[arg(long, value_name = "DIR", conflicts_with_all = ["arch", "link_statically", "rows", "k"])]
    package: Option<PathBuf>,
    #[command(flatten)]
    build: BuildArgs,
    /// Everything else is for the deployer: --backend, --hosting, --ttl, --yes, --dry-run, …; `-- --help` lists it
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTION")]
    options: Vec<String>,
}

/// A command of the deployer that needs no package.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct LifeArgs {
    /// Where
    #[arg(long, value_enum, default_value_t = Target::Aws)]
    target: Target,
    /// Everything else is for the deployer; --help lists it
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTION")]
    options: Vec<String>,
}

/// Train the mysfits' model here, or as a SageMaker training job.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct TrainArgs {
    /// Where it is trained
    #[arg(long, value_enum, default_value_t = On::Local)]
    on: On,
    /// Whose SageMaker
    #[arg(long, value_enum, default_value_t = Target::Aws)]
    target: Target,
    /// Everything else is for the program that trains; --help lists it
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTION")]
    options: Vec<String>,
}

/// Where a model is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum On {
    /// On this machine
    Local,
    /// A training job with SageMaker's built-in algorithm
    Sagemaker,
}

/// `train`.
pub fn train(args: &TrainArgs) -> Result<()> {
    if args.on == On::Sagemaker {
        return other("train", &LifeArgs { target: args.target, options: args.options.clone() });
    }
    let mut command = cargo();
    command.args(["run", "--quiet", "--release", "--package", "mysfits-server", "--", "survey"]);
    run(command.args(&args.options))
}

/// `deploy`.
pub fn deploy(args: &DeployArgs) -> Result<()> {
    if asks_for_help(&args.options) {
        return run(deployer()?.args(["deploy", "--help"]));
    }
    let folder = if let Some(folder) = &args.package {
        std::path::absolute(folder)?
    } else {
        let folder = package::default_folder();
        package::make(&args.build, &folder)?;
        folder
    };
    let mut deployer = deployer()?;
    if args.target == Target::Local {
        localcloud::ensure(&mut deployer)?;
    }
    run(deployer.arg("deploy").arg("--package").arg(folder).args(&args.options))
}

/// `destroy`: in the local cloud, also asks the emulators whether anything is left, and ends them.
pub fn destroy(args: &LifeArgs) -> Result<()> {
    let mut deployer = deployer()?;
    deployer.arg("destroy").args(&args.options);
    if args.target == Target::Aws || asks_for_help(&args.options) {
        return run(&mut deployer);
    }
    localcloud::reach(&mut deployer)?;
    run(&mut deployer)?;
    if args.options.iter().any(|option| option == "--dry-run") {
        return Ok(());
    }
    localcloud::check_empty()?;
    localcloud::stop()
}

/// `status`, `outputs`, `logs`, `policy`, and `train --on sagemaker`.
pub fn other(command: &str, args: &LifeArgs) -> Result<()> {
    let mut deployer = deployer()?;
    if args.target == Target::Local && !asks_for_help(&args.options) {
        localcloud::reach(&mut deployer)?;
    }
    run(deployer.arg(command).args(&args.options))
}

/// The deployer's program, built.
pub fn deployer() -> Result<Command> {
    step("build the deployer", || run(cargo().args(["build", "--package", "mysfits-deploy"])))
        .context("its AWS SDKs are large: the first build takes a few minutes")?;
    Ok(program(workspace::debug("mysfits-deploy")))
}

fn asks_for_help(options: &[String]) -> bool {
    options.iter().any(|option| option == "--help" || option == "-h")
}
