//! Transform jobs that fail or are refused.

use serde_json::{Value, json};

use super::{Cloud, plain, request, rows, with};
use crate::control_plane::IMAGE;

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
