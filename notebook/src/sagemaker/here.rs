//! SageMaker in this process: the training job of the container, and an endpoint on a free port.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
};

use mysfits_sagemaker::{LocalEndpoint, artifact::Artifact, training};
use serde_json::json;

use super::{Channels, SageMakerError, TrainingJob, io};

/// The media type of the channels.
const RECORDIO: &str = "application/x-recordio-protobuf";

/// Running endpoints by name.
///
/// Whether one exists is read from here and not from its port: a connection to a port that was closed can succeed, with
/// itself or with another process that was given the port.
#[derive(Debug, Default)]
pub(super) struct Here {
    endpoints: BTreeMap<String, LocalEndpoint>,
}

/// An empty folder of this process below the workspace's `target/notebook`, to be laid out as `/opt/ml`.
pub(super) fn fresh_folder() -> Result<PathBuf, SageMakerError> {
    let jobs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/notebook/jobs");
    let folder = jobs.join(std::process::id().to_string());
    // What an earlier job left is of no use any more; most often there is nothing.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(io(format!("cannot make {}", folder.display())))?;
    folder.canonicalize().map_err(io(format!("cannot find {}", folder.display())))
}

/// Writes both channels; returns where they are: train, test.
pub(super) fn write_channels(opt_ml: &Path, channels: &Channels) -> Result<[PathBuf; 2], SageMakerError> {
    let write = |channel: &str, content: &[u8]| {
        let folder = opt_ml.join("input/data").join(channel);
        let file = folder.join("survey.pbr");
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(&file, content))
            .map_err(io(format!("cannot write {}", file.display())))?;
        Ok::<_, SageMakerError>(file)
    };
    Ok([write("train", &channels.train)?, write("test", &channels.test)?])
}

impl Here {
    #[expect(clippy::unused_self, reason = "a training job of this place, as in the other")]
    pub(super) fn train(
        &mut self,
        name: String,
        opt_ml: &Path,
        train: &Path,
        hyperparameters: &BTreeMap<String, String>,
    ) -> Result<TrainingJob, SageMakerError> {
        let channel = json!({
            "ContentType": RECORDIO,
            "TrainingInputMode": "File",
            "S3DistributionType": "FullyReplicated",
            "RecordWrapperType": "None",
        });
        let config = opt_ml.join("input/config");
        let write = |name: &str, content: String| fs::write(config.join(name), content);
        fs::create_dir_all(&config)
            .and_then(|()| write("hyperparameters.json", json!(hyperparameters).to_string()))
            .and_then(|()| {
                write("inputdataconfig.json", json!({"train": channel, "test": channel}).to_string())
            })
            .map_err(io(format!("cannot write to {}", config.display())))?;
        let mut log = Vec::new();
        training::run(opt_ml, &mut log)?;
        let log = String::from_utf8_lossy(&log).into_owned();
        let accuracy = accuracy(&log)
            .ok_or(SageMakerError::Answer { what: "the accuracy in the job's log", answer: log })?;
        Ok(TrainingJob {
            name,
            train_uri: format!("file://{}", train.display()),
            artifact_uri: format!("file://{}", opt_ml.join("model").display()),
            accuracy,
        })
    }

    pub(super) fn deploy(&mut self, endpoint: &str, artifact_uri: &str) -> Result<(), SageMakerError> {
        let folder = artifact_uri.strip_prefix("file://").unwrap_or(artifact_uri);
        let model = Artifact::read_folder(Path::new(folder))?.model;
        let local = LocalEndpoint::start(endpoint, model)?;
        self.endpoints.insert(endpoint.to_owned(), local);
        Ok(())
    }

    pub(super) fn predict(&self, endpoint: &str, csv: &str) -> Result<String, SageMakerError> {
        let local = self.endpoints.get(endpoint).ok_or_else(|| unknown(endpoint))?;
        invoke(local.address(), endpoint, csv)
    }

    pub(super) fn delete(&mut self, endpoint: &str) -> Result<(), SageMakerError> {
        self.endpoints.remove(endpoint).map(drop).ok_or_else(|| unknown(endpoint))
    }

    pub(super) fn exists(&self, endpoint: &str) -> bool {
        self.endpoints.contains_key(endpoint)
    }
}

fn unknown(endpoint: &str) -> SageMakerError {
    SageMakerError::Refused(format!("there is no endpoint {endpoint}"))
}

/// `InvokeEndpoint` as HTTP has it, one connection a request: HTTP/1.0, so that the answer ends where the connection does.
fn invoke(address: SocketAddr, endpoint: &str, csv: &str) -> Result<String, SageMakerError> {
    let exchange = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let head = format!(
            "POST /endpoints/{endpoint}/invocations HTTP/1.0\r\nhost: {address}\r\ncontent-type: text/csv\r\n\
             accept: application/json\r\ncontent-length: {}\r\n\r\n",
            csv.len()
        );
        stream.write_all(&[head.as_bytes(), csv.as_bytes()].concat())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = exchange().map_err(io(format!("the endpoint {endpoint} does not answer")))?;
    let unreadable = |answer| SageMakerError::Answer { what: "the endpoint's answer", answer };
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.split(' ').nth(1) == Some("200") => Ok(body.to_owned()),
        Some((_, body)) => Err(SageMakerError::Refused(body.to_owned())),
        None => Err(unreadable(answer)),
    }
}

/// The accuracy on the test channel, as the container's log says it.
fn accuracy(log: &str) -> Option<f64> {
    log.lines().find_map(|line| line.split_once("test accuracy <score>=")?.1.trim().parse().ok())
}
