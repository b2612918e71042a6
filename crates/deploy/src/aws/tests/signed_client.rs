//! The small signed client.

use crate::aws::sagemaker::SageMakerKind;

use super::fake_service::FakeService;

const THROTTLED: (u16, &str) = (400, r#"{"__type": "ThrottlingException", "message": "Rate exceeded"}"#);

#[tokio::test]
async fn who_asks_is_known() {
    let (_, aws) = FakeService::start(&[]).await;
    assert_eq!((aws.account.as_str(), aws.partition.as_str()), ("123456789012", "aws"));
    assert_eq!(aws.region, "eu-west-1");
}

#[tokio::test]
async fn requests_are_signed_and_addressed() {
    let group = r#"{"logGroupName": "/mysfits/a", "arn": "arn:aws:logs:eu-west-1:123456789012:log-group:/mysfits/a:*"}"#;
    let (fake, aws) = FakeService::start(&[(200, &format!(r#"{{"logGroups": [{group}]}}"#))]).await;
    assert_eq!(aws.log_groups("/mysfits/").await.unwrap(), ["/mysfits/a"]);
    let [asked] = &fake.requests()[..] else { panic!("one request") };
    assert_eq!(asked.line, "POST / HTTP/1.1");
    assert_eq!(asked.header("x-amz-target"), "Logs_20140328.DescribeLogGroups");
    assert_eq!(asked.header("content-type"), "application/x-amz-json-1.1");
    assert_eq!(asked.header("x-amz-security-token"), "token");
    assert!(!asked.header("x-amz-date").is_empty());
    let signature = asked.header("authorization");
    assert!(signature.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{signature}");
    assert!(signature.contains("/eu-west-1/logs/aws4_request"), "{signature}");
    assert!(signature.contains("host") && signature.contains("x-amz-target"), "{signature}");
    assert_eq!(asked.body, r#"{"logGroupNamePrefix":"/mysfits/"}"#);
}

#[tokio::test]
async fn cloudfront_is_signed_for_its_only_region() {
    let answer = "<Invalidation><Id>I1</Id><Status>InProgress</Status><CreateTime>2026-11-30T16:00:00Z</CreateTime>\
        <InvalidationBatch><Paths><Quantity>0</Quantity></Paths><CallerReference>r1</CallerReference></InvalidationBatch>\
        </Invalidation>";
    let (fake, aws) = FakeService::start(&[(201, answer)]).await;
    assert_eq!(aws.invalidate("D1", &["/", "/index.html"], "r1").await.unwrap(), "I1");
    let [asked] = &fake.requests()[..] else { panic!("one request") };
    assert_eq!(asked.line, "POST /2020-05-31/distribution/D1/invalidation HTTP/1.1");
    assert!(asked.header("authorization").contains("/us-east-1/cloudfront/aws4_request"));
    assert!(
        asked.body.contains("<Quantity>2</Quantity><Items><Path>/</Path><Path>/index.html</Path></Items>")
    );
    assert!(asked.body.contains("<CallerReference>r1</CallerReference>"));
}

#[tokio::test]
async fn throttling_and_server_errors_are_tried_again() {
    let (fake, aws) = FakeService::start(&[THROTTLED, (503, "busy"), (200, "{}")]).await;
    assert!(aws.log_groups("/").await.unwrap().is_empty());
    assert_eq!(fake.requests().len(), 3);
}

#[tokio::test]
async fn what_stays_wrong_is_given_up() {
    let (fake, aws) = FakeService::start(&[THROTTLED; 9]).await;
    let error = aws.log_groups("/").await.unwrap_err();
    assert_eq!((error.service, error.operation), ("CloudWatch Logs", "DescribeLogGroups"));
    assert!(error.is("ThrottlingException"), "{error}");
    assert_eq!(fake.requests().len(), 5);
}

#[tokio::test]
async fn a_refusal_is_final_and_names_its_remedy() {
    let refusal = r#"{"__type": "com.amazon.coral.service#AccessDeniedException", "Message": "not yours"}"#;
    let (fake, aws) = FakeService::start(&[(400, refusal)]).await;
    let error = aws.sagemaker_resources(SageMakerKind::Endpoint, "knn").await.unwrap_err();
    assert!(error.is("AccessDeniedException"));
    let text = error.to_string();
    assert!(
        text.contains("ListEndpoints") && text.contains("not yours") && text.contains("policy"),
        "{text}"
    );
    assert_eq!(fake.requests().len(), 1);
}

#[tokio::test]
async fn what_is_not_there_is_no_error() {
    let missing = r#"{"__type": "ValidationException", "message": "Could not find endpoint \"arn\"."}"#;
    let (_, aws) = FakeService::start(&[(400, missing)]).await;
    assert!(aws.endpoint("knn-x").await.unwrap().is_none());
    let wrong = r#"{"__type": "ValidationException", "message": "1 validation error detected"}"#;
    let (_, aws) = FakeService::start(&[(400, wrong)]).await;
    assert!(aws.endpoint("knn-x").await.is_err());
}

#[tokio::test]
async fn lists_are_read_to_their_end() {
    let page = |name: &str| {
        serde_json::json!({"Endpoints": [{
            "EndpointName": name, "EndpointStatus": "InService", "CreationTime": 1, "LastModifiedTime": 1,
            "EndpointArn": format!("arn:aws:sagemaker:eu-west-1:123456789012:endpoint/{name}"),
        }]})
    };
    let mut first = page("a");
    first["NextToken"] = "t".into();
    let (first, second) = (first.to_string(), page("b").to_string());
    let (fake, aws) = FakeService::start(&[(200, &first), (200, &second)]).await;
    let names: Vec<_> = aws
        .sagemaker_resources(SageMakerKind::Endpoint, "knn")
        .await
        .unwrap()
        .into_iter()
        .map(|resource| resource.name)
        .collect();
    assert_eq!(names, ["a", "b"]);
    assert!(fake.requests()[1].body.contains(r#""NextToken":"t""#));
}

#[tokio::test]
async fn a_distribution_s_refusal_is_read_from_xml() {
    let refusal = "<ErrorResponse><Error><Code>NoSuchDistribution</Code><Message>gone</Message></Error></ErrorResponse>";
    let (_, aws) = FakeService::start(&[(404, refusal)]).await;
    let error = aws.invalidate("D1", &["/"], "r").await.unwrap_err();
    assert!(error.is("NoSuchDistribution") && error.message == "gone", "{error}");
}

#[tokio::test]
async fn a_missing_function_is_recognized_by_the_header() {
    let missing = (404, "x-amzn-errortype: ResourceNotFoundException:http://x/\r\n", r#"{"Type": "User"}"#);
    let (_, aws) = FakeService::start_with_headers(&[missing]).await;
    assert!(aws.function("f").await.unwrap().is_none());
}

#[tokio::test]
async fn stopping_a_training_job_that_has_ended_is_no_error() {
    let ended = r#"{"__type": "ValidationException", "message": "The request was rejected because the training job is in status Stopped."}"#;
    let (_, aws) = FakeService::start(&[(400, ended)]).await;
    aws.stop_training_job("knn-mysfits-1").await.unwrap();
    let invalid = r#"{"__type": "ValidationException", "message": "1 validation error detected"}"#;
    let (_, aws) = FakeService::start(&[(400, invalid)]).await;
    assert!(aws.stop_training_job("knn-mysfits-2").await.is_err());
}
