//! The container's own routes: `/ping` and `/invocations`.

use axum::{body::Body, http::Request};
use expect_test::{Expect, expect};
use mysfits_sagemaker::{
    Endpoint, Endpoints,
    codec::Accept,
    http::{self, MAX_BODY_BYTES, RouterOptions},
    inference::Predictions,
};
use ndarray::array;
use serde_json::Value;

use crate::codec::record::{self, Member};
use crate::support::{
    Answer, ENDPOINT, always, ask, ask_with, endpoints, maximum, maximum_of, request, run, send,
};

fn invoke(headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Answer {
    ask(endpoints(), "POST", "/invocations", headers, body)
}

/// Asks a container with other options than the default.
fn invoke_with(options: RouterOptions, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Answer {
    run(send(http::router_with(endpoints(), options), request("POST", "/invocations", headers, body)))
}

#[track_caller]
fn check(content_type: &str, body: &str, expected: Expect) {
    let answer = invoke(&[("content-type", content_type)], body);
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (200, "application/json"),
        "{answer:?}"
    );
    expected.assert_eq(&answer.body);
}

/// Checks a refusal: the status, and plain text.
#[track_caller]
fn check_refused(headers: &[(&str, &str)], body: impl Into<Vec<u8>>, status: u16, expected: Expect) {
    let answer = invoke(headers, body);
    let found = (answer.status.as_u16(), answer.header("content-type"));
    assert_eq!(found, (status, "text/plain; charset=utf-8"), "{answer:?}");
    expected.assert_eq(&answer.body);
}

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
fn answers_an_unknown_accept_in_json() {
    for accept in ["text/csv", "text/html;q=0.9, image/png", "application/json;q=0"] {
        let answer = invoke(&[("content-type", "text/csv"), ("accept", accept)], "1,2");
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
        assert_eq!(answer.body, r#"{"predictions": [{"predicted_label": 2.0}]}"#);
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
fn several_accept_lines_are_one_list() {
    let headers =
        [("content-type", "text/csv"), ("accept", "text/html"), ("accept", "application/jsonlines")];
    let answer = invoke(&headers, "1,2");
    assert_eq!(answer.header("content-type"), "application/jsonlines");
    let strict = RouterOptions::default().strict(true);
    assert_eq!(invoke_with(strict, &headers, "1,2").status, 200);
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
fn the_accept_header_chooses_the_answers_format() {
    let samples = array![[1.0, 2.0], [9.0, 0.0]];
    let endpoints = Endpoints::new([Endpoint::new(ENDPOINT, maximum_of(3)).unwrap()]);
    for (accept, content_type) in [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/json; verbose=true", "application/json"),
        ("application/jsonlines", "application/jsonlines"),
        ("application/jsonlines; verbose=true", "application/jsonlines"),
        ("application/x-recordio-protobuf", "application/x-recordio-protobuf"),
        ("application/x-recordio-protobuf; verbose=true", "application/x-recordio-protobuf"),
    ] {
        let headers = [("content-type", "text/csv"), ("accept", accept)];
        let answer = ask(endpoints.clone(), "POST", "/invocations", &headers, "1,2\n9,0");
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, content_type), "{accept}");
        let Accept { format, verbose } = Accept::parse(accept).unwrap();
        let expected = Predictions::new(&maximum_of(3), samples.view(), verbose).unwrap().encode(format);
        assert!(answer.bytes == expected, "{accept}: {answer:?}");
    }
}

#[test]
fn labels_in_records_have_the_type_of_the_features() {
    const RECORDIO: &str = "application/x-recordio-protobuf";
    let endpoints = Endpoints::new([Endpoint::new(ENDPOINT, maximum_of(3)).unwrap()]);
    let labels = |content_type: &str, body: Vec<u8>| {
        let headers =
            [("content-type", content_type), ("accept", "application/x-recordio-protobuf; verbose=true")];
        let answer = ask(endpoints.clone(), "POST", "/invocations", &headers, body);
        let [record] = &*record::answers(&answer.bytes) else { panic!("{answer:?}") };
        ["predicted_label", "labels"].map(|key| record.label[key].member.clone().unwrap())
    };
    for member in labels(RECORDIO, record::singles(&[9.0, 0.0])) {
        assert!(matches!(member, Member::Float32(_)), "{member:?}");
    }
    for (content_type, body) in [(RECORDIO, record::doubles(&[9.0, 0.0])), ("text/csv", b"9,0".to_vec())] {
        for member in labels(content_type, body) {
            assert!(matches!(member, Member::Float64(_)), "{member:?}");
        }
    }
}

#[test]
fn verbose_responses_list_the_neighbours() {
    let endpoints = Endpoints::new([Endpoint::new(ENDPOINT, maximum_of(3)).unwrap()]);
    let headers = [("content-type", "text/csv"), ("accept", "application/json; verbose=true")];
    let answer = ask(endpoints, "POST", "/invocations", &headers, "0,0");
    // Of the two at distance 1 the one with the lower row number is nearer; two of three vote for 1.
    expect![[r#"{"predictions": [{"predicted_label": 1.0, "distances": [0.0, 1.0, 1.0], "labels": [0.0, 1.0, 1.0]}]}"#]]
        .assert_eq(&answer.body);
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

#[test]
fn custom_attributes_are_echoed() {
    let attributes = ("x-amzn-sagemaker-custom-attributes", "trace=1;q=\"a b\"");
    let answer = invoke(&[("content-type", "text/csv"), attributes], "1,2");
    assert_eq!(answer.header(attributes.0), attributes.1);
    assert_eq!(invoke(&[("content-type", "text/csv")], "1,2").header(attributes.0), "");
}

#[test]
fn ping_is_200_and_empty() {
    let answer = ask(endpoints(), "GET", "/ping", &[], "");
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""));
}

#[test]
fn without_a_model_nothing_is_healthy() {
    let none = || Endpoints::new([]);
    assert_eq!(ask(none(), "GET", "/ping", &[], "").status, 503);
    let answer = ask(none(), "POST", "/invocations", &[("content-type", "text/csv")], "1,2");
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (503, "No model is loaded"));
}

#[test]
fn the_first_endpoint_is_the_containers() {
    let endpoints = Endpoints::new([
        Endpoint::new(ENDPOINT, maximum()).unwrap(),
        Endpoint::new("a", always(42.0)).unwrap(),
    ]);
    let csv = [("content-type", "text/csv")];
    let ask = |path: &str| ask(endpoints.clone(), "POST", path, &csv, "1,2").body;
    assert_eq!(ask("/invocations"), r#"{"predictions": [{"predicted_label": 2.0}]}"#);
    assert_eq!(ask("/endpoints/a/invocations"), r#"{"predictions": [{"predicted_label": 42.0}]}"#);
}

#[test]
fn execution_parameters_for_batch_transform() {
    let answer = ask(endpoints(), "GET", "/execution-parameters", &[], "");
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    let expected = |megabytes: u32| {
        serde_json::json!({
            "MaxConcurrentTransforms": 1, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": megabytes,
        })
    };
    assert_eq!(serde_json::from_str::<Value>(&answer.body).unwrap(), expected(6));
    let router = http::router_with(endpoints(), RouterOptions::default().max_payload_mb(100));
    let answer = run(send(router, request("GET", "/execution-parameters", &[], "")));
    assert_eq!(serde_json::from_str::<Value>(&answer.body).unwrap(), expected(100));
}

#[test]
fn takes_batches_as_large_as_the_payload_limit() {
    let csv = [("content-type", "text/csv")];
    let batch = |n_bytes: usize| [b"4,2".as_slice(), &vec![b'\n'; n_bytes - 3]].concat();
    for megabytes in [1, 100] {
        let router = http::router_with(endpoints(), RouterOptions::default().max_payload_mb(megabytes));
        let ask =
            |path: &str, n_bytes| run(send(router.clone(), request("POST", path, &csv, batch(n_bytes))));
        let limit = (megabytes as usize) << 20;
        assert_eq!(ask("/invocations", limit).body, r#"{"predictions": [{"predicted_label": 4.0}]}"#);
        let answer = ask("/invocations", limit + 1);
        let message = format!("The body is larger than {limit} bytes");
        assert_eq!((answer.status.as_u16(), answer.body), (413, message));
        // The limit of InvokeEndpoint is the service's.
        let path = format!("/endpoints/{ENDPOINT}/invocations");
        assert_eq!(ask(&path, MAX_BODY_BYTES).status, 200);
        assert_eq!(ask(&path, MAX_BODY_BYTES + 1).status, 400);
    }
}

#[test]
fn other_methods_and_paths_are_not_known() {
    for (method, path, status) in [
        ("GET", "/invocations", 405),
        ("POST", "/ping", 405),
        ("POST", "/execution-parameters", 405),
        ("GET", "/models", 404),
        ("GET", "/chaos/knn-ml-m4-xlarge-test", 404),
    ] {
        assert_eq!(ask(endpoints(), method, path, &[], "").status, status, "{method} {path}");
    }
}

#[test]
fn sets_share_their_endpoints() {
    let csv = [("content-type", "text/csv")];
    let before = Endpoints::new([Endpoint::new("a", always(1.0)).unwrap()]);
    let added = std::sync::Arc::new(Endpoint::new("b", always(2.0)).unwrap());
    let after: Endpoints = before.iter().chain([added]).collect();
    // A model that is replaced in one set is replaced in the other.
    before.get("a").unwrap().replace_model(always(3.0));
    let ask = |path: &str| ask(after.clone(), "POST", path, &csv, "1,2").body;
    assert_eq!(ask("/endpoints/a/invocations"), r#"{"predictions": [{"predicted_label": 3.0}]}"#);
    assert_eq!(ask("/endpoints/b/invocations"), r#"{"predictions": [{"predicted_label": 2.0}]}"#);
    assert!(before.get("b").is_none());
}
