//! Errors of training jobs, and their messages for the service.

use std::{any::Any, error::Error, fmt::Write as _, io, path::PathBuf};

use mysfits_knn::{DatasetError, EvaluationError, PredictError, TrainError};

use super::{InvalidHyperparameter, OutOfMemory, ReadError};
use crate::artifact::ArtifactError;

/// The configuration of the channels.
pub(super) const INPUT_DATA: &str = "input/config/inputdataconfig.json";

/// The length of the failure file, and of the job's `FailureReason`, in characters.
pub const MAX_FAILURE_CHARS: usize = 1024;

/// An error of a training job.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainingError {
    /// A file in `input/config` is invalid.
    #[error("{file} cannot be used: {reason}")]
    Config {
        /// The path from the job's folder.
        file: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// Hyperparameters are invalid.
    #[error("{}", join(.0))]
    Hyperparameters(Vec<InvalidHyperparameter>),
    /// The job has other hosts than it was started with.
    #[error("the job has {} hosts ({}); this process trains on {n_folders}", hosts.len(), hosts.join(", "))]
    Hosts {
        /// The names in the configuration.
        hosts: Vec<String>,
        /// The number of hosts whose folders the job was given.
        n_folders: usize,
    },
    /// Another host of the job has failed or is lost.
    #[error("host {host}: {reason}")]
    Host {
        /// The host.
        host: String,
        /// The origin of the failure.
        kind: TrainingErrorKind,
        /// The reason.
        reason: String,
    },
    /// The shares of two hosts have different numbers of features.
    #[error(
        "the data of host {host} have {found} features beside the label; those of host {first} have {expected}"
    )]
    HostFeatureDim {
        /// The host.
        host: String,
        /// Its number of features.
        found: usize,
        /// The first host with data.
        first: String,
        /// The number of features of the first.
        expected: usize,
    },
    /// The job was cancelled; it leaves no failure file.
    #[error("the training job was cancelled")]
    Cancelled,
    /// A required channel is missing.
    #[error("Missing required channel: {name}; add it to {INPUT_DATA}")]
    MissingChannel {
        /// Its name.
        name: &'static str,
    },
    /// A channel is unknown.
    #[error("Extraneous channel found: {name}; the channels are train and test")]
    ExtraneousChannel {
        /// Its name.
        name: String,
    },
    /// The configuration of a channel is not supported.
    #[error("Channel configuration for '{name}' channel is not supported: {config}. {reason}")]
    UnsupportedChannel {
        /// Its name.
        name: &'static str,
        /// The configuration, as JSON.
        config: String,
        /// What is wrong.
        reason: String,
    },
    /// A channel has no rows.
    #[error("channel {name} is empty: there are no samples in {} ({n_files} files)", path.display())]
    EmptyChannel {
        /// Its name.
        name: &'static str,
        /// The folder or pipe.
        path: PathBuf,
        /// The number of files.
        n_files: usize,
    },
    /// A file or folder of a channel cannot be read.
    #[error("{} cannot be read", path.display())]
    Input {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Folders are nested too deeply.
    #[error("{} is more than {limit} folders deep; is there a cyclic link?", path.display())]
    TooDeep {
        /// The folder.
        path: PathBuf,
        /// The limit.
        limit: usize,
    },
    /// A path is neither a file nor a folder.
    #[error("{} is neither a file nor a folder; a named pipe needs the TrainingInputMode Pipe", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The data of a file are invalid.
    #[error("{}", path.display())]
    Data {
        /// The channel.
        channel: &'static str,
        /// The format of the channel, if it is configured.
        content_type: Option<&'static str>,
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ReadError,
    },
    /// The memory is not sufficient.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
    /// The rows do not form a dataset.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The model cannot be trained with these hyperparameters on these rows.
    #[error("{}", with_hyperparameter_names(.0))]
    Train(TrainError),
    /// A row of the test channel cannot be predicted.
    #[error(transparent)]
    Predict(#[from] PredictError),
    /// The predictions of the test channel cannot be evaluated.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    /// The model cannot be written.
    #[error("the model cannot be written")]
    Artifact(#[from] ArtifactError),
    /// A bug.
    #[error("unexpected failure: {message}")]
    Panic {
        /// The message of the panic.
        message: String,
    },
}

/// The origin of an error, in the terms of the toolkit of Amazon's built-in algorithms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrainingErrorKind {
    /// The customer: configuration or data are invalid.
    Customer,
    /// The algorithm: a bug.
    Algorithm,
    /// The platform, for example a disk.
    Platform,
}

impl TrainingErrorKind {
    /// Returns the exit code of the container: 1 for the algorithm, 2 for the customer, 3 for the platform.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Algorithm => 1,
            Self::Customer => 2,
            Self::Platform => 3,
        }
    }

    /// Returns the prefix in the failure file and the log.
    const fn container_prefix(self) -> &'static str {
        match self {
            Self::Customer => "Customer Error",
            Self::Algorithm => "Algorithm Error",
            Self::Platform => "Platform Error",
        }
    }

    /// Returns the prefix in the `FailureReason`.
    const fn service_prefix(self) -> &'static str {
        match self {
            Self::Customer => "ClientError",
            Self::Algorithm => "AlgorithmError",
            Self::Platform => "InternalServerError",
        }
    }
}

impl TrainingError {
    /// Returns the origin of the error.
    #[must_use]
    pub fn kind(&self) -> TrainingErrorKind {
        match self {
            Self::Input { .. } | Self::Artifact(_) => TrainingErrorKind::Platform,
            Self::Host { kind, .. } => *kind,
            Self::Panic { .. } | Self::Predict(_) | Self::Evaluation(_) => TrainingErrorKind::Algorithm,
            _ => TrainingErrorKind::Customer,
        }
    }

    /// Returns the text of the failure file and the log: `Customer Error: ..`, `Algorithm Error: ..` or
    /// `Platform Error: ..`, then the sentence of Amazon's toolkit if it is known, then the details. At most
    /// [`MAX_FAILURE_CHARS`] characters, with as many invalid hyperparameters as fit.
    #[must_use]
    pub fn failure_message(&self) -> String {
        self.message(self.kind().container_prefix())
    }

    /// Returns the `FailureReason` of `DescribeTrainingJob`: like [`failure_message`](Self::failure_message), with the prefix
    /// `ClientError: `, `AlgorithmError: ` or `InternalServerError: `.
    #[must_use]
    pub fn failure_reason(&self) -> String {
        self.message(self.kind().service_prefix())
    }

    /// Returns the error of a panic, with its message if it is text.
    pub(super) fn from_panic(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref().map(String::as_str));
        Self::Panic { message: text.unwrap_or("a panic without a message").to_owned() }
    }

    /// Returns the text of the failure file without the prefix, for another host.
    pub(super) fn reason(&self) -> String {
        let message = self.failure_message();
        message.split_once(": ").map_or(String::new(), |(_, reason)| reason.to_owned())
    }

    fn message(&self, prefix: &str) -> String {
        let mut message = format!("{prefix}: ");
        if let Self::Hyperparameters(problems) = self {
            // Room for the line that counts the rest.
            let room = MAX_FAILURE_CHARS - 32;
            for (i, problem) in problems.iter().enumerate() {
                let line = format!("{}{problem}", if i == 0 { "" } else { "\n" });
                if i > 0 && message.chars().count() + line.chars().count() > room {
                    let _ = write!(message, "\n(and {} more)", problems.len() - i);
                    break;
                }
                message += &line;
            }
        } else {
            if let Some(sentence) = self.toolkit_sentence() {
                let _ = write!(message, "{sentence}\n\nCaused by: ");
            }
            message += &self.to_string();
            let mut cause = self.source();
            while let Some(error) = cause {
                let _ = write!(message, ": {error}");
                cause = error.source();
            }
        }
        if let Some((end, _)) = message.char_indices().nth(MAX_FAILURE_CHARS - 3)
            && message[end..].chars().nth(3).is_some()
        {
            message.truncate(end);
            message += "...";
        }
        message
    }

    /// Returns the message of the toolkit of Amazon's built-in algorithms, if it is known.
    ///
    /// Source: Amazon's copy of that toolkit in `aws/sagemaker-rl-container`, `vw_serving/sagemaker`.
    fn toolkit_sentence(&self) -> Option<String> {
        match self {
            Self::Data { channel, content_type, source, .. } => {
                Some(data_sentence(channel, *content_type, source))
            }
            Self::Memory(_) => {
                Some("Out of Memory. Please use a larger instance type or reduce batch size.".to_owned())
            }
            _ => None,
        }
    }
}

fn data_sentence(channel: &str, content_type: Option<&str>, error: &ReadError) -> String {
    let unreadable = format!("Unable to read data channel '{channel}'.");
    let is_nan = match error {
        ReadError::FeatureDim { found, expected, .. } => {
            return format!(
                "Incorrect configuration or {channel} dataset provided. The value of feature_dim hyperparameter \
                 '{expected}' doesn't match {channel} data dimensionality '{found}'. Please set feature_dim to the number \
                 of features in {channel} dataset."
            );
        }
        ReadError::NotFinite { found, .. } => found.parse().is_ok_and(f64::is_nan),
        // The error of a record is a text only.
        ReadError::Record { reason, .. } if reason.contains(", not a finite") => {
            reason.contains(" is NaN, not a finite")
        }
        ReadError::Record { reason, .. } if reason.starts_with("label has no entry") => {
            return format!(
                "Labeled {channel} data required with label size equal 1. Label size on {channel} dataset found to be 0."
            );
        }
        _ => {
            return match content_type {
                Some(content_type) => format!(
                    "{unreadable} Requested content-type is '{content_type}'. Please verify the data matches the \
                     requested content-type."
                ),
                None => {
                    format!("{unreadable} Please verify the correct data channel configuration is provided.")
                }
            };
        }
    };
    let values = if is_nan { "missing (NaN) values" } else { "infinite floating point values" };
    format!("{unreadable} Found {values}. Please remove any {values} in the input data.")
}

impl From<TrainError> for TrainingError {
    fn from(error: TrainError) -> Self {
        Self::Train(error)
    }
}

/// Returns the message of an error with SageMaker's names of the hyperparameters.
fn with_hyperparameter_names(error: &TrainError) -> String {
    match error {
        TrainError::TooManyLists { n_lists, n_samples } => format!(
            "hyperparameter faiss_index_ivf_nlists is {n_lists}; it must be at most the number of rows, {n_samples}: \
             lower it, or raise sample_size"
        ),
        TrainError::TooFewRows { n_samples, min } => format!(
            "hyperparameter faiss_index_pq_m needs at least {min} rows to train its codes; there are {n_samples}: raise \
             sample_size, or use index_type faiss.IVFFlat"
        ),
        TrainError::TargetDim { target_dim, feature_dim } => format!(
            "hyperparameter dimension_reduction_target is {target_dim}; it must be at least 1 and less than feature_dim, \
             {feature_dim}"
        ),
        TrainError::ProjectionTooLarge { kind, target_dim, feature_dim, max_bytes } => format!(
            "a dimension reduction of type {kind} from {feature_dim} features to {target_dim} needs more than {max_bytes} \
             bytes: lower dimension_reduction_target, or use the type fjlt"
        ),
        TrainError::TooLarge { n, width } => format!(
            "there is no memory for {n} rows of {width} numbers: lower sample_size, or use dimension reduction"
        ),
        error => error.to_string(),
    }
}

fn join(problems: &[InvalidHyperparameter]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
