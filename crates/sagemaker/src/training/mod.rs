//! Training as the built-in algorithm's container does it, and reading training data.
//!
//! [`run`] is the whole contract of `docker run <image> train`: configuration and channels in, model, log and failure
//! file out, all in a folder that is laid out as `/opt/ml`:
//!
//! | path | contents |
//! |---|---|
//! | `input/config/hyperparameters.json` | hyperparameters, every value a string |
//! | `input/config/inputdataconfig.json` | the channels `train` and, optionally, `test`, and their formats |
//! | `input/config/resourceconfig.json` | the only host; optional |
//! | `input/data/<channel>/` | `File` and `FastFile` mode: files, in folders or not, plain or gzip |
//! | `input/data/<channel>_0` | Pipe mode: a named pipe |
//! | `model/` | out: the model's three files |
//! | `output/failure` | out, only on failure: the reason |
//! | `.model-unfinished/` | the model's files until they are complete; removed at the end, and when the next job begins |
//!
//! The sample of `sample_size` rows is drawn while the data are read, and the test channel is predicted in mini batches:
//! memory is bounded by the sample and a batch, never by the data. Equal configuration and data give equal bytes.
//!
//! Sampling is seeded (`_seed`). The container draws the same sample from the same data each time, too: AWS's covtype
//! notebook got the same accuracy to the last digit in 2018, 2020 and 2021. Which rows it draws is not known. Both keep
//! all rows in reading order if `sample_size` is not less than their number.
//!
//! Not emulated: several hosts, GPUs, epochs beyond the first (a sample needs one), checkpoints.
//!
//! Source: SageMaker Developer Guide, "How Amazon SageMaker Processes Training Output", "K-Nearest Neighbors (k-NN)
//! Algorithm"; Amazon's `sagemaker_algorithm_toolkit` for what is said of invalid configurations.

mod channel;
mod config;
mod csv;
mod error;
mod hyperparameters;
mod job;
mod log;
mod memory;
mod recordio;
mod reservoir;
mod samples;
mod scores;
mod unpack;

use std::{io::Write, path::Path};

pub use csv::LabelColumn;
#[cfg(feature = "fuzzing")]
pub(crate) use csv::read_rows as stream_csv;
pub use error::{MAX_FAILURE_CHARS, TrainingError, TrainingErrorKind};
pub use hyperparameters::InvalidHyperparameter;
pub use job::{Job, OutputGuard};
pub use memory::OutOfMemory;
pub(crate) use memory::available_bytes;
#[cfg(feature = "fuzzing")]
pub(crate) use recordio::read_records as stream_recordio;
pub use samples::{ReadError, Samples};

/// Runs the training job in `opt_ml`, and writes its log to `log`.
///
/// The model replaces one that is there only when it is whole; on failure there is `output/failure`, written last, with
/// the first [`MAX_FAILURE_CHARS`] characters of the reason, and the caller should exit with the code of its
/// [kind](TrainingErrorKind::exit_code). A panic is such a failure, too. A folder that does not exist is not created.
///
/// A process that is killed leaves a whole model or none in `model/`. As process 1 of a container it must handle SIGTERM,
/// which has no default action there: call [`Job::stop_output`], then exit.
///
/// # Errors
/// [`TrainingError`], which the failure file has been written for.
pub fn run(opt_ml: &Path, log: &mut dyn Write) -> Result<(), TrainingError> {
    Job::new(opt_ml).run(log)
}

/// Who is given rows as they are read: features, then label. An error ends the reading.
pub(crate) type RowSink<'a, E> = dyn FnMut(&[f32], f64) -> Result<(), E> + 'a;

/// Why reading rows ended early.
#[derive(Debug)]
pub(crate) enum StreamError<E> {
    /// The data are at fault.
    Read(ReadError),
    /// Who is given the rows wants no more.
    Sink(E),
}

impl<E> From<ReadError> for StreamError<E> {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl<E> From<std::io::Error> for StreamError<E> {
    fn from(error: std::io::Error) -> Self {
        Self::Read(error.into())
    }
}
