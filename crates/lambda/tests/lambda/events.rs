//! Converts events to responses in this process.

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use lambda_runtime::{Context, LambdaEvent};
use mysfits_api::{BoxFuture, RecommendError, Recommended, Recommender, TableBackend};
use mysfits_api_cases::bad_requests;
use mysfits_domain::{Entry, Label};
use mysfits_lambda::{function::RecommendationFunction, request::ApiEventError, response::ProxyResponse};
use serde_json::{Value, json};

use crate::support::{ATLANTIS, event, event_with_body};

fn function() -> RecommendationFunction {
    let atlantis = TableBackend::from_rule(|_| Label::try_from(8_u8).unwrap());
    RecommendationFunction::new(Arc::new(atlantis), mysfits_api::AllowOrigin::ANY)
}

pub fn invoke(function: &RecommendationFunction, event: Value) -> Result<ProxyResponse, ApiEventError> {
    let event = LambdaEvent::new(serde_json::from_value(event).unwrap(), Context::default());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(function.invoke(event)).0
}

fn answer(event: Value) -> ProxyResponse {
    invoke(&function(), event).unwrap()
}

#[test]
fn answers_the_workshops_request_in_all_encodings() {
    for name in ["workshop_curl", "http2_lower_case", "base64_body", "null_maps"] {
        let answer = answer(event(name));
        assert_eq!(answer.status_code, 200, "{name}: {answer:?}");
        assert_eq!(answer.body, format!(r#"{{"recommendedMysfit":"{ATLANTIS}"}}"#), "{name}");
        assert_eq!(answer.headers["access-control-allow-origin"], "*", "{name}");
        assert_eq!(answer.headers["content-type"], "application/json", "{name}");
    }
}

#[test]
fn writes_the_gateways_response_format() {
    let answer = serde_json::to_value(answer(event("workshop_curl"))).unwrap();
    assert_eq!(
        answer,
        json!({
            "statusCode": 200,
            "headers": {
                "access-control-allow-origin": "*",
                "access-control-expose-headers": "x-mysfits-backend,x-mysfits-fallback,retry-after",
                "content-type": "application/json",
                "x-mysfits-backend": "embedded",
            },
            "body": format!(r#"{{"recommendedMysfit":"{ATLANTIS}"}}"#),
            "isBase64Encoded": false,
        })
    );
}

#[test]
fn a_null_body_is_empty() {
    let answer = answer(event("null_body"));
    assert_eq!((answer.status_code, answer.body.contains("not-json")), (400, true), "{answer:?}");
}

#[test]
fn answers_a_preflight() {
    let answer = answer(event("options"));
    assert_eq!((answer.status_code, answer.body.as_str()), (200, ""));
    for (name, value) in [
        (
            "access-control-allow-headers",
            "content-type,x-amz-date,authorization,x-api-key,x-amz-security-token,x-amz-user-agent",
        ),
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "OPTIONS,GET,PUT,POST,DELETE"),
    ] {
        assert_eq!(answer.headers[name], value);
    }
}

#[test]
fn an_unknown_path_is_a_problem_document() {
    let answer = answer(event("unknown_path"));
    assert_eq!(
        (answer.status_code, answer.headers["content-type"].as_str()),
        (404, "application/problem+json")
    );
}

/// As CloudFront requests it from API Gateway.
#[test]
fn answers_a_request_for_the_page_of_a_result() {
    let mut shared = event("unknown_path");
    shared["path"] = json!("/r/88888");
    shared["multiValueQueryStringParameters"] = json!({ "lang": ["ko"] });
    shared["multiValueHeaders"]["x-forwarded-host"] = json!(["m.example"]);
    let answer = answer(shared);
    assert_eq!(
        (answer.status_code, answer.headers["content-type"].as_str()),
        (200, "text/html; charset=utf-8")
    );
    for part in [
        "<title>나의 미스핏은 맨드레이크 아틀란티스!",
        "property=\"og:url\" content=\"https://m.example/ko/r/88888/\"",
        "url=/ko/#quiz=88888",
    ] {
        assert!(answer.body.contains(part), "{part}: {}", answer.body);
    }
}

#[test]
fn encodes_decoded_query_parameters() {
    let good = answer(event("query"));
    let good: Value = serde_json::from_str(&good.body).unwrap();
    let goods: Vec<_> =
        good["mysfits"].as_array().unwrap().iter().map(|m| m["goodevil"].as_str().unwrap()).collect();
    assert!(!goods.is_empty() && goods.iter().all(|alignment| *alignment == "Good"), "{goods:?}");
    // What was decoded must be escaped: it is one value, and not two parameters.
    let mut strange = event("query");
    strange["multiValueQueryStringParameters"] =
        json!({ "filter": ["GoodEvil"], "value": ["Good&value=Evil ü%"] });
    let strange = answer(strange);
    assert_eq!(strange.status_code, 400);
    assert!(strange.body.contains("Good&value=Evil"), "{}", strange.body);
    // Either map will do.
    let mut single = event("query");
    single["multiValueQueryStringParameters"] = Value::Null;
    assert_eq!(answer(single).status_code, 200);
}

#[test]
fn rejects_each_bad_request_as_without_a_gateway() {
    let function = function();
    for case in bad_requests() {
        let text = String::from_utf8(case.body());
        let is_base64 = text.is_err();
        let body = text.unwrap_or_else(|error| BASE64_STANDARD.encode(error.as_bytes()));
        let mut event = event_with_body(Value::String(body));
        event["isBase64Encoded"] = json!(is_base64);
        event["headers"] = json!({ "content-type": case.content_type });
        event["multiValueHeaders"] = Value::Null;
        let answer = invoke(&function, event).unwrap();
        let document: Value = serde_json::from_str(&answer.body).unwrap();
        let expected = json!({
            "type": case.problem_type, "title": case.title, "status": case.status, "detail": case.detail,
        });
        assert_eq!((answer.status_code, &document), (case.status, &expected), "{}", case.name);
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{}", case.name);
        assert_eq!(answer.headers["access-control-allow-origin"], "*", "{}", case.name);
    }
}

#[test]
fn rejects_foreign_and_malformed_events() {
    let check = |event: Value, name: &str, expected: &str| {
        let error = invoke(&function(), event).unwrap_err();
        assert_eq!(error.name(), name, "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    };
    let not_ours = "NotAnApiEvent";
    check(event("http_api_v2"), not_ours, "payload format 2.0");
    check(event("queue"), not_ours, "records of a queue");
    check(json!("hello"), not_ours, "not a JSON object");
    check(json!([1]), not_ours, "not a JSON object");
    check(json!({ "entry": [1, 2, 3, 4, 5] }), not_ours, "no httpMethod");
    check(json!({ "httpMethod": "POST" }), not_ours, "missing field `path`");
    check(json!({ "requestContext": { "elb": {} } }), not_ours, "load balancer");
    let with = |member: &str, value: Value| {
        let mut event = event("workshop_curl");
        event[member] = value;
        event
    };
    check(with("httpMethod", json!(5)), not_ours, "invalid type");
    check(with("httpMethod", json!("NO METHOD")), "MalformedApiEvent", "NO METHOD");
    check(with("path", json!("nowhere")), "MalformedApiEvent", "nowhere");
    check(with("path", json!("")), "MalformedApiEvent", "path");
    check(with("isBase64Encoded", json!(true)), "MalformedApiEvent", "not base64");
}

#[test]
fn answers_unusual_paths_and_headers() {
    for path in ["/m%20n", "/m n", "/ü", "/%", "/%zz", "//", "/?x=1", "/#"] {
        let mut event = event("unknown_path");
        event["path"] = json!(path);
        assert_eq!(answer(event).status_code, 404, "{path}");
    }
    let mut event = event("workshop_curl");
    event["multiValueHeaders"] =
        json!({ "not a name": ["1"], "X-A": ["1", "2"], "X-B": ["a\nb"], "X-C": null });
    assert_eq!(answer(event).status_code, 200);
}

/// Panics when it is asked.
struct Panics;

impl Recommender for Panics {
    fn name(&self) -> &'static str {
        "panics"
    }

    fn recommend(&self, _: Entry, _: bool) -> BoxFuture<'_, Result<Recommended, RecommendError>> {
        panic!("injected")
    }
}

#[test]
fn returns_500_after_a_panic() {
    let function = RecommendationFunction::new(Arc::new(Panics), "https://example.org".parse().unwrap());
    let answer = invoke(&function, event("workshop_curl")).unwrap();
    assert_eq!((answer.status_code, answer.body.contains("urn:mysfits:problem:internal")), (500, true));
    assert_eq!(answer.headers["access-control-allow-origin"], "https://example.org");
}
