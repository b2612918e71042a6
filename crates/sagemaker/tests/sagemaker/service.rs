//! InvokeEndpoint: what an AWS SDK sends and reads.

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use mysfits_sagemaker::{
    Endpoint, Endpoints,
    faults::Faults,
    http::{self, INVOCATION_TIMEOUT, MAX_BODY_BYTES, service_unavailable},
};
use serde_json::Value;
use tokio::time::Instant;

use crate::support::{Answer, ENDPOINT, always, ask, endpoints, maximum, request, run_at_once, send};

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
}

/// Checks a request that the service itself refuses, with this message.
#[track_caller]
fn check_invalid(name: &str, headers: &[(&str, &str)], expected: Expect) {
    let answer = invoke(name, headers, "1,2");
    assert_eq!((answer.status.as_u16(), answer.header("x-amzn-errortype")), (400, "ValidationError"));
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    expected.assert_eq(body["Message"].as_str().unwrap());
}

#[test]
fn names_that_cannot_be_are_refused_by_the_pattern() {
    let too_long = "a".repeat(64);
    for (path, name) in [
        ("%EA%B0%80", "가"),
        ("%ff%fe", "\u{fffd}\u{fffd}"),
        ("a%2Fb", "a/b"),
        ("a%00", "a\0"),
        ("-a", "-a"),
        ("a-", "a-"),
        ("a_b", "a_b"),
        ("%", "%"),
        ("%4", "%4"),
        ("%zz", "%zz"),
        ("%+1", "%+1"),
        ("%20", " "),
        ("", ""),
    ] {
        let answer = invoke(path, &[CSV], "1,2");
        assert_eq!((answer.status.as_u16(), answer.header("x-amzn-errortype")), (400, "ValidationError"));
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        let expected = format!(
            "1 validation error detected: Value '{name}' at 'endpointName' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9])*"
        );
        assert_eq!(body["Message"], expected, "{path}");
    }
    check_invalid(
        &too_long,
        &[CSV],
        expect![
            "1 validation error detected: Value 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' at 'endpointName' failed to satisfy constraint: Member must have length less than or equal to 63"
        ],
    );
    // Escaped or not, a name is a name.
    assert_eq!(invoke(&ENDPOINT.replace('k', "%6B").replace('-', "%2d"), &[CSV], "1,2").status, 200);
}

#[test]
fn headers_keep_to_the_service_model() {
    let long = |n: usize| "a".repeat(n);
    for (header, member, max) in [
        ("content-type", "contentType", 1024),
        ("accept", "accept", 1024),
        ("x-amzn-sagemaker-custom-attributes", "customAttributes", 1024),
        ("x-amzn-sagemaker-target-model", "targetModel", 1024),
        ("x-amzn-sagemaker-target-variant", "targetVariant", 63),
        ("x-amzn-sagemaker-target-container-hostname", "targetContainerHostname", 63),
        ("x-amzn-sagemaker-inference-id", "inferenceId", 64),
        ("x-amzn-sagemaker-enable-explanations", "enableExplanations", 64),
        ("x-amzn-sagemaker-inference-component", "inferenceComponentName", 63),
        ("x-amzn-sagemaker-session-id", "sessionId", 256),
    ] {
        let message = |length| {
            let others = if header == "content-type" { ("accept", "application/json") } else { CSV };
            invoke(ENDPOINT, &[others, (header, &long(length))], "1,2").body
        };
        let violation = format!(
            "at '{member}' failed to satisfy constraint: Member must have length less than or equal to {max}"
        );
        assert!(message(max + 1).contains(&violation), "{header}: {}", message(max + 1));
        assert!(!message(max).contains("constraint"), "{header}: {}", message(max));
    }
}

#[test]
fn violations_are_listed_together_and_sensitive_values_are_not_repeated() {
    check_invalid(
        ENDPOINT,
        &[
            CSV,
            ("x-amzn-sagemaker-custom-attributes", "gr\u{fc}n"),
            ("x-amzn-sagemaker-inference-id", ""),
            ("x-amzn-sagemaker-target-variant", &"v_".repeat(30)),
            ("x-amzn-sagemaker-session-id", "a b"),
        ],
        expect![[
            r#"4 validation errors detected: Value at 'customAttributes' failed to satisfy constraint: Member must satisfy regular expression pattern: \p{ASCII}*; Value 'v_v_v_v_v_v_v_v_v_v_v_v_v_v_v_v_v_v_v_v_v_v_v_v_v_v_v_v_v_v_' at 'targetVariant' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9])*; Value '' at 'inferenceId' failed to satisfy constraint: Member must have length greater than or equal to 1; Value 'a b' at 'sessionId' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(NEW_SESSION)$|^[a-zA-Z0-9](-*[a-zA-Z0-9])*$"#
        ]],
    );
}

#[test]
fn what_a_single_model_endpoint_has_not_is_refused() {
    let check = |header: &str, value: &str, expected| {
        check_invalid(ENDPOINT, &[CSV, (&format!("x-amzn-sagemaker-{header}"), value)], expected);
    };
    check(
        "target-variant",
        "Blue",
        expect!["Endpoint knn-ml-m4-xlarge-test has no variant Blue: its only one is AllTraffic."],
    );
    check(
        "target-model",
        "model.tar.gz",
        expect![
            "Endpoint knn-ml-m4-xlarge-test is not a multi-model endpoint and does not support target model header."
        ],
    );
    check(
        "target-container-hostname",
        "second",
        expect![
            "Endpoint knn-ml-m4-xlarge-test is not a multi-container endpoint and does not support target container hostname header."
        ],
    );
    check(
        "inference-component",
        "part",
        expect!["Endpoint knn-ml-m4-xlarge-test has no inference component part."],
    );
    check(
        "session-id",
        "NEW_SESSION",
        expect!["Endpoint knn-ml-m4-xlarge-test does not support stateful sessions."],
    );
    check(
        "enable-explanations",
        "`true`",
        expect![
            "Endpoint knn-ml-m4-xlarge-test has no explainer and does not support enable explanations header."
        ],
    );
    let answer = invoke(ENDPOINT, &[CSV, ("x-amzn-sagemaker-target-model", "a")], "1,2");
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body["ErrorCode"], "TARGET_MODEL_HEADER_NOT_SUPPORTED");
}

#[test]
fn an_empty_body_is_answered_with_an_empty_200() {
    let answer = invoke(ENDPOINT, &[CSV], "");
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""));
    assert_eq!(answer.header("x-amzn-invoked-production-variant"), "AllTraffic");
}

#[test]
fn a_body_beyond_the_limit_is_a_validation_error() {
    let answer = invoke(ENDPOINT, &[CSV], vec![b'\n'; MAX_BODY_BYTES + 1]);
    assert_eq!((answer.status.as_u16(), answer.header("x-amzn-errortype")), (400, "ValidationError"));
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body["Message"], format!("Request {} has oversize body.", answer.header("x-amzn-requestid")));
    assert_eq!(
        invoke(ENDPOINT, &[CSV], [b"1,2", vec![b'\n'; MAX_BODY_BYTES - 3].as_slice()].concat()).status,
        200
    );
}

#[test]
fn a_container_that_takes_too_long_is_a_model_error() {
    run_at_once(async {
        let endpoints = endpoints();
        let faults = Faults { latency: INVOCATION_TIMEOUT * 2, ..Faults::NONE };
        endpoints.default_endpoint().unwrap().set_faults(faults);
        let begun = Instant::now();
        let path = format!("/endpoints/{ENDPOINT}/invocations");
        let answer = send(http::router(endpoints), request("POST", &path, &[CSV], "1,2")).await;
        assert_eq!(begun.elapsed().as_secs(), 60);
        check_error(
            &answer,
            424,
            "ModelError",
            expect![[r#"
            ErrorCode: "INTERNAL_FAILURE_FROM_MODEL"
            LogStreamArn: "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/Endpoints/knn-ml-m4-xlarge-test"
            Message: "Received server error (0) from primary with message \"Your invocation timed out while waiting for a response from container primary. Review the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again.\". See https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logEventViewer:group=/aws/sagemaker/Endpoints/knn-ml-m4-xlarge-test in account 123456789012 for more information."
            OriginalMessage: "Your invocation timed out while waiting for a response from container primary. Review the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
            OriginalStatusCode: 0
        "#]],
        );
    });
}

/// Checks an answer for what is no operation, or none that is emulated.
#[track_caller]
fn check_no_operation(method: &str, path: &str, status: u16, error_type: &str) {
    let answer = ask(endpoints(), method, path, &[CSV], "1,2");
    assert_eq!(
        (answer.status.as_u16(), answer.header("x-amzn-errortype")),
        (status, error_type),
        "{method} {path}"
    );
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("x-amzn-requestid").len(), 36);
    assert!(serde_json::from_str::<Value>(&answer.body).unwrap().is_object());
}

#[test]
fn wrong_methods_and_paths_are_errors_of_the_service() {
    for method in ["GET", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"] {
        check_no_operation(method, "/endpoints/a/invocations", 404, "UnknownOperationException");
    }
    for path in ["/endpoints/a", "/endpoints/a/", "/endpoints/a/invocations/", "/endpoints/%ff"] {
        check_no_operation("POST", path, 404, "UnknownOperationException");
    }
}

#[test]
fn who_stands_before_the_routes_can_refuse_in_the_services_words() {
    let response = service_unavailable("There are too many requests at once.");
    assert_eq!(
        (response.status().as_u16(), &response.headers()["x-amzn-errortype"]),
        (503, &"ServiceUnavailable".parse().unwrap())
    );
    assert_eq!(response.headers()["x-amzn-requestid"].len(), 36);
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
        (vec![CSV, ("accept", "image/png")], 400),
        (vec![], 400),
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
fn invalid_endpoint_names_are_rejected() {
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
    let before = endpoints.get(ENDPOINT).unwrap().model().unwrap();
    endpoints.get(ENDPOINT).unwrap().replace_model(always(3.0));
    assert_eq!(answer(), r#"{"predictions": [{"predicted_label": 3.0}]}"#);
    assert_eq!(before.predict(&[3.0, 4.0]), Ok(4.0));
}
