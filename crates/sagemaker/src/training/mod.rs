//! Training jobs as in the container of the built-in algorithm, and readers for training data.
//!
//! [`run`] implements the contract of `docker run <image> train`: it reads configuration and channels, and writes model, log
//! and failure file, in a folder with the layout of `/opt/ml`:
//!
//! | path | contents |
//! |---|---|
//! | `input/config/hyperparameters.json` | hyperparameters, every value a string |
//! | `input/config/inputdataconfig.json` | the channels `train` and (optional) `test`, and their formats |
//! | `input/config/resourceconfig.json` | the host, and all hosts; optional for a single host |
//! | `input/data/<channel>/` | `File` and `FastFile` mode: files and folders, plain or gzip |
//! | `input/data/<channel>_0` | Pipe mode: a named pipe |
//! | `model/` | output: the model's three files |
//! | `output/failure` | output, only on failure: the reason |
//! | `.model-unfinished/` | temporary files of the model; removed at the end and at the start of the next job |
//!
//! The sample of `sample_size` rows is drawn while the data are read, and the test channel is predicted in mini batches: the
//! memory is bounded by the sample and a batch, not by the data. The same configuration and data give the same bytes.
//!
//! Sampling is seeded (`_seed`). The container also draws the same sample from the same data: AWS's covtype notebook got
//! the same accuracy to the last digit in 2018, 2020 and 2021. Which rows it draws is unknown. Both keep all rows in reading
//! order if `sample_size` is not less than their number.
//!
//! A process is one host. If `resourceconfig.json` names several, the first is the leader: the others connect to it by its name,
//! at port [`HOST_PORT`], and send their parts of the sample; it trains the model and is the only one that writes it. A host that
//! is lost fails the job. Several hosts can also be threads of one process, each with a folder ([`Job::run_with_workers`]).
//!
//! Not emulated: GPUs, epochs after the first (a sample needs one), checkpoints.
//!
//! Source: SageMaker Developer Guide, "How Amazon SageMaker Processes Training Output", "K-Nearest Neighbors (k-NN)
//! Algorithm"; Amazon's `sagemaker_algorithm_toolkit` for the messages about invalid configurations.

mod budget;
mod channel;
mod config;
mod csv;
mod decompress;
mod error;
mod host;
mod hyperparameters;
mod job;
mod leader;
mod log;
mod network;
mod read_error;
mod recordio;
mod reservoir;
mod samples;
mod scores;

use std::{io::Write, path::Path};

pub use budget::OutOfMemory;
pub use csv::LabelColumn;
pub use error::{MAX_FAILURE_CHARS, TrainingError, TrainingErrorKind};
pub use hyperparameters::InvalidHyperparameter;
pub use job::{Job, OutputGuard, WorkerHost};
pub use network::PORT as HOST_PORT;
pub use read_error::ReadError;
pub use samples::Samples;

/// Runs the training job in `opt_ml`, and writes its log to `log`.
///
/// The model replaces an existing one only when it is complete. On failure, `output/failure` is written last, with the first
/// [`MAX_FAILURE_CHARS`] characters of the reason, and the caller should exit with the code of its
/// [kind](TrainingErrorKind::exit_code). A panic counts as a failure. A missing folder is not created.
///
/// A killed process leaves a complete model or none in `model/`. Process 1 of a container must handle SIGTERM, which has no
/// default action there: call [`Job::stop_output`], then exit.
///
/// # Errors
/// [`TrainingError`], after the failure file is written.
pub fn run(opt_ml: &Path, log: &mut (dyn Write + Send)) -> Result<(), TrainingError> {
    Job::new(opt_ml).run(log)
}
