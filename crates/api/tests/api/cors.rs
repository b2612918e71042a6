//! CORS. `support::ask` checks that every response has `Access-Control-Allow-Origin`.

use std::sync::Arc;

use axum::{body::Body, http::Request};
use expect_test::expect;
use mysfits_api::{RecommendationApi, TableBackend};
use tower::ServiceExt as _;

use crate::support::{api, ask, label, request, run};

const PATHS: [&str; 6] =
    ["/recommendations", "/mysfits", "/mysfits/unknown", "/questionnaire", "/openapi.json", "/health"];

#[test]
fn preflight_responses_have_the_headers_of_the_workshop() {
    let request = Request::options("/recommendations")
        .header("origin", "https://d111111abcdef8.cloudfront.net")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type")
        .body(Body::empty())
        .unwrap();
    let answer = ask(api(), request);
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0));
    let mut headers: Vec<_> =
        answer.headers.iter().map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap())).collect();
    headers.sort();
    expect![[r#"
        access-control-allow-headers: content-type,x-amz-date,authorization,x-api-key,x-amz-security-token,x-amz-user-agent
        access-control-allow-methods: OPTIONS,GET,PUT,POST,DELETE
        access-control-allow-origin: *
        allow: POST
        content-length: 0
    "#]]
    .assert_eq(&headers.concat());
}

#[test]
fn every_route_answers_a_preflight() {
    for path in PATHS {
        let answer = ask(api(), request("OPTIONS", path, ""));
        assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0), "{path}");
        assert_eq!(
            answer.header(axum::http::header::ACCESS_CONTROL_ALLOW_METHODS),
            "OPTIONS,GET,PUT,POST,DELETE"
        );
    }
}

#[test]
fn pages_of_any_origin_can_read_every_response() {
    // `ask` checks the header; here is the list of what there is to answer.
    for (method, path, body, status) in [
        ("POST", "/recommendations", r#"{"entry": [1,2,3,4,5]}"#.to_owned(), 200),
        ("POST", "/recommendations", "{".to_owned(), 400),
        ("POST", "/recommendations", " ".repeat(1 << 20), 413),
        ("GET", "/recommendations", String::new(), 405),
        ("GET", "/mysfits", String::new(), 200),
        ("GET", "/mysfits?filter=Nonsense&value=1", String::new(), 400),
        ("GET", "/mysfits/unknown", String::new(), 404),
        ("DELETE", "/mysfits", String::new(), 405),
        ("GET", "/questionnaire", String::new(), 200),
        ("GET", "/openapi.json", String::new(), 200),
        ("GET", "/health", String::new(), 200),
        ("HEAD", "/health", String::new(), 200),
        ("GET", "/nowhere", String::new(), 404),
        ("OPTIONS", "/nowhere", String::new(), 404),
        ("POST", "/", String::new(), 404),
    ] {
        assert_eq!(ask(api(), request(method, path, body)).status, status, "{method} {path}");
    }
}

#[test]
fn allows_one_origin_instead_of_any() {
    let origin = "https://d111111abcdef8.cloudfront.net";
    let atlantis = Arc::new(TableBackend::from_rule(|_| label(8)));
    let api = RecommendationApi::new(atlantis).allow_origin(origin.parse().unwrap()).router();
    for (method, path, status) in [
        ("OPTIONS", "/recommendations", 200),
        ("POST", "/recommendations", 400),
        ("GET", "/health", 200),
        ("GET", "/nowhere", 404),
        ("DELETE", "/mysfits", 405),
    ] {
        let response = run(api.clone().oneshot(request(method, path, ""))).unwrap();
        assert_eq!(response.status(), status, "{method} {path}");
        let origins: Vec<_> = response.headers().get_all("access-control-allow-origin").iter().collect();
        assert_eq!(origins, [origin], "{method} {path}");
    }
}
