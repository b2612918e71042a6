//! Answers of `/invocations`: formats by `Accept`, and what they hold.

use expect_test::expect;
use mysfits_sagemaker::{Endpoint, Endpoints, codec::Accept, http::RouterOptions, inference::Predictions};
use ndarray::array;

use super::{invoke, invoke_with};
use crate::{
    codec::record::{self, Member},
    support::{ENDPOINT, ask, maximum_of},
};

#[test]
fn answers_an_unknown_accept_in_json() {
    for accept in ["text/csv", "text/html;q=0.9, image/png", "application/json;q=0"] {
        let answer = invoke(&[("content-type", "text/csv"), ("accept", accept)], "1,2");
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
        assert_eq!(answer.body, r#"{"predictions": [{"predicted_label": 2.0}]}"#);
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
fn custom_attributes_are_echoed() {
    let attributes = ("x-amzn-sagemaker-custom-attributes", "trace=1;q=\"a b\"");
    let answer = invoke(&[("content-type", "text/csv"), attributes], "1,2");
    assert_eq!(answer.header(attributes.0), attributes.1);
    assert_eq!(invoke(&[("content-type", "text/csv")], "1,2").header(attributes.0), "");
}
