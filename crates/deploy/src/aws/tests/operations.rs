//! Each operation of the small client once, with names and responses as on AWS: `recorded_calls.py` checks them
//! against AWS's service models.

use std::collections::BTreeMap;

use mysfits_infra::PROJECT_TAG;
use serde_json::{Value, json};

use crate::aws::{
    existence::Existence,
    logs::LogQuery,
    sagemaker::{SageMakerKind, SageMakerResource, TrainingRequest},
};

use super::{Aws, fake_service::FakeService};

const ENDPOINT: &str = "knn-ml-m5-large-mysfits-dev";
const ENDPOINT_ARN: &str = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/knn-ml-m5-large-mysfits-dev";
const JOB: &str = "knn-20261130-160000-mysfits-dev";
const JOB_ARN: &str = "arn:aws:sagemaker:eu-west-1:123456789012:training-job/knn-20261130-160000-mysfits-dev";
const IMAGE: &str = "438346466558.dkr.ecr.eu-west-1.amazonaws.com/knn:1";
const ROLE: &str =
    "arn:aws:iam::123456789012:role/mysfits/dev/eu-west-1/Mysfits-dev-Model-NotebookRole-1A2B3C4D5E6F";
const GROUP: &str = "/aws/sagemaker/TrainingJobs";
const GROUP_ARN: &str = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/sagemaker/TrainingJobs";
const STREAM: &str = "knn-20261130-160000-mysfits-dev/algo-1-1796054400";
const FUNCTION: &str = "Mysfits-dev-Api-Function-1A2B3C4D5E6F";
const TIME: f64 = 1_796_054_400.5;

async fn answering(response: &Value) -> Aws {
    FakeService::start(&[(200, &response.to_string())]).await.1
}

fn resource(kind: SageMakerKind, name: &str, arn_kind: &str) -> SageMakerResource {
    let arn = format!("arn:aws:sagemaker:eu-west-1:123456789012:{arn_kind}/{name}");
    SageMakerResource { kind, name: name.to_owned(), arn }
}

#[tokio::test]
async fn endpoints_models_and_their_tags() {
    let described = json!({
        "EndpointName": ENDPOINT, "EndpointArn": ENDPOINT_ARN, "EndpointConfigName": "EndpointConfig-x",
        "EndpointStatus": "Failed", "FailureReason": "The primary container did not pass the ping health check.",
        "CreationTime": TIME, "LastModifiedTime": TIME,
    });
    let state = answering(&described).await.endpoint(ENDPOINT).await.unwrap().unwrap();
    assert_eq!(state.endpoint_status, "Failed");
    assert!(state.failure_reason.unwrap().contains("ping"));

    for (kind, member, arn_kind) in [
        (SageMakerKind::Endpoint, "Endpoint", "endpoint"),
        (SageMakerKind::EndpointConfig, "EndpointConfig", "endpoint-config"),
        (SageMakerKind::Model, "Model", "model"),
    ] {
        let expected = resource(kind, "knn-a", arn_kind);
        let mut item = json!({ "CreationTime": TIME });
        item[format!("{member}Name")] = expected.name.clone().into();
        item[format!("{member}Arn")] = expected.arn.clone().into();
        if kind == SageMakerKind::Endpoint {
            item["LastModifiedTime"] = TIME.into();
            item["EndpointStatus"] = "InService".into();
        }
        let listed = answering(&json!({ format!("{member}s"): [item] })).await;
        assert_eq!(listed.sagemaker_resources(kind, "knn").await.unwrap(), std::slice::from_ref(&expected));
        // The response to a deletion has no body.
        FakeService::start(&[(200, "")]).await.1.delete_resource(&expected).await.unwrap();
    }

    for (stage, is_ours) in [("dev", true), ("prod", false)] {
        let (key, value) = PROJECT_TAG;
        let tags = json!([{"Key": key, "Value": value}, {"Key": "stage", "Value": stage}]);
        let tagged = answering(&json!({ "Tags": tags })).await;
        assert_eq!(tagged.has_our_tags(ENDPOINT_ARN).await.unwrap(), is_ours);
    }
}

#[tokio::test]
async fn training_jobs() {
    let hyperparameters = BTreeMap::from([("k", "10".to_owned()), ("sample_size", "20000".to_owned())]);
    let request = TrainingRequest {
        name: JOB,
        image: IMAGE,
        role_arn: ROLE,
        train_uri: "s3://mysfits-dev-model-databucket-1a2b3c4d5e6f/survey/train/",
        test_uri: "s3://mysfits-dev-model-databucket-1a2b3c4d5e6f/survey/test/",
        output_uri: "s3://mysfits-dev-model-databucket-1a2b3c4d5e6f/models",
        instance_type: "ml.m5.large",
        hyperparameters: &hyperparameters,
    };
    let created = answering(&json!({ "TrainingJobArn": JOB_ARN })).await;
    created.create_training_job(&request).await.unwrap();
    let (fake, aws) = FakeService::start(&[(200, &json!({ "TrainingJobArn": JOB_ARN }).to_string())]).await;
    let own =
        TrainingRequest { image: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/a/b@sha256:0123", ..request };
    aws.create_training_job(&own).await.unwrap();
    assert!(fake.requests()[0].body.contains(r#""Name":"test:accuracy""#), "{:?}", fake.requests());

    let model = "s3://mysfits-dev-model-databucket-1a2b3c4d5e6f/models/knn-20261130-160000-mysfits-dev/output/model.tar.gz";
    let described = json!({
        "TrainingJobName": JOB, "TrainingJobArn": JOB_ARN, "TrainingJobStatus": "Completed", "SecondaryStatus": "Completed",
        "ModelArtifacts": {"S3ModelArtifacts": model}, "CreationTime": TIME, "BillableTimeInSeconds": 61,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "FinalMetricDataList": [{"MetricName": "test:accuracy", "Value": 0.9, "Timestamp": TIME}],
    });
    let state = answering(&described).await.training_job(JOB).await.unwrap().unwrap();
    assert_eq!((state.metric("test:accuracy"), state.billable_time_in_seconds), (Some(0.9), Some(61)));
    assert_eq!(state.model_artifacts.unwrap().s3_model_artifacts, model);

    let summary = json!({
        "TrainingJobName": JOB, "TrainingJobArn": JOB_ARN, "CreationTime": TIME, "TrainingJobStatus": "InProgress",
    });
    let running = answering(&json!({ "TrainingJobSummaries": [summary] })).await;
    assert_eq!(running.running_training_jobs().await.unwrap(), [JOB]);
    FakeService::start(&[(200, "")]).await.1.stop_training_job(JOB).await.unwrap();
}

#[tokio::test]
async fn logs() {
    let event = json!({
        "logStreamName": STREAM, "timestamp": 1_796_054_400_000_i64, "message": "trained",
        "ingestionTime": 1_796_054_400_100_i64, "eventId": "1",
    });
    let lines = answering(&json!({"events": [event], "searchedLogStreams": []})).await;
    let query = LogQuery {
        group: GROUP.to_owned(),
        stream_prefix: Some(JOB.to_owned()),
        filter: Some("accuracy".to_owned()),
    };
    let read = lines.lines(&query, 1_796_054_000_000).await.unwrap().unwrap();
    assert_eq!(read[0].message, "trained");

    let group = json!({"logGroupName": GROUP, "arn": format!("{GROUP_ARN}:*"), "logGroupArn": GROUP_ARN});
    let (key, value) = PROJECT_TAG;
    let (_, aws) = FakeService::start(&[
        (200, &json!({ "logGroups": [group] }).to_string()),
        (200, &json!({"tags": {key: value}}).to_string()),
    ])
    .await;
    assert_eq!(aws.our_log_groups(GROUP).await.unwrap(), [GROUP]);

    let streams = answering(&json!({"logStreams": [{"logStreamName": STREAM, "creationTime": 1}]})).await;
    assert_eq!(streams.log_streams(GROUP, JOB).await.unwrap(), [STREAM]);
    FakeService::start(&[(200, "")]).await.1.delete_log_stream(GROUP, STREAM).await.unwrap();
    FakeService::start(&[(200, "")]).await.1.delete_log_group(GROUP).await.unwrap();
}

#[tokio::test]
async fn image_registries() {
    let data = json!([{
        "authorizationToken": "QVdTOnBhc3N3b3Jk", "expiresAt": 1_796_054_400.5,
        "proxyEndpoint": "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com",
    }]);
    let answer = json!({ "authorizationData": data });
    let registry = answering(&answer).await.image_registry(None).await.unwrap();
    assert_eq!(registry.url(), "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com");
    let registry = answering(&answer).await.image_registry(Some("http://127.0.0.1:1/")).await.unwrap();
    assert_eq!(registry.url(), "http://127.0.0.1:1");
    let error = answering(&json!({ "authorizationData": [] })).await.image_registry(None).await.unwrap_err();
    assert!(error.to_string().contains("no token"), "{error}");
}

#[tokio::test]
async fn tagged_resources() {
    let (key, value) = PROJECT_TAG;
    let page = |arn: &str, token: &str| {
        let tags = json!([{"Key": key, "Value": value}, {"Key": "stage", "Value": "dev"}]);
        let mapping = json!([{"ResourceARN": arn, "Tags": tags}]);
        json!({"ResourceTagMappingList": mapping, "PaginationToken": token}).to_string()
    };
    let (fake, aws) = FakeService::start(&[(200, &page("arn:a", "t")), (200, &page("arn:b", ""))]).await;
    let found = aws.tagged("us-east-1").await.unwrap();
    assert_eq!(found.iter().map(|found| found.arn.as_str()).collect::<Vec<_>>(), ["arn:a", "arn:b"]);
    assert!(fake.requests()[1].body.contains(r#""PaginationToken":"t""#));
}

#[tokio::test]
async fn invalidations_and_functions() {
    let invalidation = "<Invalidation xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Id>I1</Id>\
         <Status>Completed</Status><CreateTime>2026-11-30T16:00:00.000Z</CreateTime><InvalidationBatch><Paths>\
         <Quantity>1</Quantity><Items><Path>/*</Path></Items></Paths><CallerReference>r1</CallerReference>\
         </InvalidationBatch></Invalidation>";
    let (_, aws) = FakeService::start(&[(200, invalidation)]).await;
    assert!(aws.is_invalidated("E1ABCDEFGHIJKL", "I1").await.unwrap());

    let configuration = json!({
        "FunctionName": FUNCTION, "State": "Active", "MemorySize": 256, "CodeSize": 1_900_000, "Runtime": "provided.al2023",
        "CodeSha256": "7XACtDnprIRfIjV9giusFERzD722AW0+yUMil7nsn3M=", "Architectures": ["x86_64"],
    });
    let state = answering(&configuration).await.function(FUNCTION).await.unwrap().unwrap();
    assert_eq!((state.state.as_deref(), state.memory_size), (Some("Active"), Some(256)));
    let missing = r#"{"Type": "User", "Message": "Function not found", "Code": "ResourceNotFoundException"}"#;
    assert!(FakeService::start(&[(404, missing)]).await.1.function(FUNCTION).await.unwrap().is_none());
}

#[tokio::test]
async fn resources_that_their_services_do_not_know() {
    let json = |code: &str| (400, String::new(), json!({"__type": code, "message": "not found"}).to_string());
    let rest = |code: &str| {
        (404, format!("x-amzn-errortype: {code}\r\n"), json!({"message": "not found"}).to_string())
    };
    let xml = |code: &str| {
        let body = format!(
            "<ErrorResponse><Error><Code>{code}</Code><Message>none</Message></Error></ErrorResponse>"
        );
        (404, String::new(), body)
    };
    let no_alarm = "<DescribeAlarmsResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\"><DescribeAlarmsResult>\
        <MetricAlarms/></DescribeAlarmsResult></DescribeAlarmsResponse>";
    for (resource, (status, head, body)) in [
        ("lambda:eu-west-1:123456789012:function:f", rest("ResourceNotFoundException")),
        ("cloudfront::123456789012:distribution/E1ABCDEFGHIJKL", xml("NoSuchDistribution")),
        ("cloudfront::123456789012:function/f", xml("NoSuchFunctionExists")),
        ("apigateway:eu-west-1::/restapis/a1b2c3d4e5", rest("NotFoundException")),
        ("apigateway:eu-west-1::/domainnames/api.example.com", rest("NotFoundException")),
        ("apigateway:eu-west-1::/restapis/a1b2c3d4e5/stages/prod", rest("NotFoundException")),
        ("kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab", json("NotFoundException")),
        ("codecommit:eu-west-1:123456789012:repository", json("RepositoryDoesNotExistException")),
        ("ecr:eu-west-1:123456789012:repository/container", json("RepositoryNotFoundException")),
        ("sns:eu-west-1:123456789012:alarms", xml("NotFound")),
        ("cloudwatch::123456789012:dashboard/d", xml("ResourceNotFound")),
        ("cloudwatch:eu-west-1:123456789012:alarm:a", (200, String::new(), no_alarm.to_owned())),
    ] {
        let (_, aws) = FakeService::start_with_headers(&[(status, &head, &body)]).await;
        let existence = aws.existence(&format!("arn:aws:{resource}")).await;
        assert_eq!(existence, Existence::Deleted, "{resource}");
    }
}
