//! The container's own routes: `/ping` and `/invocations`.

mod answers;
mod requests;
mod routes;

use expect_test::Expect;
use mysfits_sagemaker::http::{self, RouterOptions};

use crate::support::{Answer, ask, endpoints, request, run, send};

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
