//! `train`: on this machine, or in a SageMaker training job.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};
use mysfits_deploy_cli::{StageArgs, TrainingArgs};

use super::{CloudTarget, deployer_in};
use crate::{
    build,
    forwarded::Forwarded,
    process::{program, run},
    workspace,
};

/// Options of `train`.
#[derive(Debug, Args)]
pub struct TrainAnywhereArgs {
    /// Where to train
    #[arg(long, value_enum, default_value_t = TrainOn::Local)]
    on: TrainOn,
    /// Cloud of the training job (--on sagemaker)
    #[arg(long, value_enum, default_value_t = CloudTarget::Aws)]
    target: CloudTarget,
    #[command(flatten)]
    stage: Forwarded<StageArgs>,
    #[command(flatten)]
    training: Forwarded<TrainingArgs>,
    #[command(flatten)]
    local: Forwarded<LocalTrainingArgs>,
}

/// Options of `train` that a training job does not have.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of --on local")]
struct LocalTrainingArgs {
    /// Read the survey from this CSV instead of generating it
    #[arg(long, value_name = "FILE", conflicts_with = "rows")]
    survey: Option<PathBuf>,
    /// Draw labels uniformly, as the workshop did: nothing to learn
    #[arg(long, conflicts_with = "survey")]
    random: bool,
    /// Model artifact to write [default: target/model.tar.gz]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Folder for the decision table and its schema
    #[arg(long, value_name = "DIR")]
    table: Option<PathBuf>,
}

/// Where a model is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TrainOn {
    /// On this machine
    Local,
    /// In a SageMaker training job with the built-in algorithm
    Sagemaker,
}

pub fn train(args: &TrainAnywhereArgs) -> Result<()> {
    let given = &args.training.given;
    if args.on == TrainOn::Sagemaker {
        let local = args.local.given.first();
        ensure!(
            local.is_none(),
            "{} needs --on local",
            local.map_or("".into(), |name| name.to_string_lossy())
        );
        let mut deployer = deployer_in(args.target)?;
        return run(deployer.arg("train").args(&args.stage.given).args(given));
    }
    let of_stage = args.stage.given.first();
    ensure!(
        of_stage.is_none(),
        "{} needs --on sagemaker",
        of_stage.map_or("".into(), |name| name.to_string_lossy())
    );
    ensure!(
        !given.iter().any(|option| option == "--training-instance"),
        "--training-instance needs --on sagemaker"
    );
    build::build_server(&[])?;
    let mut survey = program(workspace::release(build::SERVER));
    run(survey.arg("survey").args(given).args(&args.local.given))
}
