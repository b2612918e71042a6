//! Requests for endpoints, against a fake service.

#![allow(clippy::unwrap_used, reason = "a panic is a failed test")]

#[path = "../../../../crates/deploy/src/aws/tests/fake_service.rs"]
mod fake_service;

use fake_service::FakeService;
use mysfits_deploy::Aws;

use super::{EndpointRequest, create_endpoint, invoke_endpoint};

const REQUEST: EndpointRequest<'_> = EndpointRequest {
    endpoint: "knn-e",
    image: "382416733822.dkr.ecr.us-east-1.amazonaws.com/knn:1",
    artifact_uri: "s3://data/model.tar.gz",
    role_arn: "arn:aws:iam::123456789012:role/notebook",
    instance_type: "ml.m4.xlarge",
};

#[tokio::test]
async fn creates_model_configuration_and_endpoint_in_order_with_tags() {
    let (fake, aws) = FakeService::start(&[(200, "{}"); 3]).await;
    create_endpoint(&aws, &REQUEST).await.unwrap();
    let requests = fake.requests();
    let targets: Vec<_> = requests.iter().map(|request| request.header("x-amz-target")).collect();
    assert_eq!(
        targets,
        ["SageMaker.CreateModel", "SageMaker.CreateEndpointConfig", "SageMaker.CreateEndpoint"]
    );
    for request in &requests {
        let tags = r#""Tags":[{"Key":"project","Value":"mythical-mysfits"},{"Key":"stage","Value":"dev"}]"#;
        assert!(request.body.contains(tags), "{}", request.body);
        assert!(request.body.contains("knn-e"), "{}", request.body);
    }
    assert!(
        requests[0].body.contains(REQUEST.artifact_uri) && requests[1].body.contains(REQUEST.instance_type)
    );
}

#[tokio::test]
async fn stops_at_the_first_error() {
    let refusal = r#"{"__type": "ResourceLimitExceeded", "message": "The account-level service limit is 0"}"#;
    let (fake, aws) = FakeService::start(&[(200, "{}"), (200, "{}"), (400, refusal)]).await;
    let error = create_endpoint(&aws, &REQUEST).await.unwrap_err();
    assert!(error.is("ResourceLimitExceeded"), "{error}");
    assert_eq!(fake.requests().len(), 3);
}

#[tokio::test]
async fn sends_signed_csv() {
    let answer = r#"{"predictions": [{"predicted_label": 8.0}]}"#;
    let (fake, aws) = FakeService::start(&[(200, answer)]).await;
    assert_eq!(invoke_endpoint(&aws, "knn-e", "1,2,3,4,5\n".to_owned()).await.unwrap(), answer);
    let [request] = &fake.requests()[..] else { panic!("one request") };
    assert_eq!(request.line, "POST /endpoints/knn-e/invocations HTTP/1.1");
    assert_eq!((request.header("content-type"), request.header("accept")), ("text/csv", "application/json"));
    assert!(request.header("authorization").contains("/eu-west-1/sagemaker/aws4_request"));
    assert_eq!(request.body, "1,2,3,4,5\n");
}
