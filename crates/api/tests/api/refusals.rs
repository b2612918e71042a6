//! Invalid requests and their errors. Most are data, in the package `mysfits-api-cases`.

use std::{collections::BTreeSet, io};

use axum::{body::Body, http::header};
use bytes::Bytes;
use expect_test::expect;
use http_body_util::{BodyExt as _, Full, Limited};
use mysfits_api_cases::bad_requests;

use crate::support::{VALID, api, ask, get, post, request};

#[test]
fn each_invalid_request_gets_its_own_error() {
    let cases = bad_requests();
    let names: BTreeSet<_> = cases.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), cases.len(), "two cases have the same name");
    for case in &cases {
        let mut request = request("POST", "/recommendations", case.body());
        request.headers_mut().insert(header::CONTENT_TYPE, case.content_type.parse().unwrap());
        let answer = ask(api(), request);
        assert_eq!(answer.status, case.status, "{}", case.name);
        let expected = format!("{} {}\n{}\n{}\n", case.status, case.problem_type, case.title, case.detail);
        assert_eq!(answer.problem(), expected, "{}", case.name);
    }
}

#[test]
fn rejects_a_large_body_without_a_length() {
    // Mapping a body hides its length, as chunked encoding does.
    let unstated = Full::new(Bytes::from(" ".repeat(10_000_000))).map_frame(|frame| frame);
    assert_eq!(post(Body::new(unstated)).status, 413);
}

#[test]
fn rejects_a_body_that_breaks_off() {
    // Ends with an error where the limit is, as a connection does that is reset.
    let reset = Limited::new(Full::new(Bytes::from(VALID)), 8).map_err(|_| io::ErrorKind::ConnectionReset);
    post(Body::new(reset.map_err(io::Error::from))).check_problem(expect![[r#"
        400 urn:mysfits:problem:body-unreadable
        The body could not be read
        the body could not be read to its end
    "#]]);
}

#[test]
fn rejects_other_methods() {
    for method in ["GET", "PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
        let answer = ask(api(), request(method, "/recommendations", VALID));
        assert_eq!(answer.header(header::ALLOW), "POST", "{method}");
        answer.check_problem(expect![[r#"
            405 urn:mysfits:problem:method-not-allowed
            The method is not allowed here
            method not allowed; see the Allow header
        "#]]);
    }
    for path in ["/mysfits", "/mysfits/unknown", "/questionnaire", "/openapi.json", "/health"] {
        let answer = ask(api(), request("POST", path, VALID));
        assert_eq!((answer.status.as_u16(), answer.header(header::ALLOW)), (405, "GET,HEAD"), "{path}");
    }
}

#[test]
fn rejects_unknown_paths() {
    for path in
        ["/", "/recommendation", "/recommendations/", "//recommendations", "/Recommendations", "/mysfits/a/b"]
    {
        get(path).check_problem(expect![[r#"
            404 urn:mysfits:problem:not-found
            Not found
            not found; GET /openapi.json describes all paths
        "#]]);
    }
}
