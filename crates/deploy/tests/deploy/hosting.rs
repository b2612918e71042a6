//! What an endpoint is made of without a stack, and how it is asked.

use mysfits_deploy::aws::hosting::HostingRequest;

use crate::fake::Fake;

const REQUEST: HostingRequest<'_> = HostingRequest {
    endpoint: "knn-e",
    image: "382416733822.dkr.ecr.us-east-1.amazonaws.com/knn:1",
    artifact_uri: "s3://data/model.tar.gz",
    role_arn: "arn:aws:iam::123456789012:role/notebook",
    instance_type: "ml.m4.xlarge",
    tag: ("project", "mythical-mysfits"),
};

#[tokio::test]
async fn model_configuration_and_endpoint_are_made_in_this_order_and_tagged() {
    let (fake, aws) = Fake::start(&[(200, "{}"); 3]).await;
    aws.host(&REQUEST).await.unwrap();
    let asked = fake.asked();
    let targets: Vec<_> = asked.iter().map(|asked| asked.header("x-amz-target")).collect();
    assert_eq!(
        targets,
        ["SageMaker.CreateModel", "SageMaker.CreateEndpointConfig", "SageMaker.CreateEndpoint"]
    );
    for asked in &asked {
        assert!(asked.body.contains(r#""Tags":[{"Key":"project","Value":"mythical-mysfits"}]"#));
        assert!(asked.body.contains("knn-e"), "{}", asked.body);
    }
    assert!(asked[0].body.contains(REQUEST.artifact_uri) && asked[1].body.contains(REQUEST.instance_type));
}

#[tokio::test]
async fn a_refusal_ends_it() {
    let refusal = r#"{"__type": "ResourceLimitExceeded", "message": "The account-level service limit is 0"}"#;
    let (fake, aws) = Fake::start(&[(200, "{}"), (200, "{}"), (400, refusal)]).await;
    let error = aws.host(&REQUEST).await.unwrap_err();
    assert!(error.is("ResourceLimitExceeded"), "{error}");
    assert_eq!(fake.asked().len(), 3);
}

#[tokio::test]
async fn rows_are_sent_as_csv_and_signed() {
    let answer = r#"{"predictions": [{"predicted_label": 8.0}]}"#;
    let (fake, aws) = Fake::start(&[(200, answer)]).await;
    assert_eq!(aws.invoke("knn-e", "1,2,3,4,5\n".to_owned()).await.unwrap(), answer);
    let [asked] = &fake.asked()[..] else { panic!("one request") };
    assert_eq!(asked.line, "POST /endpoints/knn-e/invocations HTTP/1.1");
    assert_eq!((asked.header("content-type"), asked.header("accept")), ("text/csv", "application/json"));
    assert!(asked.header("authorization").contains("/eu-west-1/sagemaker/aws4_request"));
    assert_eq!(asked.body, "1,2,3,4,5\n");
}
