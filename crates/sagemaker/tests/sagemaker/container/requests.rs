//! Requests to `/invocations`: formats, headers, and refusals.

use axum::{body::Body, http::Request};
use expect_test::expect;
use mysfits_sagemaker::http::{self, MAX_BODY_BYTES, RouterOptions};

use super::{check, check_refused, invoke, invoke_with};
use crate::support::{ask_with, endpoints, run, send};

#[test]
fn the_workshops_request_is_answered() {
    let headers = [("content-type", "application/jsonlines"), ("accept", "application/json")];
    let answer = invoke(&headers, r#"{"features": [1, 8]}"#);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, r#"{"predictions": [{"predicted_label": 8.0}]}"#);
}

#[test]
fn every_format_is_answered() {
    check(
        "text/csv",
        "1,2\n9,0",
        expect![[r#"{"predictions": [{"predicted_label": 2.0}, {"predicted_label": 9.0}]}"#]],
    );
    check("text/csv; label_size=1", "7,1,2\n", expect![[r#"{"predictions": [{"predicted_label": 2.0}]}"#]]);
    check(
        "application/json",
        r#"{"instances": [{"features": [3, 4]}]}"#,
        expect![[r#"{"predictions": [{"predicted_label": 4.0}]}"#]],
    );
    check(
        "application/jsonlines",
        "{\"features\": [1, 2]}\n{\"features\": [6, 5]}\n",
        expect![[r#"{"predictions": [{"predicted_label": 2.0}, {"predicted_label": 6.0}]}"#]],
    );
}

#[test]
fn invalid_bodies_are_400() {
    let csv = [("content-type", "text/csv")];
    check_refused(&csv, "\n", 400, expect!["Unable to evaluate payload provided: the body holds no sample"]);
    check_refused(
        &csv,
        "a,b",
        400,
        expect![[r#"Unable to evaluate payload provided: row 0: column 0 is "a", not a number"#]],
    );
    check_refused(
        &csv,
        "1,2,3",
        400,
        expect!["Unable to evaluate payload provided: a sample has 3 features; the model has 2"],
    );
    check_refused(
        &csv,
        "1,2\n3,NaN",
        400,
        expect![
            "Unable to evaluate payload provided: feature 1 of row 1 is NaN; every feature must be a finite number"
        ],
    );
    check_refused(
        &csv,
        "1,inf",
        400,
        expect![
            "Unable to evaluate payload provided: feature 1 of row 0 is inf; every feature must be a finite number"
        ],
    );
    check_refused(
        &csv,
        "1,1e39",
        400,
        expect![
            "Unable to evaluate payload provided: feature 1 of row 0 is inf; every feature must be a finite number"
        ],
    );
    check_refused(
        &[("content-type", "application/json")],
        "{",
        400,
        expect!["Unable to evaluate payload provided: EOF while parsing an object at line 1 column 1"],
    );
    check_refused(
        &[("content-type", "text/csv; label_size=x")],
        "1,2",
        400,
        expect![[r#"the parameter label_size of Content-Type is "x"; it must be a number of columns"#]],
    );
}

#[test]
fn refusals_are_short_however_long_the_fault() {
    for (content_type, body) in [
        ("text/csv", "x".repeat(1 << 20)),
        ("application/json", format!("{{\"instances\": \"{}\"}}", "가".repeat(1 << 20))),
        ("application/jsonlines", format!("{{\"features\": \"{}\"}}", "x".repeat(1 << 20))),
        (&format!("text/{}", "x".repeat(5000)), "1,2".to_owned()),
    ] {
        let answer = invoke(&[("content-type", content_type)], body);
        assert!(answer.status.is_client_error());
        assert!((20..=1024).contains(&answer.body.chars().count()), "{}", answer.body.chars().count());
    }
}

#[test]
fn reads_a_request_without_a_content_type_as_json() {
    for headers in [[].as_slice(), &[("content-type", "")]] {
        let answer = invoke(headers, r#"{"instances": [{"features": [3, 4]}]}"#);
        assert_eq!(answer.body, r#"{"predictions": [{"predicted_label": 4.0}]}"#);
    }
    let answer = invoke(&[], "1,2");
    assert_eq!(answer.status, 400);
    assert!(
        answer.body.starts_with("Unable to evaluate payload provided: invalid type: integer"),
        "{answer:?}"
    );
}

#[test]
fn answers_an_empty_body_with_an_empty_204() {
    for headers in [[].as_slice(), &[("content-type", "text/csv")], &[("content-type", "text/none")]] {
        let answer = invoke(headers, "");
        let found = (answer.status.as_u16(), answer.header("content-type"), answer.body.as_str());
        assert_eq!(found, (204, "", ""));
    }
}

#[test]
fn strict_options_reject_probable_mistakes() {
    let csv = ("content-type", "text/csv");
    for (headers, body, status, message) in [
        ([csv].as_slice(), "", 400, "Unable to evaluate payload provided: the body holds no sample"),
        (
            &[],
            "1,2",
            415,
            r#"Content-Type "" is not supported. Please use one of: text/csv, application/json, application/jsonlines, application/x-recordio-protobuf"#,
        ),
        (
            &[csv, ("accept", "text/csv")],
            "1,2",
            406,
            r#"Accept type "text/csv" is not supported. Please use one of: application/json, application/jsonlines, application/x-recordio-protobuf"#,
        ),
    ] {
        let answer = invoke_with(RouterOptions::default().strict(true), headers, body);
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (status, message));
    }
}

#[test]
fn skips_a_byte_order_mark() {
    for (content_type, body) in [
        ("text/csv", "\u{feff}1,2"),
        ("application/json", "\u{feff}{\"instances\": [{\"features\": [1, 2]}]}"),
        ("application/jsonlines", "\u{feff}{\"features\": [1, 2]}"),
    ] {
        check(content_type, body, expect![[r#"{"predictions": [{"predicted_label": 2.0}]}"#]]);
    }
}

#[test]
fn an_unknown_content_type_is_415() {
    check_refused(
        &[("content-type", "application/octet-stream")],
        "1,2",
        415,
        expect![[
            r#"Content-Type "application/octet-stream" is not supported. Please use one of: text/csv, application/json, application/jsonlines, application/x-recordio-protobuf"#
        ]],
    );
}

#[test]
fn headers_that_are_not_text_are_unknown() {
    for (header, status, strict_status) in [("content-type", 415, 415), ("accept", 200, 406)] {
        for (strict, status) in [(false, status), (true, strict_status)] {
            let request = Request::post("/invocations")
                .header(header, [0xff, b'x'].as_slice())
                .header(if header == "accept" { "content-type" } else { "accept" }, "text/csv");
            let router = http::router_with(endpoints(), RouterOptions::default().strict(strict));
            let answer = run(send(router, request.body(Body::from("1,2")).unwrap()));
            assert_eq!(answer.status, status, "{answer:?}");
        }
    }
}

#[test]
fn a_body_beyond_the_services_limit_is_413() {
    let csv = [("content-type", "text/csv")];
    check_refused(
        &csv,
        vec![b'\n'; MAX_BODY_BYTES + 1],
        413,
        expect!["The body is larger than 6291456 bytes"],
    );
    let mut largest = vec![b'\n'; MAX_BODY_BYTES];
    largest[..3].copy_from_slice(b"4,2");
    assert_eq!(invoke(&csv, largest).body, r#"{"predictions": [{"predicted_label": 4.0}]}"#);
}

#[test]
fn a_body_of_unstated_length_is_answered() {
    let request = Request::post("/invocations").header("content-type", "text/csv").body(Body::from("1,2"));
    assert_eq!(
        ask_with(endpoints(), request.unwrap()).body,
        r#"{"predictions": [{"predicted_label": 2.0}]}"#
    );
}
