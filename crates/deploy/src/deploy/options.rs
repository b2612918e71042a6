//! How a deployment runs.

use std::path::PathBuf;

use mysfits_deploy_cli::{DeployArgs, TrainingArgs};

use crate::{apply_options::ApplyOptions, aws::stack_update::ChangeMode};

/// How a deployment runs.
#[derive(Debug, Clone, Default)]
pub(crate) struct DeployOptions {
    pub(crate) yes: bool,
    pub(crate) dry_run: bool,
    /// What it may do to protected resources.
    pub(crate) apply: ApplyOptions,
    /// How CloudFormation compares the templates with what exists.
    pub(crate) mode: ChangeMode,
    pub(crate) json: bool,
    /// The file to save the plan to, instead of executing it.
    pub(crate) save: Option<PathBuf>,
    /// The folder of the container's image.
    pub(crate) image: Option<PathBuf>,
    /// Options of a training job.
    pub(crate) training: Option<TrainingArgs>,
}

impl From<&DeployArgs> for DeployOptions {
    fn from(args: &DeployArgs) -> Self {
        Self {
            yes: args.yes,
            dry_run: args.dry_run,
            apply: ApplyOptions { allow_replace: args.allow_replace, delete_data: args.delete_data },
            mode: match (args.revert_drift, args.import_existing) {
                (true, _) => ChangeMode::RevertDrift,
                (_, true) => ChangeMode::ImportExisting,
                _ => ChangeMode::Template,
            },
            json: args.json,
            save: args.plan.clone(),
            image: args.image.clone(),
            training: Some(args.training.clone()),
        }
    }
}
