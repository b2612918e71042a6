//! InvokeEndpoint: what an AWS SDK sends and reads.

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use mysfits_sagemaker::{Endpoint, Endpoints, http::MAX_BODY_BYTES};
use serde_json::Value;

use crate::support::{Answer, ENDPOINT, ask, endpoints, maximum};

const CSV: (&str, &str) = ("content-type", "text/csv");

fn invoke(name: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Answer {
    let path = format!("/endpoints/{name}/invocations");
    let answer = ask(endpoints(), "POST", &path, headers, body);
    assert_eq!(answer.header("x-amzn-requestid").len(), 36, "{answer:?}");
    answer
}

/// Checks an error: status, type, and the members of its body.
#[track_caller]
fn check_error(answer: &Answer, status: u16, error_type: &str, expected: Expect) {
    let found = (answer.status.as_u16(), answer.header("x-amzn-errortype"));
    assert_eq!(found, (status, error_type), "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("x-amzn-invoked-production-variant"), "");
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let members = body.as_object().unwrap().iter().map(|(name, value)| format!("{name}: {value}\n"));
    expected.assert_eq(&members.collect::<BTreeSet<_>>().into_iter().collect::<String>());
}

#[test]
fn a_prediction_names_the_variant() {
    let answer = invoke(ENDPOINT, &[CSV], "3,4\n5,6");
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.header("x-amzn-invoked-production-variant"), "AllTraffic");
    expect![[r#"{"predictions": [{"predicted_label": 4.0}, {"predicted_label": 6.0}]}"#]]
        .assert_eq(&answer.body);
}

#[test]
fn request_ids_differ() {
    let id = || invoke(ENDPOINT, &[CSV], "3,4").header("x-amzn-requestid").to_owned();
    assert_ne!(id(), id());
}

#[test]
fn custom_attributes_are_echoed() {
    let attributes = ("x-amzn-sagemaker-custom-attributes", "c000b4f9-df62-4c85-a0bf-7c525f9104a4");
    assert_eq!(invoke(ENDPOINT, &[CSV, attributes], "1,2").header(attributes.0), attributes.1);
}

#[test]
fn signatures_and_further_headers_make_no_difference() {
    let headers = [
        CSV,
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/sagemaker/aws4_request",
        ),
        ("x-amz-date", "20260101T000000Z"),
        ("x-amzn-sagemaker-target-variant", "AllTraffic"),
        ("x-amzn-sagemaker-inference-id", "1"),
    ];
    assert_eq!(invoke(ENDPOINT, &headers, "1,2").status, 200);
}

#[test]
fn an_unknown_endpoint_is_a_validation_error() {
    check_error(
        &invoke("knn-demo", &[CSV], "1,2"),
        400,
        "ValidationError",
        expect![[r#"
        Message: "Endpoint knn-demo of account 123456789012 not found."
    "#]],
    );
    check_error(
        &invoke("%EA%B0%80", &[CSV], "1,2"),
        400,
        "ValidationError",
        expect![[r#"
        Message: "Endpoint 가 of account 123456789012 not found."
    "#]],
    );
}

#[test]
fn a_body_beyond_the_limit_is_a_validation_error() {
    let answer = invoke(ENDPOINT, &[CSV], vec![b'\n'; MAX_BODY_BYTES + 1]);
    check_error(
        &answer,
        400,
        "ValidationError",
        expect![[r#"
        Message: "The body is larger than 6291456 bytes"
    "#]],
    );
}

#[test]
fn what_the_container_refuses_is_a_model_error() {
    check_error(
        &invoke(ENDPOINT, &[CSV], "1,2,3"),
        424,
        "ModelError",
        expect![[r#"
        ErrorCode: "CLIENT_ERROR_FROM_MODEL"
        LogStreamArn: "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/Endpoints/knn-ml-m4-xlarge-test"
        Message: "Received client error (400) from primary with message \"Unable to evaluate payload provided: a sample has 3 features; the model has 2\". See https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logEventViewer:group=/aws/sagemaker/Endpoints/knn-ml-m4-xlarge-test in account 123456789012 for more information."
        OriginalMessage: "Unable to evaluate payload provided: a sample has 3 features; the model has 2"
        OriginalStatusCode: 400
    "#]],
    );
}

#[test]
fn the_containers_status_is_passed_on() {
    for (headers, status) in [
        (vec![CSV], 400),
        (vec![("content-type", "application/octet-stream")], 415),
        (vec![CSV, ("accept", "image/png")], 406),
        (vec![], 415),
    ] {
        let answer = invoke(ENDPOINT, &headers, "x");
        assert_eq!((answer.status.as_u16(), answer.header("x-amzn-errortype")), (424, "ModelError"));
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(body["OriginalStatusCode"], status);
    }
}

#[test]
fn messages_keep_to_the_services_limit() {
    let answer = invoke(ENDPOINT, &[CSV], "x\"".repeat(1 << 20));
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert!(body["Message"].as_str().unwrap().chars().count() <= 2048);
}

#[test]
fn names_are_those_that_sagemaker_accepts() {
    let longest = "a".repeat(63);
    for name in ["a", "A-9", "knn-ml-m4-xlarge-2018-11-12-03-45-01-123", &longest] {
        assert_eq!(Endpoint::new(name, maximum()).unwrap().name(), name);
    }
    for name in ["", "-a", "a-", "a b", "a/b", "a_b", "가", &"a".repeat(64)] {
        assert!(Endpoint::new(name, maximum()).is_err(), "{name:?}");
    }
    expect![[
        r#""-a" is not an endpoint name: 1 to 63 letters, digits and hyphens, no hyphen first or last"#
    ]]
    .assert_eq(&Endpoint::new("-a", maximum()).unwrap_err().to_string());
}

#[test]
fn a_model_is_replaced_while_it_serves() {
    let endpoints = Endpoints::new([Endpoint::new(ENDPOINT, maximum()).unwrap()]);
    let path = format!("/endpoints/{ENDPOINT}/invocations");
    let answer = || ask(endpoints.clone(), "POST", &path, &[CSV], "3,4").body;
    assert_eq!(answer(), r#"{"predictions": [{"predicted_label": 4.0}]}"#);
    let minimum = {
        use mysfits_knn::{Dataset, Hyperparameters, Model};
        use ndarray::array;
        let (features, labels) = (array![[3.0, 4.0]], array![3.0]);
        let dataset = Dataset::new(features.view(), labels.view()).unwrap();
        Model::train(dataset, &Hyperparameters::classifier(1).check().unwrap()).unwrap()
    };
    let before = endpoints.get(ENDPOINT).unwrap().model();
    endpoints.get(ENDPOINT).unwrap().replace_model(minimum);
    assert_eq!(answer(), r#"{"predictions": [{"predicted_label": 3.0}]}"#);
    assert_eq!(before.predict(&[3.0, 4.0]), Ok(4.0));
}
