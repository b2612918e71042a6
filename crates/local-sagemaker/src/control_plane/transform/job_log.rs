//! The log streams of a transform job: for each instance that of the container, and `data-log` with what SageMaker itself
//! says. As in the service, `data-log` names the object in each line.

use jiff::Timestamp;
use mysfits_sagemaker::batch::BatchStrategy;
use uuid::Uuid;

use crate::aws::{client::AwsClient, logs::LogStream, s3::S3Uri, time::ApiTimestamp};

const GROUP: &str = "/aws/sagemaker/TransformJobs";

/// The log of a job. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct JobLog {
    logs: AwsClient,
    /// The names of the instances' streams.
    streams: std::sync::Arc<[String]>,
}

impl JobLog {
    pub(super) fn new(logs: &AwsClient, job: &str, n_instances: usize) -> Self {
        let seconds = ApiTimestamp::now().millis() / 1000;
        let stream = |_| {
            let id = Uuid::new_v4().simple().to_string();
            format!("{job}/i-{}-{seconds}", &id[..17])
        };
        Self { logs: logs.clone(), streams: (0..n_instances).map(stream).collect() }
    }

    /// Logs that the containers have loaded a model, and the settings of the job.
    pub(super) async fn begin(&self, n_samples: usize, settings: &str) {
        for stream in &*self.streams {
            self.write(stream.clone(), &format!("loaded a model with {n_samples} samples")).await;
            self.write(format!("{stream}/data-log"), &line(settings)).await;
        }
    }

    /// Logs why an object has no output.
    pub(super) async fn fail(&self, instance: usize, object: &S3Uri, lines: &[String]) {
        let S3Uri { bucket, key } = object;
        let lines: Vec<String> = lines.iter().map(|text| line(&format!("{bucket}/{key}: {text}"))).collect();
        if let Some(stream) = self.streams.get(instance) {
            self.write(format!("{stream}/data-log"), &lines.join("\n")).await;
        }
    }

    async fn write(&self, stream: String, lines: &str) {
        self.logs.log(&LogStream { group: GROUP.to_owned(), stream }, lines).await;
    }
}

fn line(text: &str) -> String {
    format!("{}:[sagemaker logs]: {text}", Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3f"))
}

/// Returns how the service writes the settings of a job.
pub(super) fn settings_line(max_concurrent: usize, max_payload_mb: usize, strategy: BatchStrategy) -> String {
    let strategy = match strategy {
        BatchStrategy::SingleRecord => "SINGLE_RECORD",
        _ => "MULTI_RECORD",
    };
    format!(
        "MaxConcurrentTransforms={max_concurrent}, MaxPayloadInMB={max_payload_mb}, BatchStrategy={strategy}"
    )
}
