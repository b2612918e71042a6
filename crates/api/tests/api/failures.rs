//! Backends that are unavailable, respond with invalid answers, or panic.

use std::time::Duration;

use axum::http::header;
use expect_test::expect;
use mysfits_api::{BoxFuture, RecommendError, Recommended, Recommender};
use mysfits_domain::Entry;

use crate::support::{Answer, VALID, ask, request, router};

/// The text of an error that clients must not see.
const SECRET: &str = "connection refused (10.0.3.7:8080)";

/// Fails with the function's error.
struct Failing<F>(F);

impl<F: Fn() -> RecommendError + Send + Sync + 'static> Recommender for Failing<F> {
    fn name(&self) -> &'static str {
        "failing"
    }

    fn recommend(&self, _: Entry, _: bool) -> BoxFuture<'_, Result<Recommended, RecommendError>> {
        Box::pin(async { Err(self.0()) })
    }
}

/// Panics before there is a future.
struct PanicsAtOnce;

impl Recommender for PanicsAtOnce {
    fn name(&self) -> &'static str {
        "panics"
    }

    fn recommend(&self, _: Entry, _: bool) -> BoxFuture<'_, Result<Recommended, RecommendError>> {
        panic!("{SECRET}")
    }
}

#[track_caller]
fn post_to(recommender: impl Recommender) -> Answer {
    let answer = ask(router(recommender), request("POST", "/recommendations", VALID));
    let body = String::from_utf8_lossy(&answer.body);
    assert!(!body.contains("10.0.3.7") && !body.contains("refused"), "{body}");
    answer
}

fn unavailable(retry_after: Duration) -> impl Recommender {
    Failing(move || RecommendError::Unavailable { retry_after, cause: SECRET.into() })
}

#[test]
fn an_unavailable_backend_is_503_with_retry_after() {
    let answer = post_to(unavailable(Duration::from_secs(7)));
    assert_eq!(answer.header(header::RETRY_AFTER), "7");
    answer.check_problem(expect![[r#"
        503 urn:mysfits:problem:unavailable
        The service is not available
        the recommendation service is temporarily unavailable; try again in 7 s
    "#]]);
}

#[test]
fn retry_after_is_at_least_a_second() {
    assert_eq!(post_to(unavailable(Duration::from_millis(20))).header(header::RETRY_AFTER), "1");
}

#[test]
fn an_invalid_answer_is_500_without_its_cause() {
    let answer = post_to(Failing(|| RecommendError::BadAnswer(SECRET.into())));
    assert_eq!(answer.header(header::RETRY_AFTER), "");
    answer.check_problem(expect![[r#"
        500 urn:mysfits:problem:internal
        Internal error
        internal error; see the log of the service
    "#]]);
}

#[test]
fn a_panic_is_500_and_readable_from_any_origin() {
    let panics_later = Failing(|| -> RecommendError { panic!("{SECRET}") });
    for answer in [post_to(PanicsAtOnce), post_to(panics_later)] {
        answer.check_problem(expect![[r#"
            500 urn:mysfits:problem:internal
            Internal error
            internal error; see the log of the service
        "#]]);
    }
}

#[test]
fn other_routes_do_not_use_the_backend() {
    for path in ["/mysfits", "/questionnaire", "/health", "/openapi.json"] {
        assert_eq!(ask(router(PanicsAtOnce), request("GET", path, "")).status, 200, "{path}");
    }
}
