//! SageMaker, wherever it is: an AWS account, the local cloud, or this process.
//!
//! The same calls in each place: a training job with the built-in k-NN, an endpoint, predictions as CSV, the endpoint's
//! removal. In a cloud the program `mysfits-notebook-cloud` makes them; in this process the crate `mysfits-sagemaker`
//! trains as the container does, on a folder that is laid out as `/opt/ml`, and serves the model on a free port.

mod here;
mod program;

use std::{
    collections::BTreeMap,
    fmt::{self, Display},
    io,
    time::{SystemTime, UNIX_EPOCH},
};

use mysfits_sagemaker::{client::decode_response, codec::Format};

use crate::{
    protocol::{PROGRAM, Reply, Request},
    varying,
};
use here::Here;
use program::Program;

/// Why something of SageMaker's did not work.
#[derive(Debug, thiserror::Error)]
pub enum SageMakerError {
    /// A file, a process or a connection.
    #[error("{what}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// SageMaker, or the program that asks it, says why.
    #[error("{0}")]
    Refused(String),
    /// The training job in this process.
    #[error("the training job failed")]
    Training(#[from] mysfits_sagemaker::training::TrainingError),
    /// The model that it made cannot be read.
    #[error("the model cannot be read")]
    Artifact(#[from] mysfits_sagemaker::artifact::ArtifactError),
    /// The endpoint in this process.
    #[error(transparent)]
    Endpoint(#[from] mysfits_sagemaker::LocalEndpointError),
    /// Invalid answer.
    #[error("{what} cannot be read: {answer:.200}")]
    Answer {
        /// Whose.
        what: &'static str,
        /// What came.
        answer: String,
    },
}

/// The data of a training job, as RecordIO-protobuf.
#[derive(Debug, Clone, Default)]
pub struct Channels {
    /// What is trained with.
    pub train: Vec<u8>,
    /// What the model is tested with.
    pub test: Vec<u8>,
}

/// A training job that has ended well.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingJob {
    /// Its name.
    pub name: String,
    /// Where the training data lies.
    pub train_uri: String,
    /// Where the model lies.
    pub artifact_uri: String,
    /// `test:accuracy`, as the job reports it.
    pub accuracy: f64,
}

/// SageMaker.
#[derive(Debug)]
pub struct SageMaker {
    place: Place,
    name: String,
}

#[derive(Debug)]
enum Place {
    Here(Here),
    Cloud(Program),
}

impl SageMaker {
    /// Where the credentials lead, or, without any, this process.
    ///
    /// # Errors
    /// If the program of [`PROGRAM`] cannot be run, or if the credentials are not good for the notebook.
    pub fn find() -> Result<Self, SageMakerError> {
        match std::env::var_os(PROGRAM).filter(|program| !program.is_empty()) {
            Some(program) => Self::by(Program::start(program.as_ref())?),
            None => Ok(Self::here()),
        }
    }

    fn by(mut program: Program) -> Result<Self, SageMakerError> {
        match program.ask(&Request::Place)? {
            Reply::Place(name) => Ok(Self { place: Place::Cloud(program), name }),
            Reply::Nowhere => Ok(Self::here()),
            other => Err(unexpected(&other)),
        }
    }

    fn here() -> Self {
        Self { place: Place::Here(Here::default()), name: "this-process".to_owned() }
    }

    /// Returns a new name for a training job or an endpoint. In a cloud, it says to which stage they belong.
    fn new_name(&mut self) -> Result<String, SageMakerError> {
        let what = format!("notebook-{}", stamp());
        match &mut self.place {
            Place::Here(_) => Ok(format!("knn-{what}")),
            Place::Cloud(program) => match program.ask(&Request::Name { what })? {
                Reply::Name(name) => Ok(name),
                other => Err(unexpected(&other)),
            },
        }
    }

    /// Puts the data where the job finds it, trains a model with the built-in algorithm and waits for it.
    ///
    /// # Errors
    /// [`SageMakerError`] if the job fails; in a cloud also if it cannot be begun.
    pub fn train(
        &mut self,
        channels: &Channels,
        hyperparameters: &[(&str, String)],
    ) -> Result<TrainingJob, SageMakerError> {
        let name = self.new_name()?;
        let hyperparameters: BTreeMap<String, String> =
            hyperparameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let folder = here::fresh_folder()?;
        let [train, test] = here::write_channels(&folder, channels)?;
        let program = match &mut self.place {
            Place::Here(here) => return here.train(name, &folder, &train, &hyperparameters),
            Place::Cloud(program) => program,
        };
        let mut uri = |channel, file| {
            let key = format!("notebook/{name}/{channel}/survey.pbr");
            match program.ask(&Request::Upload { file, key })? {
                Reply::Uri(uri) => Ok(uri),
                other => Err(unexpected(&other)),
            }
        };
        let (train_uri, test_uri) = (uri("train", train)?, uri("test", test)?);
        let request =
            Request::Train { name: name.clone(), train_uri: train_uri.clone(), test_uri, hyperparameters };
        match program.ask(&request)? {
            Reply::Trained { artifact_uri, accuracy } => {
                Ok(TrainingJob { name, train_uri, artifact_uri, accuracy })
            }
            other => Err(unexpected(&other)),
        }
    }

    /// Makes an endpoint of a job's model and waits until it answers; returns its name.
    ///
    /// # Errors
    /// [`SageMakerError`] if it does not come up.
    pub fn deploy(&mut self, job: &TrainingJob) -> Result<String, SageMakerError> {
        let endpoint = self.new_name()?;
        match &mut self.place {
            Place::Here(here) => here.deploy(&endpoint, &job.artifact_uri)?,
            Place::Cloud(program) => {
                let artifact_uri = job.artifact_uri.clone();
                done(&program.ask(&Request::Deploy { endpoint: endpoint.clone(), artifact_uri })?)?;
            }
        }
        Ok(endpoint)
    }

    /// The predicted labels of rows of CSV, in their order.
    ///
    /// # Errors
    /// [`SageMakerError`] if there is no such endpoint, or it cannot read the rows.
    pub fn predict(&mut self, endpoint: &str, csv: &str) -> Result<Vec<f64>, SageMakerError> {
        let body = match &mut self.place {
            Place::Here(here) => here.predict(endpoint, csv)?,
            Place::Cloud(program) => {
                let request = Request::Predict { endpoint: endpoint.to_owned(), csv: csv.to_owned() };
                match program.ask(&request)? {
                    Reply::Body(body) => body,
                    other => return Err(unexpected(&other)),
                }
            }
        };
        labels(&body)
    }

    /// Removes an endpoint with all that it is made of, and waits until it is gone.
    ///
    /// # Errors
    /// [`SageMakerError`] if something of it stays.
    pub fn delete(&mut self, endpoint: &str) -> Result<(), SageMakerError> {
        match &mut self.place {
            Place::Here(here) => here.delete(endpoint),
            Place::Cloud(program) => done(&program.ask(&Request::Delete { endpoint: endpoint.to_owned() })?),
        }
    }

    /// Whether there is an endpoint of this name.
    ///
    /// # Errors
    /// [`SageMakerError`] if that cannot be found out.
    pub fn exists(&mut self, endpoint: &str) -> Result<bool, SageMakerError> {
        match &mut self.place {
            Place::Here(here) => Ok(here.exists(endpoint)),
            Place::Cloud(program) => match program.ask(&Request::Exists { endpoint: endpoint.to_owned() })? {
                Reply::Exists(exists) => Ok(exists),
                other => Err(unexpected(&other)),
            },
        }
    }
}

impl Display for SageMaker {
    /// Where it is, marked as something that varies.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SageMaker: {}", varying(&self.name))
    }
}

fn done(reply: &Reply) -> Result<(), SageMakerError> {
    match reply {
        Reply::Done => Ok(()),
        other => Err(unexpected(other)),
    }
}

fn unexpected(reply: &Reply) -> SageMakerError {
    match reply {
        Reply::Failed(why) => SageMakerError::Refused(why.clone()),
        other => SageMakerError::Answer { what: "the program's reply", answer: format!("{other:?}") },
    }
}

fn labels(body: &str) -> Result<Vec<f64>, SageMakerError> {
    let predictions = decode_response(Format::Json, body.as_bytes())
        .map_err(|_| SageMakerError::Answer { what: "the endpoint's answer", answer: body.to_owned() })?;
    Ok(predictions.into_iter().map(|prediction| prediction.predicted_label).collect())
}

fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> SageMakerError {
    let what = what.into();
    move |source| SageMakerError::Io { what, source }
}

/// Milliseconds since 1970: names with them are as good as unique.
fn stamp() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_millis())
}

#[cfg(test)]
mod tests;
