use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::{Cloud, IMAGE, ROLE};

fn channel(name: &str, uri: &str) -> Value {
    json!({
        "ChannelName": name,
        "ContentType": "text/csv;label_size=1",
        "DataSource": { "S3DataSource": { "S3DataType": "S3Prefix", "S3Uri": uri } },
    })
}

/// A channel as `KNN.fit(record_set)` of the SageMaker Python SDK sends it, but of CSV.
fn manifest(name: &str, uri: &str) -> Value {
    let mut channel = channel(name, uri);
    channel["DataSource"]["S3DataSource"]["S3DataType"] = "ManifestFile".into();
    channel["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "ShardedByS3Key".into();
    channel
}

fn job(channels: &Value) -> Value {
    json!({
        "TrainingJobName": "knn-j",
        "RoleArn": ROLE,
        "HyperParameters": { "k": "1", "sample_size": "50", "predictor_type": "classifier", "feature_dim": "2" },
        "AlgorithmSpecification": { "TrainingImage": IMAGE, "TrainingInputMode": "File" },
        "InputDataConfig": channels,
        "OutputDataConfig": { "S3OutputPath": "s3://data/out/" },
        "ResourceConfig": { "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5 },
        "StoppingCondition": { "MaxRuntimeInSeconds": 60 },
    })
}

fn name() -> Value {
    json!({ "TrainingJobName": "knn-j" })
}

/// Rows whose label is the larger of the two features.
fn rows(range: std::ops::Range<usize>) -> String {
    range.fold(String::new(), |mut rows, i| {
        let (a, b) = (i % 5, i / 5 % 5);
        let _ = writeln!(rows, "{},{a},{b}", a.max(b));
        rows
    })
}

/// What became of the job: the steps it went through, and its description.
async fn run(cloud: &Cloud, input: Value) -> (Vec<String>, Value) {
    cloud.sagemaker("CreateTrainingJob", input).await;
    let (_, described) = cloud.settled("DescribeTrainingJob", name(), "TrainingJobStatus").await;
    let steps = described["SecondaryStatusTransitions"].as_array().unwrap().iter();
    let steps = steps.map(|step| step["Status"].as_str().unwrap().to_owned()).collect();
    (steps, described)
}

#[tokio::test]
async fn a_job_trains_what_is_in_s3_and_its_model_serves() {
    let cloud = Cloud::start().await;
    // Three objects are two pages of the list; what only begins so is another channel's, and a folder is no object.
    for (key, range) in [("a.csv", 0..10), ("b.csv", 10..15), ("deeper/c.csv", 15..25)] {
        cloud.put(&format!("data/training/train/{key}"), rows(range));
    }
    cloud.put("data/training/train/", "");
    cloud.put("data/training/test/t.csv", rows(0..25) + "9,0,0\n");
    let channels =
        json!([channel("train", "s3://data/training/train/"), channel("test", "s3://data/training/test")]);
    let (steps, described) = run(&cloud, job(&channels)).await;
    assert_eq!(steps, ["Starting", "Downloading", "Training", "Uploading", "Completed"], "{described}");
    assert_eq!(described["TrainingJobStatus"], "Completed");
    let metrics = described["FinalMetricDataList"].as_array().unwrap();
    let accuracy = metrics.iter().find(|metric| metric["MetricName"] == "test:accuracy").unwrap();
    assert!((accuracy["Value"].as_f64().unwrap() - 25.0 / 26.0).abs() < 1e-6, "{accuracy}");
    assert_eq!(described["OutputDataConfig"], json!({ "KmsKeyId": "", "S3OutputPath": "s3://data/out/" }));
    assert_eq!(described["EnableNetworkIsolation"], false);
    let artifact = described["ModelArtifacts"]["S3ModelArtifacts"].as_str().unwrap();
    assert_eq!(artifact, "s3://data/out/knn-j/output/model.tar.gz");
    let groups: Vec<String> =
        cloud.held.lock().unwrap().log_lines.iter().map(|(group, _)| group.clone()).collect();
    assert!(
        groups.len() > 5 && groups.iter().all(|group| group == "/aws/sagemaker/TrainingJobs"),
        "{groups:?}"
    );

    cloud.model("m", artifact.strip_prefix("s3://").unwrap()).await;
    cloud.sagemaker("CreateEndpoint", json!({ "EndpointName": "e", "EndpointConfigName": "m" })).await;
    cloud.settled("DescribeEndpoint", json!({ "EndpointName": "e" }), "EndpointStatus").await;
    let answer = r#"{"predictions": [{"predicted_label": 4.0}]}"#.to_owned();
    assert_eq!(cloud.invoke("e", "1,4").await, (200, answer));
    let (code, message) = cloud.call("SageMaker.CreateTrainingJob", job(&channels)).await.unwrap_err();
    assert_eq!(code, "ResourceInUse", "{message}");
}

#[tokio::test]
async fn trains_on_the_objects_of_a_manifest() {
    for (mode, expected) in [("File", "data=(25, 2)"), ("Pipe", "data=(25, 2)")] {
        let cloud = Cloud::start().await;
        for (key, range) in [("matrix_0", 0..10), ("deeper/matrix_1", 10..25), ("not-listed", 0..5)] {
            cloud.put(&format!("data/sdk/{key}"), rows(range));
        }
        cloud.put(
            "data/sdk/.amazon.manifest",
            r#"[{"prefix": "s3://data/sdk/"}, "matrix_0", "deeper/matrix_1"]"#,
        );
        let mut input = job(&json!([manifest("train", "s3://data/sdk/.amazon.manifest")]));
        input["AlgorithmSpecification"]["TrainingInputMode"] = mode.into();
        let (_, described) = run(&cloud, input).await;
        assert_eq!(described["TrainingJobStatus"], "Completed", "{described}");
        let log = cloud.held.lock().unwrap().log_lines.clone();
        assert!(log.iter().any(|(_, line)| line.contains(expected)), "{mode}: {log:?}");
    }
}

#[tokio::test]
async fn a_pipe_is_all_objects_in_a_row() {
    let cloud = Cloud::start().await;
    for (key, range) in [("a", 0..10), ("b", 10..25)] {
        cloud.put(&format!("data/train/{key}"), rows(range));
    }
    let mut input = job(&json!([channel("train", "s3://data/train/")]));
    input["AlgorithmSpecification"]["TrainingInputMode"] = "Pipe".into();
    let (_, described) = run(&cloud, input).await;
    assert_eq!(described["TrainingJobStatus"], "Completed", "{described}");
    let log = cloud.held.lock().unwrap().log_lines.clone();
    assert!(log.iter().any(|(_, line)| line.contains("data=(25, 2)")), "{log:?}");
}

#[tokio::test]
async fn a_job_that_cannot_train_says_why_and_leaves_no_model() {
    for (channels, expected) in [
        (
            json!([channel("train", "s3://data/none/")]),
            "No S3 objects found under S3 URL \"s3://data/none/\"",
        ),
        (json!([channel("test", "s3://data/train/")]), "Missing required channel: train"),
        (
            json!([channel("train", "s3://data/bad/")]),
            "ClientError: Unable to read data channel 'train'. Requested content-type is 'text/csv'. Please verify the \
             data matches the requested content-type.\n\nCaused by: ",
        ),
        (json!([manifest("train", "s3://data/bad.manifest")]), "there is no object at s3://data/missing.csv"),
        (
            json!([manifest("train", "s3://data/train/a.csv")]),
            "the manifest file \"s3://data/train/a.csv\" of channel train must be a JSON array",
        ),
    ] {
        let cloud = Cloud::start().await;
        cloud.put("data/train/a.csv", rows(0..5));
        cloud.put("data/bad/a.csv", "1,2,x\n");
        cloud.put("data/bad.manifest", r#"[{"prefix": "s3://data/"}, "missing.csv"]"#);
        let (_, described) = run(&cloud, job(&channels)).await;
        assert_eq!(described["TrainingJobStatus"], "Failed");
        let reason = described["FailureReason"].as_str().unwrap();
        assert!(reason.starts_with("ClientError: ") && reason.contains(expected), "{reason}");
        assert!(cloud.held.lock().unwrap().objects.keys().all(|key| !key.starts_with("data/out/")));
    }
}

#[tokio::test]
async fn a_job_is_stopped_once() {
    let cloud = Cloud::start().await;
    cloud.put("data/train/a.csv", rows(0..5));
    cloud.sagemaker("CreateTrainingJob", job(&json!([channel("train", "s3://data/train/")]))).await;
    cloud.sagemaker("StopTrainingJob", name()).await;
    let (seen, described) = cloud.settled("DescribeTrainingJob", name(), "TrainingJobStatus").await;
    assert_eq!(
        (seen, &described["SecondaryStatus"]),
        (vec!["Stopping".into(), "Stopped".into()], &json!("Stopped"))
    );
    assert!(cloud.refusal("StopTrainingJob", name()).await.contains("in status Stopped"));
    assert!(cloud.held.lock().unwrap().objects.keys().all(|key| !key.starts_with("data/out/")));
}

#[tokio::test]
async fn a_job_that_cannot_be_run_here_is_refused() {
    let cloud = Cloud::start().await;
    let check = async |member: &str, value: Value, expected: &str| {
        let mut input = job(&json!([channel("train", "s3://data/train/")]));
        *input.pointer_mut(member).unwrap() = value;
        let refusal = cloud.refusal("CreateTrainingJob", input).await;
        assert!(refusal.contains(expected), "{refusal}");
    };
    check("/AlgorithmSpecification/TrainingImage", "x".into(), "only the built-in k-NN can").await;
    check("/OutputDataConfig/S3OutputPath", "out".into(), "outputDataConfig.s3OutputPath").await;
    check("/ResourceConfig/InstanceCount", 0.into(), "at least 1").await;
    check("/InputDataConfig/0/ChannelName", "../x".into(), "channelName").await;
    let data_type = "/InputDataConfig/0/DataSource/S3DataSource/S3DataType";
    check(data_type, "AugmentedManifestFile".into(), "it must be S3Prefix or ManifestFile").await;
    let mut input = job(&json!([channel("train", "s3://data/train/")]));
    input["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "Random".into();
    let refusal = cloud.refusal("CreateTrainingJob", input).await;
    assert!(refusal.contains("[FullyReplicated, ShardedByS3Key]"), "{refusal}");
    assert_eq!(cloud.refusal("DescribeTrainingJob", name()).await, "Requested resource not found.");
}
