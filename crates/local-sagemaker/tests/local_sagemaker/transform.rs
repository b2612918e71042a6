//! Transform jobs, over S3 in memory.

use std::{
    io::Write as _,
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder};
use local_sagemaker::{
    aws::{json::ApiError, s3::S3Uri},
    control_plane::{Pace, SageMakerService},
};
use mysfits_knn::{Dataset, Hyperparameters, Metric, Model};
use mysfits_sagemaker::{AccountRegion, codec::recordio::write_sample};
use ndarray::{Array1, Array2};
use serde_json::{Value, json};

use crate::{
    fake_aws::FakeAws,
    support::{model, packed},
};

const IMAGE: &str = "382416733822.dkr.ecr.us-east-1.amazonaws.com/knn:1";
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

#[tokio::test]
async fn lines_of_csv_become_predictions() {
    let cloud = Cloud::start().await;
    cloud.aws.put("data/in/a.csv", rows(3, 0));
    cloud.aws.put("data/in/sub/b.csv", rows(2, 1));
    cloud.aws.put("data/in/", "");
    let mut request =
        request("csv", Value::Null, json!({ "Accept": "application/jsonlines", "AssembleWith": "Line" }));
    request["Tags"] = json!([{ "Key": "team", "Value": "knn" }]);
    let job = cloud.completed(request.clone()).await;

    for (input, output) in
        [("data/in/a.csv", "data/out/a.csv.out"), ("data/in/sub/b.csv", "data/out/sub/b.csv.out")]
    {
        let input = cloud.aws.text(input).unwrap();
        let output = cloud.aws.text(output).unwrap();
        assert_eq!(labels(&output).len(), input.lines().count());
        assert!(output.starts_with("{\"predicted_label\": ") && output.ends_with(".0}\n"), "{output}");
    }

    let times =
        ["CreationTime", "TransformStartTime", "TransformEndTime"].map(|name| job[name].as_f64().unwrap());
    assert!(times.is_sorted() && times[0] < times[2], "{times:?}");
    assert_eq!(job["TransformJobArn"].as_str().unwrap().rsplit(':').next(), Some("transform-job/csv"));
    assert_eq!(job["TransformInput"]["CompressionType"], "None");
    assert_eq!(
        job["DataProcessing"],
        json!({ "InputFilter": "$", "OutputFilter": "$", "JoinSource": "None" })
    );
    assert!(job.get("FailureReason").is_none() && job.get("Tags").is_none(), "{job}");

    let list = cloud.call("ListTransformJobs", json!({ "StatusEquals": "Completed" })).await.unwrap();
    assert_eq!(list["TransformJobSummaries"][0]["TransformJobName"], "csv");
    let tags = cloud.call("ListTags", json!({ "ResourceArn": job["TransformJobArn"] })).await.unwrap();
    assert_eq!(tags["Tags"][0]["Value"], "knn");

    let log = cloud.aws.messages("data-log");
    assert!(log[0].ends_with(
        ":[sagemaker logs]: MaxConcurrentTransforms=1, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD"
    ));
    let (owner, client) = (AccountRegion::default(), &cloud.aws.client);
    let restarted = SageMakerService::new(owner, client.clone(), client.clone(), Pace(PACE));
    assert!(restarted.restore(&cloud.service.saved()).await.unwrap().is_empty());
    let restarted = Cloud { service: restarted, aws: FakeAws::start().await };
    assert_eq!(restarted.ended(&"csv".into()).await.1, job);

    let error = cloud.call("CreateTransformJob", request).await.unwrap_err();
    assert_eq!(error.code, "ResourceInUse");
    assert!(error.message.starts_with("Transform job names must be unique"), "{error}");
}

#[tokio::test]
async fn outputs_are_equal_for_every_number_of_workers() {
    let cloud = Cloud::start().await;
    for object in 0..7 {
        cloud.aws.put(&format!("data/in/{object}.csv"), rows(40 + object, object));
    }
    let mut outputs = Vec::new();
    for (workers, concurrent, strategy) in
        [(1, 1, "MultiRecord"), (2, 3, "SingleRecord"), (4, 1, "SingleRecord"), (4, 4, "MultiRecord")]
    {
        let name = format!("workers-{workers}-{concurrent}");
        let output = json!({ "S3OutputPath": format!("s3://data/{name}"), "Accept": "application/jsonlines", "AssembleWith": "Line" });
        let mut request = request(&name, Value::Null, output);
        request["TransformResources"]["InstanceCount"] = workers.into();
        request["MaxConcurrentTransforms"] = concurrent.into();
        request["BatchStrategy"] = strategy.into();
        cloud.completed(request).await;
        let output = |object| cloud.aws.bytes(&format!("data/{name}/{object}.csv.out")).unwrap();
        outputs.push((0..7).map(output).collect::<Vec<_>>());
    }
    assert!(outputs.iter().all(|output| *output == outputs[0]));
    assert_eq!(labels(std::str::from_utf8(&outputs[0][3]).unwrap()).len(), 43);
}

#[tokio::test]
async fn objects_of_a_killed_worker_are_done_again() {
    let cloud = Cloud::start().await;
    for object in 0..3 {
        cloud.aws.put(&format!("data/in/{object}.csv"), rows(5, object));
    }
    let output = json!({ "Accept": "application/jsonlines", "AssembleWith": "Line" });
    cloud
        .completed(with(
            request("undisturbed", Value::Null, output.clone()),
            "MaxConcurrentTransforms",
            2.into(),
        ))
        .await;
    let expected = (0..3).map(|object| cloud.aws.bytes(&format!("data/out/{object}.csv.out")).unwrap());
    let expected: Vec<_> = expected.collect();

    {
        let mut held = cloud.aws.held.lock().unwrap();
        held.objects.retain(|key, _| !key.starts_with("data/out/"));
        held.reads.clear();
        held.withheld.insert("data/in/1.csv".to_owned());
    }
    let mut killed = request("killed", Value::Null, output);
    killed["TransformResources"]["InstanceCount"] = 2.into();
    cloud.call("CreateTransformJob", killed).await.unwrap();
    let n_reads = || {
        let held = cloud.aws.held.lock().unwrap();
        held.reads.iter().filter(|key| *key == "data/in/1.csv").count()
    };
    let begin = Instant::now();
    let wait = async || {
        assert!(begin.elapsed() < TIMEOUT);
        tokio::time::sleep(Duration::from_millis(1)).await;
    };
    let is_written = |object: usize| cloud.aws.bytes(&format!("data/out/{object}.csv.out")).is_some();
    while n_reads() == 0 || !is_written(0) || !is_written(2) {
        wait().await;
    }
    // One of them waits for the object that does not arrive.
    let n_killed = (0..2).filter(|worker| cloud.service.kill_transform_worker("killed", *worker)).count();
    assert!(n_killed > 0);
    while n_reads() == 1 {
        wait().await;
    }
    cloud.aws.held.lock().unwrap().withheld.clear();
    let (statuses, job) = cloud.ended(&"killed".into()).await;
    assert_eq!(statuses.last().unwrap(), "Completed", "{job}");
    let outputs = (0..3).map(|object| cloud.aws.bytes(&format!("data/out/{object}.csv.out")).unwrap());
    assert_eq!(outputs.collect::<Vec<_>>(), expected);
    assert!(!cloud.service.kill_transform_worker("killed", 0));
}

/// A published notebook: 100 nearest items by inner product for each user, RecordIO in, verbose JSON lines out.
#[tokio::test]
async fn recordio_becomes_verbose_json_lines() {
    let features =
        Array2::from_shape_fn((300, 4), |(row, column)| ((row * 31 + column * 7) % 13) as f32 - 6.0);
    let labels = Array1::from_shape_fn(300, |row| row as f64);
    let hyperparameters = Hyperparameters::classifier(100).metric(Metric::InnerProduct).check().unwrap();
    let model =
        Model::train(Dataset::new(features.view(), labels.view()).unwrap(), &hyperparameters).unwrap();
    let cloud = Cloud::with_model(model).await;
    let mut users = Vec::new();
    for user in 0..50 {
        write_sample(&[user as f32, 1.0, -2.0, 1.0], None, &mut users);
    }
    cloud.aws.put("data/knn/train_knn", users);
    let input = json!({
        "DataSource": { "S3DataSource": { "S3DataType": "S3Prefix", "S3Uri": "s3://data/knn/train_knn" } },
        "ContentType": "application/x-recordio-protobuf",
        "SplitType": "RecordIO",
    });
    let output =
        json!({ "S3OutputPath": "s3://data/knn/output", "Accept": "application/jsonlines; verbose=true" });
    cloud.completed(request("movies", input, output)).await;

    let output = cloud.aws.text("data/knn/output/train_knn.out").unwrap();
    let lines: Vec<Value> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 50);
    for line in lines {
        let numbers = |name: &str| -> Vec<f64> {
            line[name].as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
        };
        assert_eq!(numbers("labels").len(), 100);
        assert!(numbers("distances").is_sorted());
    }
}

/// Two published programs: CSV in lines, with `Accept: text/csv`, which the built-in k-NN answers with JSON, and without
/// `Accept` and `AssembleWith`.
#[tokio::test]
async fn the_built_in_algorithm_answers_with_json() {
    let cloud = Cloud::start().await;
    cloud.aws.put("data/in", rows(2, 0));
    cloud
        .completed(request("housing", Value::Null, json!({ "Accept": "text/csv", "AssembleWith": "Line" })))
        .await;
    let output = cloud.aws.text("data/out/in.out").unwrap();
    assert!(
        output.starts_with("{\"predictions\": [{\"predicted_label\": ") && output.ends_with("]}\n"),
        "{output}"
    );
    cloud.completed(plain("airflow")).await;
    assert_eq!(cloud.aws.text("data/out/in.out").unwrap() + "\n", output);
}

#[tokio::test]
async fn json_lines_are_filtered_and_joined() {
    let cloud = Cloud::start().await;
    let lines: String = (0..4)
        .map(|id| {
            format!("{{\"id\": \"user {id}\", \"request\": {{\"features\": [1, 1, {}, 1.0, 1]}}}}\n", id + 1)
        })
        .collect();
    cloud.aws.put("data/in/users.jsonl", lines);
    let input = json!({ "ContentType": "application/jsonlines" });
    let output = json!({ "Accept": "application/jsonlines", "AssembleWith": "Line" });
    let processing = json!({ "InputFilter": "$.request", "JoinSource": "Input", "OutputFilter": "$['id','SageMakerOutput']" });
    let job =
        cloud.completed(with(request("join", input, output), "DataProcessing", processing.clone())).await;
    assert_eq!(job["DataProcessing"], processing);
    let output = cloud.aws.text("data/out/users.jsonl.out").unwrap();
    let first = output.lines().next().unwrap();
    assert!(first.starts_with(r#"{"id":"user 0","SageMakerOutput":{"predicted_label": "#), "{output}");
    assert_eq!(output.lines().count(), 4);
}

#[tokio::test]
async fn csv_input_is_filtered() {
    let cloud = Cloud::start().await;
    cloud.aws.put("data/plain/a.csv", rows(5, 0));
    cloud.aws.put(
        "data/in/a.csv",
        rows(5, 0).lines().map(|row| format!("\"id, 7\",{row},9\n")).collect::<String>(),
    );
    let output = json!({ "Accept": "application/jsonlines" });
    let filtered = request("filtered", Value::Null, output.clone());
    cloud.completed(with(filtered, "DataProcessing", json!({ "InputFilter": "$[1:5]" }))).await;
    let filtered = cloud.aws.bytes("data/out/a.csv.out").unwrap();
    let input = json!({ "DataSource": { "S3DataSource": { "S3DataType": "S3Prefix", "S3Uri": "s3://data/plain/" } } });
    cloud.completed(request("plain", input, output)).await;
    assert_eq!(cloud.aws.bytes("data/out/a.csv.out").unwrap(), filtered);
}

#[tokio::test]
async fn reads_manifests_and_gzip() {
    let cloud = Cloud::start().await;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(rows(300, 0).as_bytes()).unwrap();
    cloud.aws.put("data/packed/1/a.csv.gz", gzip.finish().unwrap());
    cloud.aws.put("data/packed/unlisted.gz", "x");
    cloud.aws.put("data/m.manifest", r#"[{"prefix": "s3://data/packed/"}, "1/a.csv.gz"]"#);
    let input = json!({
        "DataSource": { "S3DataSource": { "S3DataType": "ManifestFile", "S3Uri": "s3://data/m.manifest" } },
        "CompressionType": "Gzip",
    });
    cloud.completed(request("gzip", input, json!({ "Accept": "application/jsonlines" }))).await;
    assert_eq!(labels(&cloud.aws.text("data/out/1/a.csv.gz.out").unwrap()).len(), 300);
    assert_eq!(cloud.aws.bytes("data/out/unlisted.gz.out"), None);
}

#[tokio::test]
async fn other_objects_are_transformed_if_one_fails() {
    let cloud = Cloud::start().await;
    cloud.aws.put("data/in/1.csv", rows(2, 0));
    cloud.aws.put("data/in/2.csv", "1,2,3\n");
    cloud.aws.put("data/in/3.csv", rows(2, 1));
    let (reason, log) = cloud.failed(plain("bad-row")).await;
    assert_eq!(reason, "ClientError: See job logs for more information");
    assert_eq!(
        log,
        [
            "data/in/2.csv: ClientError: 400",
            "data/in/2.csv: ",
            "data/in/2.csv: Message:",
            "data/in/2.csv: Unable to evaluate payload provided: a sample has 3 features; the model has 5",
        ]
    );
    let outputs =
        ["1", "2", "3"].map(|object| cloud.aws.bytes(&format!("data/out/{object}.csv.out")).is_some());
    assert_eq!(outputs, [true, false, true]);
}

#[tokio::test]
async fn says_why_a_job_fails() {
    let cloud = Cloud::start().await;
    let (reason, _) = cloud.failed(plain("nothing")).await;
    assert!(
        reason.starts_with(
            "ClientError: Data download failed: No S3 objects found under S3 URL \"s3://data/in\""
        ),
        "{reason}"
    );

    cloud.aws.put("data/in/a.csv", "1".repeat((1 << 20) + 1));
    let (reason, log) = cloud.failed(with(plain("large"), "MaxPayloadInMB", 1.into())).await;
    assert_eq!(reason, "ClientError: See job logs for more information");
    assert_eq!(log, ["data/in/a.csv: record 0 is larger than the maximum payload of 1048576 bytes"]);

    let cloud = Cloud::start().await;
    cloud.aws.put("data/in/a.csv", rows(1, 0));
    let (_, log) =
        cloud.failed(with(plain("path"), "DataProcessing", json!({ "InputFilter": "$[0:2,246:]" }))).await;
    assert!(
        log[0].starts_with("data/in/a.csv: Invalid JsonPath: $[0:2,246:]: only single range filters"),
        "{log:?}"
    );

    cloud.aws.put("data/model.tar.gz", "not an archive");
    let (reason, _) = cloud.failed(plain("model")).await;
    assert!(
        reason.starts_with("AlgorithmError: the container cannot load s3://data/model.tar.gz: "),
        "{reason}"
    );
}

#[tokio::test]
async fn a_job_can_be_stopped() {
    let cloud = Cloud::start().await;
    cloud.aws.put("data/in/a.csv", rows(2, 0));
    cloud.aws.held.lock().unwrap().withheld.insert("data/in/a.csv".to_owned());
    cloud.call("CreateTransformJob", plain("stop")).await.unwrap();
    let name = json!({ "TransformJobName": "stop" });
    assert_eq!(cloud.call("StopTransformJob", name.clone()).await.unwrap(), Value::Null);
    let (statuses, job) = cloud.ended(&"stop".into()).await;
    assert_eq!(statuses, ["Stopping", "Stopped"], "{job}");
    assert_eq!(cloud.aws.bytes("data/out/a.csv.out"), None);
    let error = cloud.call("StopTransformJob", name).await.unwrap_err();
    assert!(error.message.ends_with("the transform job is in status Stopped."), "{error}");
    let error = cloud.call("DescribeTransformJob", json!({ "TransformJobName": "none" })).await.unwrap_err();
    assert_eq!(error.to_string(), "ValidationException: Could not find requested job with name: none");
}

#[tokio::test]
async fn refuses_what_is_not_supported_by_name() {
    let cloud = Cloud::start().await;
    for (request, expected) in [
        (with(plain("a"), "DataCaptureConfig", json!({})), "DataCaptureConfig is not supported here"),
        (with(plain("a"), "ModelName", "none".into()), "Could not find model"),
        (with(plain("a"), "MaxPayloadInMB", 101.into()), "Member must have value between 0 and 100"),
        (with(plain("a"), "MaxConcurrentTransforms", 20.into()), "must not exceed 100"),
        (with(plain("a"), "BatchStrategy", "Some".into()), "enum value set: [MultiRecord, SingleRecord]"),
        (
            with(plain("a"), "ModelClientConfig", json!({ "InvocationsMaxRetries": 4 })),
            "'4' at 'modelClientConfig.invocationsMaxRetries'",
        ),
        (
            with(
                plain("a"),
                "TransformResources",
                json!({ "InstanceType": "ml.m5.large", "InstanceCount": 21 }),
            ),
            "ResourceLimitExceeded: The account-level service limit 'ml.m5.large for transform job usage' is 20",
        ),
        (
            request("a", json!({ "SplitType": "TFRecord" }), Value::Null),
            "'TFRecord' at 'transformInput.splitType'",
        ),
        (request("a", json!({ "Shuffle": true }), Value::Null), "TransformInput: unknown field `Shuffle`"),
        (
            with(plain("a"), "DataProcessing", json!({ "InputFilter": "$".repeat(64) })),
            "length less than or equal to 63",
        ),
        (with(plain("a"), "DataProcessing", json!({ "JoinSource": "Input" })), "needs AssembleWith Line"),
        (
            with(
                request("a", json!({ "SplitType": "None" }), Value::Null),
                "DataProcessing",
                json!({ "InputFilter": "$[0]" }),
            ),
            "needs SplitType Line",
        ),
    ] {
        let refusal = cloud.refusal(request).await;
        assert!(refusal.contains(expected), "{refusal}");
    }
    let many = json!({
        "ModelName": "many",
        "ExecutionRoleArn": "arn:aws:iam::123456789012:role/knn",
        "PrimaryContainer": { "Image": IMAGE, "ModelDataUrl": "s3://data/models/", "Mode": "MultiModel" },
    });
    cloud.call("CreateModel", many).await.unwrap();
    let refusal = cloud.refusal(with(plain("a"), "ModelName", "many".into())).await;
    assert!(refusal.contains("does not support models with the mode MultiModel"), "{refusal}");
    let jobs = cloud.call("ListTransformJobs", json!({})).await.unwrap();
    assert_eq!(jobs["TransformJobSummaries"], json!([]));
}

#[tokio::test]
async fn large_objects_are_uploaded_in_parts() {
    let aws = FakeAws::start().await;
    let uri: S3Uri = "s3://data/large 1".parse().unwrap();
    let bytes: Vec<u8> = (0..17_u32 << 19).map(|at| (at % 251) as u8).collect();
    let mut upload = aws.client.upload(uri.clone());
    for chunk in bytes.chunks(6_000_000) {
        upload.write(chunk).await.unwrap();
    }
    assert_eq!(aws.bytes("data/large 1"), None);
    upload.finish().await.unwrap();
    assert!(aws.bytes("data/large 1").unwrap() == bytes);

    let mut dropped = aws.client.upload(uri);
    dropped.write(&bytes[..8 << 20]).await.unwrap();
    assert_eq!(aws.held.lock().unwrap().parts.len(), 1);
    drop(dropped);
    let begin = Instant::now();
    while !aws.held.lock().unwrap().parts.is_empty() {
        assert!(begin.elapsed() < TIMEOUT);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
