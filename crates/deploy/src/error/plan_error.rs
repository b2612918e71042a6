//! Why a saved plan cannot be used.

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why a plan cannot be saved or executed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The file cannot be written.
    #[error("cannot write the plan {path}")]
    Write {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The file is not a plan.
    #[error("{path} is not a plan that `deploy --plan` wrote: {problem}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The plan was made for something else.
    #[error(
        "the plan was made for the {what} {planned}, not for {found}; make a new one with `deploy --plan`"
    )]
    Other {
        /// Account, region, stage or package.
        what: &'static str,
        /// The plan's.
        planned: String,
        /// The current one.
        found: String,
    },
    /// The plan lacks a stack.
    #[error("the plan has no change set for {stack}; make a new one with `deploy --plan`")]
    NoStack {
        /// The stack.
        stack: String,
    },
    /// A change set cannot be executed any more.
    #[error(
        "the change set of {stack} was deleted or is out of date, because the stack was changed after the plan was made; make a \
         new one with `deploy --plan`"
    )]
    Gone {
        /// The stack.
        stack: String,
    },
    /// The changes of a stack are not known yet.
    #[error(
        "cannot save a plan: the changes of {stack} depend on a stack, a model or an endpoint that does not exist yet; run \
         `mysfits-deploy deploy` once without --plan, then save plans of what changes (--dry-run shows what is known)"
    )]
    Incomplete {
        /// The stack.
        stack: String,
    },
    /// The container's image is not in the registry yet.
    #[error(
        "cannot save a plan with a new container image, which only a deployment pushes; deploy without --plan, or without --image to \
         keep the deployed one"
    )]
    Image,
    /// A training job decides the URL of the model.
    #[error(
        "cannot save a plan with a training job, whose model is known only at its end; deploy without --plan, or use the model of \
         the package (--train local)"
    )]
    TrainingJob,
}
