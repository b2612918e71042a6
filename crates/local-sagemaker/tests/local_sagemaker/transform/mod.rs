//! Transform jobs, over S3 and logs in memory.

mod failures;
mod formats;
mod workers;

use std::time::{Duration, Instant};

use local_sagemaker::{
    aws::json::ApiError,
    control_plane::{Pace, SageMakerService},
};
use mysfits_knn::Model;
use mysfits_sagemaker::AccountRegion;
use serde_json::{Value, json};

use crate::{
    control_plane::IMAGE,
    fake_aws::FakeAws,
    support::{model, packed},
};

const PACE: Duration = Duration::from_millis(5);
const TIMEOUT: Duration = Duration::from_secs(20);

/// The control plane, with the model `knn`.
struct Cloud {
    aws: FakeAws,
    service: SageMakerService,
}

impl Cloud {
    async fn start() -> Self {
        Self::with_model(model()).await
    }

    async fn with_model(model: Model) -> Self {
        let aws = FakeAws::start().await;
        let service = SageMakerService::new(
            AccountRegion::default(),
            aws.client.clone(),
            aws.client.clone(),
            Pace(PACE),
        );
        aws.put("data/model.tar.gz", packed(model));
        let cloud = Self { aws, service };
        let model = json!({
            "ModelName": "knn",
            "ExecutionRoleArn": "arn:aws:iam::123456789012:role/knn",
            "PrimaryContainer": { "Image": IMAGE, "ModelDataUrl": "s3://data/model.tar.gz" },
        });
        cloud.call("CreateModel", model).await.unwrap();
        cloud
    }

    async fn call(&self, operation: &str, input: Value) -> Result<Value, ApiError> {
        let Value::Object(input) = input else { panic!("{input} is not an object") };
        self.service.call(operation, &input).await
    }

    async fn refusal(&self, request: Value) -> String {
        self.call("CreateTransformJob", request).await.unwrap_err().to_string()
    }

    /// Runs a job to its end; returns the statuses that were seen, and the last description.
    async fn run(&self, request: Value) -> (Vec<String>, Value) {
        let name = request["TransformJobName"].clone();
        self.call("CreateTransformJob", request).await.unwrap();
        self.ended(&name).await
    }

    async fn ended(&self, name: &Value) -> (Vec<String>, Value) {
        let (begin, mut seen) = (Instant::now(), Vec::new());
        loop {
            let job = self.call("DescribeTransformJob", json!({ "TransformJobName": name })).await.unwrap();
            let status = job["TransformJobStatus"].as_str().unwrap().to_owned();
            let is_final = ["Completed", "Failed", "Stopped"].contains(&status.as_str());
            if seen.last() != Some(&status) {
                seen.push(status);
            }
            if is_final {
                return (seen, job);
            }
            assert!(begin.elapsed() < TIMEOUT, "{job}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn completed(&self, request: Value) -> Value {
        let (statuses, job) = self.run(request).await;
        assert_eq!(statuses, ["InProgress", "Completed"], "{job} {:?}", self.aws.messages("data-log"));
        job
    }

    /// Returns the reason of a failure, and what the log says of it.
    async fn failed(&self, request: Value) -> (String, Vec<String>) {
        let (statuses, job) = self.run(request).await;
        assert_eq!(statuses, ["InProgress", "Failed"], "{job}");
        let log = self.aws.messages("data-log").into_iter().filter_map(|line| {
            let (_, text) = line.split_once(":[sagemaker logs]: ")?;
            (!text.starts_with("MaxConcurrentTransforms")).then(|| text.to_owned())
        });
        (job["FailureReason"].as_str().unwrap().to_owned(), log.collect())
    }
}

/// CSV in lines from `data/in`, with these members of input and output besides.
fn request(name: &str, input: Value, output: Value) -> Value {
    let mut request = json!({
        "TransformJobName": name,
        "ModelName": "knn",
        "TransformInput": {
            "DataSource": { "S3DataSource": { "S3DataType": "S3Prefix", "S3Uri": "s3://data/in" } },
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        "TransformOutput": { "S3OutputPath": "s3://data/out/" },
        "TransformResources": { "InstanceType": "ml.m5.large", "InstanceCount": 1 },
    });
    for (member, added) in [("TransformInput", input), ("TransformOutput", output)] {
        let Value::Object(added) = added else { continue };
        request[member].as_object_mut().unwrap().extend(added);
    }
    request
}

fn plain(name: &str) -> Value {
    request(name, Value::Null, Value::Null)
}

fn with(mut request: Value, member: &str, value: Value) -> Value {
    request[member] = value;
    request
}

/// Samples of [`model`] as CSV, each with its own label as the nearest neighbour.
fn rows(n: usize, offset: usize) -> String {
    (0..n).map(|row| format!("{},1,{},3,2\n", 1 + (row + offset) % 8, 1 + row % 7)).collect()
}

fn labels(jsonlines: &str) -> Vec<f64> {
    let label =
        |line: &str| serde_json::from_str::<Value>(line).unwrap()["predicted_label"].as_f64().unwrap();
    jsonlines.lines().map(label).collect()
}
