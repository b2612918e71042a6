//! Why a training job fails, and how the service is told.

use std::{error::Error, fmt::Write as _, io, path::PathBuf};

use mysfits_knn::{DatasetError, PredictError, TrainError};

use super::{InvalidHyperparameter, OutOfMemory, ReadError, config::INPUT_DATA};
use crate::artifact::ArtifactError;

/// As much of the failure file as becomes the job's `FailureReason`, in characters.
pub const MAX_FAILURE_CHARS: usize = 1024;

/// Why a training job fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainingError {
    /// A file in `input/config` cannot be used.
    #[error("{file} cannot be used: {reason}")]
    Config {
        /// Which, from the job's folder.
        file: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Hyperparameters are invalid: all that are.
    #[error("{}", join(.0))]
    Hyperparameters(Vec<InvalidHyperparameter>),
    /// The job is one of several hosts'.
    #[error("the job has {} hosts ({}); only training on a single host is emulated", hosts.len(), hosts.join(", "))]
    Hosts {
        /// Their names.
        hosts: Vec<String>,
    },
    /// A channel must be there.
    #[error("Missing required channel: {name}; add it to {INPUT_DATA}")]
    MissingChannel {
        /// Its name.
        name: &'static str,
    },
    /// A channel that there is not.
    #[error("Extraneous channel found: {name}; the channels are train and test")]
    ExtraneousChannel {
        /// Its name.
        name: String,
    },
    /// A channel that cannot be read so.
    #[error("Channel configuration for '{name}' channel is not supported: {config}. {reason}")]
    UnsupportedChannel {
        /// Its name.
        name: &'static str,
        /// What was given, as JSON.
        config: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A channel without a row.
    #[error("channel {name} is empty: there are no samples in {} ({n_files} files)", path.display())]
    EmptyChannel {
        /// Its name.
        name: &'static str,
        /// Where was looked.
        path: PathBuf,
        /// How many files there were.
        n_files: usize,
    },
    /// A file or folder of a channel cannot be read.
    #[error("{} cannot be read", path.display())]
    Input {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Folders in folders without end.
    #[error("{} lies more than {limit} folders deep; is it a link in a circle?", path.display())]
    TooDeep {
        /// Which.
        path: PathBuf,
        /// How deep is looked.
        limit: usize,
    },
    /// What is no file cannot be read as one.
    #[error("{} is neither a file nor a folder; a named pipe needs the TrainingInputMode Pipe", path.display())]
    NotAFile {
        /// Which.
        path: PathBuf,
    },
    /// The data in a file are at fault.
    #[error("{}", path.display())]
    Data {
        /// Which.
        path: PathBuf,
        /// What is wrong with them.
        source: ReadError,
    },
    /// There is no room for the model.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
    /// The rows make no dataset.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The model cannot be trained with these hyperparameters on these rows.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// A row of the test channel cannot be predicted.
    #[error(transparent)]
    Predict(#[from] PredictError),
    /// The model cannot be written.
    #[error("the model cannot be written")]
    Artifact(#[from] ArtifactError),
    /// A bug.
    #[error("unexpected failure: {message}")]
    Panic {
        /// What the panic said.
        message: String,
    },
}

impl TrainingError {
    /// Which of the three kinds of Amazon's toolkit it is: the user can avoid it, the machine is at fault, or we are.
    fn kind(&self) -> &'static str {
        match self {
            // A damaged gzip stream is the data's fault.
            Self::Input { source, .. }
                if matches!(
                    source.kind(),
                    io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof
                ) =>
            {
                "UserError"
            }
            Self::Input { .. } | Self::Artifact(_) => "PlatformError",
            Self::Panic { .. } | Self::Predict(_) => "AlgorithmError",
            _ => "UserError",
        }
    }

    /// What the failure file says: the kind of error, the error, and what it goes back to; at most
    /// [`MAX_FAILURE_CHARS`] characters, of several invalid hyperparameters as many as fit.
    #[must_use]
    pub fn failure_reason(&self) -> String {
        let mut reason = format!("{}: ", self.kind());
        if let Self::Hyperparameters(problems) = self {
            // Room for the line that counts the rest.
            let room = MAX_FAILURE_CHARS - 32;
            for (i, problem) in problems.iter().enumerate() {
                let line = format!("{}{problem}", if i == 0 { "" } else { "\n" });
                if i > 0 && reason.chars().count() + line.chars().count() > room {
                    let _ = write!(reason, "\n(and {} more)", problems.len() - i);
                    break;
                }
                reason += &line;
            }
        } else {
            reason += &self.to_string();
            let mut cause = self.source();
            while let Some(error) = cause {
                let _ = write!(reason, ": {error}");
                cause = error.source();
            }
        }
        if let Some((end, _)) = reason.char_indices().nth(MAX_FAILURE_CHARS - 3)
            && reason[end..].chars().nth(3).is_some()
        {
            reason.truncate(end);
            reason += "...";
        }
        reason
    }
}

fn join(problems: &[InvalidHyperparameter]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
