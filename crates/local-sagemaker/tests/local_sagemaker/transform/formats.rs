//! Inputs and outputs of transform jobs: formats, filters, manifests.

use std::{
    io::Write as _,
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder};
use local_sagemaker::{
    aws::s3::S3Uri,
    control_plane::{Pace, SageMakerService},
};
use mysfits_knn::{Dataset, Hyperparameters, Metric, Model};
use mysfits_sagemaker::{AccountRegion, codec::recordio::write_sample};
use ndarray::{Array1, Array2};
use serde_json::{Value, json};

use super::{Cloud, PACE, TIMEOUT, labels, plain, request, rows, with};
use crate::fake_aws::FakeAws;

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
