//! A training job's folder, made for a test and gone after it.

use std::{collections::BTreeMap, fs, io::Write, path::PathBuf};

use expect_test::Expect;
use flate2::{Compression, write::GzEncoder};
use mysfits_knn::Model;
use mysfits_sagemaker::{
    artifact::Artifact,
    codec::recordio::write_sample,
    training::{Job, TrainingError},
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A classifier of one neighbour over two features, from CSV.
pub struct OptMl {
    folder: TempDir,
    hyperparameters: BTreeMap<String, Value>,
    channels: BTreeMap<String, Value>,
}

/// How a job ended.
pub struct Outcome {
    pub result: Result<(), TrainingError>,
    pub log: String,
}

pub const CSV: &str = "text/csv";
pub const RECORD_IO: &str = "application/x-recordio-protobuf";

impl OptMl {
    /// A job with nothing to read.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for part in ["input/config", "input/data", "model"] {
            fs::create_dir_all(folder.path().join(part)).unwrap();
        }
        let hyperparameters =
            [("k", "1"), ("feature_dim", "2"), ("sample_size", "100"), ("predictor_type", "classifier")]
                .map(|(name, value)| (name.to_owned(), value.into()));
        let channels = BTreeMap::new();
        Self { folder, hyperparameters: hyperparameters.into(), channels }.channel("train", CSV)
    }

    /// A job with four samples in `train`.
    pub fn with_samples() -> Self {
        Self::new().file("train/a.csv", "0,1,1\n0,1,2\n7,8,8\n7,8,9\n")
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.hyperparameters.insert(name.to_owned(), value.into());
        self
    }

    pub fn sets(self, values: &[(&str, &str)]) -> Self {
        values.iter().fold(self, |job, (name, value)| job.set(name, *value))
    }

    pub fn unset(mut self, name: &str) -> Self {
        self.hyperparameters.remove(name);
        self
    }

    pub fn channel(self, name: &str, content_type: &str) -> Self {
        let config = json!({
            "ContentType": content_type,
            "TrainingInputMode": "File",
            "S3DistributionType": "FullyReplicated",
            "RecordWrapperType": "None"
        });
        self.channel_config(name, config)
    }

    pub fn channel_config(mut self, name: &str, config: Value) -> Self {
        self.channels.insert(name.to_owned(), config);
        self
    }

    pub fn no_channel(mut self, name: &str) -> Self {
        self.channels.remove(name);
        self
    }

    /// Writes a file into `input/data`.
    pub fn file(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        let path = self.path("input/data").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    /// Writes a file into `input/config` as it is.
    pub fn config(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        fs::write(self.path("input/config").join(name), text).unwrap();
        self
    }

    pub fn run(&self) -> Outcome {
        self.run_in(None)
    }

    /// Writes the configuration, unless a test has done so, and runs the job with so much memory.
    pub fn run_in(&self, memory_bytes: Option<u64>) -> Outcome {
        self.write_config();
        let mut log = Vec::new();
        let result = Job::new(self.folder.path()).memory_limit(memory_bytes).run(&mut log);
        Outcome { result, log: String::from_utf8(log).unwrap() }
    }

    pub fn write_config(&self) {
        for (name, value) in [
            ("hyperparameters.json", json!(self.hyperparameters)),
            ("inputdataconfig.json", json!(self.channels)),
            ("resourceconfig.json", json!({"current_host": "algo-1", "hosts": ["algo-1"]})),
        ] {
            let path = self.path("input/config").join(name);
            if !path.exists() {
                fs::write(path, value.to_string()).unwrap();
            }
        }
    }

    /// Runs a job that must succeed, and reads its model.
    #[track_caller]
    pub fn train(&self) -> Model {
        let outcome = self.run();
        if let Err(error) = &outcome.result {
            panic!("{error}\n{}", outcome.log);
        }
        assert!(!self.path("output/failure").exists());
        self.model()
    }

    pub fn model(&self) -> Model {
        Artifact::read_folder(&self.path("model")).unwrap().model
    }

    /// Runs a job that must fail, and gives its reason without the folder's name.
    #[track_caller]
    pub fn refusal(&self) -> String {
        self.refusal_in(None)
    }

    #[track_caller]
    pub fn refusal_in(&self, memory_bytes: Option<u64>) -> String {
        let outcome = self.run_in(memory_bytes);
        let error = outcome.result.expect_err("the job should fail");
        let failure = fs::read_to_string(self.path("output/failure")).unwrap();
        assert_eq!(failure, error.failure_message());
        let last_line = outcome.log.rsplit_once(" ERROR ").expect("the failure is logged").1;
        assert!(last_line.trim_end().ends_with(&failure), "{last_line}");
        assert_eq!(fs::read_dir(self.path("model")).unwrap().count(), 0, "a failed job leaves no model");
        let folder = format!("{}/", self.folder.path().display());
        failure.replace(&folder, "")
    }
}

pub fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes.as_ref()).unwrap();
    gzip.finish().unwrap()
}

/// Samples, features then label, as RecordIO.
pub fn record_io(samples: &[(&[f32], f64)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (features, label) in samples {
        write_sample(features, Some(*label), &mut bytes);
    }
    bytes
}

/// Checks that a job is refused, and how, when hyperparameters are set so.
#[track_caller]
pub fn check_refused(values: &[(&str, &str)], expected: Expect) {
    expected.assert_eq(&OptMl::with_samples().sets(values).refusal());
}

#[track_caller]
pub fn check_accepted(values: &[(&str, &str)]) {
    OptMl::with_samples().sets(values).train();
}
