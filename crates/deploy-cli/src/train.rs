//! Options of a SageMaker training job.

use clap::{Args, ValueEnum, builder::RangedU64ValueParser};
use mysfits_data::{DEFAULT_K, DEFAULT_ROWS, DEFAULT_SAMPLE_SIZE, DEFAULT_SEED, MAX_ROWS};
use mysfits_infra::sagemaker::INSTANCE_TYPE;

/// Where the endpoint's model is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Training {
    /// On this machine: the model is in the package (not tested with AWS's container)
    Local,
    /// In a SageMaker training job
    Sagemaker,
}

/// Options of a SageMaker training job.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct TrainingArgs {
    /// Number of survey rows to generate for training
    #[arg(
        long,
        default_value_t = DEFAULT_ROWS,
        value_parser = RangedU64ValueParser::<usize>::new().range(1..=MAX_ROWS)
    )]
    pub rows: usize,
    /// Seed of the survey
    #[arg(long, default_value_t = DEFAULT_SEED)]
    pub seed: u64,
    /// Number of neighbours that vote
    #[arg(long, default_value_t = DEFAULT_K)]
    pub k: usize,
    /// Number of training rows that the model keeps
    #[arg(long, default_value_t = DEFAULT_SAMPLE_SIZE)]
    pub sample_size: usize,
    /// Instance type of the training job
    #[arg(long, value_name = "TYPE", default_value = INSTANCE_TYPE)]
    pub training_instance: String,
}
