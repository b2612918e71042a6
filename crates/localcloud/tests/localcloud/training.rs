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
async fn hosts_sample_their_shares_and_log_to_streams_of_their_own() {
    for (distribution, mode, seen) in [
        ("ShardedByS3Key", "File", [10, 15]),
        ("ShardedByS3Key", "Pipe", [10, 15]),
        ("FullyReplicated", "FastFile", [25, 25]),
        ("FullyReplicated", "Pipe", [25, 25]),
    ] {
        let cloud = Cloud::start().await;
        for (key, range) in [("a", 0..5), ("b", 5..20), ("c", 20..25)] {
            cloud.put(&format!("data/train/{key}"), rows(range));
        }
        let mut input = job(&json!([channel("train", "s3://data/train/")]));
        input["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3DataDistributionType"] =
            distribution.into();
        input["AlgorithmSpecification"]["TrainingInputMode"] = mode.into();
        input["ResourceConfig"]["InstanceCount"] = 2.into();
        let (_, described) = run(&cloud, input).await;
        assert_eq!(described["TrainingJobStatus"], "Completed", "{described}");
        let log = cloud.held.lock().unwrap().log_lines.clone();
        for (host, seen) in [("algo-1", seen[0]), ("algo-2", seen[1])] {
            let data = format!("reservoir sample from {host}: data=({seen}, 2)");
            assert!(log.iter().any(|(_, line)| line.contains(&data)), "{distribution} {mode}: {log:?}");
            let stream = format!("\"Host\": \"{host}\"");
            assert!(log.iter().any(|(_, line)| line.contains(&stream)), "{distribution} {mode}");
        }
    }
}

#[tokio::test]
async fn metric_definitions_find_their_values_in_the_log() {
    let cloud = Cloud::start().await;
    cloud.put("data/train/a.csv", rows(0..25));
    let mut input = job(&json!([channel("train", "s3://data/train/"), channel("test", "s3://data/train/")]));
    input["AlgorithmSpecification"]["MetricDefinitions"] = json!([
        { "Name": "seen", "Regex": "data=\\((\\d+), " },
        { "Name": "never", "Regex": "loss=(\\S+)" },
    ]);
    let (_, described) = run(&cloud, input).await;
    let metrics = described["FinalMetricDataList"].as_array().unwrap();
    assert_eq!(metrics.len(), 1, "{metrics:?}");
    assert_eq!((&metrics[0]["MetricName"], &metrics[0]["Value"]), (&json!("seen"), &json!(25.0)));
}

#[tokio::test]
async fn a_job_that_takes_too_long_is_stopped() {
    let cloud = Cloud::start().await;
    cloud.put("data/train/a.csv", rows(0..25));
    let mut input = job(&json!([channel("train", "s3://data/train/")]));
    input["StoppingCondition"]["MaxRuntimeInSeconds"] = 1.into();
    let (steps, described) = run(&cloud, input).await;
    assert_eq!(steps.last().unwrap(), "MaxRuntimeExceeded", "{described}");
    assert_eq!(described["TrainingJobStatus"], "Stopped");
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
            "the manifest file \"s3://data/train/a.csv\" must be a JSON array",
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
    check("/ResourceConfig/InstanceCount", 21.into(), "is 20 Instances").await;
    check("/InputDataConfig/0/ChannelName", "../x".into(), "channelName").await;
    check("/AlgorithmSpecification/TrainingInputMode", "Stream".into(), "[Pipe, File, FastFile]").await;
    check("/StoppingCondition/MaxRuntimeInSeconds", 0.into(), "between 1 and 2419200").await;
    check("/HyperParameters/k", "1".repeat(2501).into(), "length less than or equal to 2500").await;
    let data_type = "/InputDataConfig/0/DataSource/S3DataSource/S3DataType";
    check(data_type, "AugmentedManifestFile".into(), "AugmentedManifestFile is not emulated").await;
    let mut input = job(&json!([channel("train", "s3://data/train/")]));
    input["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "Random".into();
    let refusal = cloud.refusal("CreateTrainingJob", input).await;
    assert!(refusal.contains("[FullyReplicated, ShardedByS3Key]"), "{refusal}");
    for (path, member) in [
        ("", "ModelPackageConfig"),
        ("/AlgorithmSpecification", "AlgorithmSpecification.ContainerEntrypoint"),
        ("/ResourceConfig", "ResourceConfig.InstanceGroups"),
        ("/InputDataConfig/0", "InputDataConfig.ShuffleConfig"),
        ("/InputDataConfig/0/DataSource/S3DataSource", "S3DataSource.AttributeNames"),
    ] {
        let mut input = job(&json!([channel("train", "s3://data/train/")]));
        let name = member.rsplit('.').next().unwrap();
        input.pointer_mut(path).unwrap()[name] = json!({ "any": 1 });
        let expected = format!("{member} is not emulated here; leave it out");
        assert_eq!(cloud.refusal("CreateTrainingJob", input).await, expected);
    }
    assert_eq!(cloud.refusal("DescribeTrainingJob", name()).await, "Requested resource not found.");
}
