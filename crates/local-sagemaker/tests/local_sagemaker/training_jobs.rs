//! Training jobs of the control plane, over `fake_aws`: statuses, logs and deletion.

use std::time::Duration;

use local_sagemaker::{
    aws::json::ApiError,
    control_plane::{Pace, SageMakerService},
};
use mysfits_sagemaker::AccountRegion;
use serde_json::{Value, json};

use crate::{
    control_plane::{IMAGE, ROLE},
    fake_aws::FakeAws,
};

struct Jobs {
    service: SageMakerService,
    aws: FakeAws,
}

impl Jobs {
    async fn start(pace: Duration) -> Self {
        let aws = FakeAws::start().await;
        let rows: String = (0..60).map(|i| format!("{},{i},1\n", u8::from(i > 30))).collect();
        aws.put("data/train/a.csv", rows);
        aws.put("data/empty/a.csv", "");
        let owner = AccountRegion::default();
        let service = SageMakerService::new(owner, aws.client.clone(), aws.client.clone(), Pace(pace));
        Self { service, aws }
    }

    async fn call(&self, operation: &str, input: Value) -> Result<Value, ApiError> {
        self.service.call(operation, input.as_object().unwrap()).await
    }

    async fn create(&self, name: &str, train: &str, n_hosts: usize) {
        let source = json!({ "S3DataType": "S3Prefix", "S3Uri": format!("s3://data/{train}/") });
        let input = json!({
            "TrainingJobName": name,
            "RoleArn": ROLE,
            "AlgorithmSpecification": { "TrainingImage": IMAGE, "TrainingInputMode": "File" },
            "HyperParameters": {
                "k": "3", "sample_size": "60", "predictor_type": "classifier", "feature_dim": "2",
            },
            "InputDataConfig": [{
                "ChannelName": "train",
                "ContentType": "text/csv;label_size=1",
                "DataSource": { "S3DataSource": source },
            }],
            "OutputDataConfig": { "S3OutputPath": "s3://data/out" },
            "ResourceConfig": {
                "InstanceType": "ml.m5.large", "InstanceCount": n_hosts, "VolumeSizeInGB": 1,
            },
            "StoppingCondition": { "MaxRuntimeInSeconds": 60 },
        });
        self.call("CreateTrainingJob", input).await.unwrap();
    }

    async fn describe(&self, name: &str) -> Value {
        self.call("DescribeTrainingJob", json!({ "TrainingJobName": name })).await.unwrap()
    }

    /// Waits for the end of a job. Returns its description, and each pair of statuses that it had.
    async fn watch(&self, name: &str) -> (Value, Vec<(String, String)>) {
        let mut seen: Vec<(String, String)> = Vec::new();
        loop {
            let job = self.describe(name).await;
            let status = |member: &str| job[member].as_str().unwrap().to_owned();
            let now = (status("TrainingJobStatus"), status("SecondaryStatus"));
            if seen.last() != Some(&now) {
                seen.push(now.clone());
            }
            if now.0 != "InProgress" {
                return (job, seen);
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

#[tokio::test]
async fn a_running_job_is_in_progress_through_each_secondary_status() {
    let jobs = Jobs::start(Duration::from_millis(100)).await;
    jobs.create("job", "train", 1).await;
    let (job, seen) = jobs.watch("job").await;
    let expected = [
        ("InProgress", "Starting"),
        ("InProgress", "Downloading"),
        ("InProgress", "Training"),
        ("InProgress", "Uploading"),
        ("Completed", "Completed"),
    ];
    assert_eq!(seen, expected.map(|(status, secondary)| (status.to_owned(), secondary.to_owned())));
    let transitions = job["SecondaryStatusTransitions"].as_array().unwrap();
    let names: Vec<&str> = transitions.iter().map(|t| t["Status"].as_str().unwrap()).collect();
    assert_eq!(names, expected.map(|(_, secondary)| secondary));
    for pair in transitions.windows(2) {
        assert_eq!(pair[0]["EndTime"], pair[1]["StartTime"]);
    }
}

#[tokio::test]
async fn logs_and_reasons_name_the_folders_of_the_container() {
    let jobs = Jobs::start(Duration::ZERO).await;
    // More than nine hosts: the name of the first begins the names of others.
    jobs.create("good", "train", 11).await;
    assert_eq!(jobs.watch("good").await.0["TrainingJobStatus"], "Completed");
    jobs.create("bad", "empty", 1).await;
    let (failed, _) = jobs.watch("bad").await;
    let reason = failed["FailureReason"].as_str().unwrap();
    assert!(reason.contains("there are no samples in /opt/ml/input/data/train"), "{reason}");
    let configuration =
        "Merging with provided configuration from /opt/ml/input/config/hyperparameters.json: ";
    for (stream, expected) in [("good/algo-1-", configuration), ("good/algo-11-", configuration)] {
        let log = jobs.aws.messages(stream);
        assert!(log.iter().any(|line| line.contains(expected)), "{log:#?}");
    }
    let temporary = std::env::temp_dir();
    let log = [jobs.aws.messages("good/"), jobs.aws.messages("bad/")].concat();
    let is_ours = |line: &&String| line.contains(temporary.to_str().unwrap());
    assert_eq!(log.iter().find(is_ours), None);
}

#[tokio::test]
async fn a_job_is_deleted_when_it_has_ended() {
    let jobs = Jobs::start(Duration::from_millis(5)).await;
    let name = json!({ "TrainingJobName": "job" });
    jobs.create("job", "train", 1).await;
    let error = jobs.call("DeleteTrainingJob", name.clone()).await.unwrap_err();
    assert_eq!(error.code, "ResourceInUse");
    assert!(error.message.ends_with("the training job is in status InProgress."), "{error}");
    jobs.watch("job").await;
    assert_eq!(jobs.call("DeleteTrainingJob", name.clone()).await, Ok(Value::Null));
    let error = jobs.call("DescribeTrainingJob", name).await.unwrap_err();
    assert_eq!(error.message, "Requested resource not found.");
    assert!(jobs.aws.bytes("data/out/job/output/model.tar.gz").is_some());
    // The name is free again.
    jobs.create("job", "train", 1).await;
    assert_eq!(jobs.watch("job").await.0["TrainingJobStatus"], "Completed");
}
