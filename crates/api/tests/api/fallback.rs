//! One backend behind another: who answers, how it is told, and when the first is left alone.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::http::header;
use mysfits_api::{
    Api, BoxFuture, Fallback, FallbackFrom, FallbackReason, RecommendError, Recommended, Recommender,
    TableBackend, backend_headers,
};
use mysfits_domain::{Entry, Recommendation, catalogue};

use crate::support::{ATLANTIS, Answer, VALID, ask, label, request};

/// The headers that pages of other origins may read.
const EXPOSED: &str = "x-mysfits-backend,x-mysfits-fallback,retry-after";

/// Counts how often it is asked, and does as the function says.
struct First {
    asked: Arc<AtomicU32>,
    answer: fn() -> Result<Recommendation, RecommendError>,
}

impl Recommender for First {
    fn name(&self) -> &'static str {
        "endpoint"
    }

    fn recommend(&self, _: Entry, _: bool) -> BoxFuture<'_, Result<Recommended, RecommendError>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { (self.answer)().map(|recommendation| Recommended::by("endpoint", recommendation)) })
    }
}

fn away() -> Result<Recommendation, RecommendError> {
    Err(RecommendError::Unavailable { retry_after: Duration::from_secs(1), cause: "secret 10.0.0.1".into() })
}

fn nonsense() -> Result<Recommendation, RecommendError> {
    Err(RecommendError::BadAnswer("secret 10.0.0.1".into()))
}

/// The first before a table that recommends Atlantis.
fn fallback(
    answer: fn() -> Result<Recommendation, RecommendError>,
) -> (Arc<AtomicU32>, Arc<dyn Recommender>) {
    let asked = Arc::new(AtomicU32::new(0));
    let first = First { asked: asked.clone(), answer };
    (asked, Arc::new(Fallback::new(first, TableBackend::from_rule(|_| label(8)))))
}

fn post_to(recommender: &Arc<dyn Recommender>) -> Answer {
    ask(Api::new(recommender.clone()).router(), request("POST", "/recommendations", VALID))
}

#[test]
fn who_answers_is_told_and_nothing_else() {
    let (_, there) =
        fallback(|| Ok(Recommendation { recommended_mysfit: catalogue()[0].id, explanation: None }));
    let answer = post_to(&there);
    assert_eq!(answer.ok()["recommendedMysfit"], catalogue()[0].id.as_str());
    assert_eq!(
        (answer.header(backend_headers::BACKEND), answer.header(backend_headers::FALLBACK)),
        ("endpoint", "")
    );
    assert_eq!(answer.header(header::ACCESS_CONTROL_EXPOSE_HEADERS), EXPOSED);
}

#[test]
fn an_answer_of_the_second_says_so() {
    for (fail, reason) in [(away as fn() -> _, "unavailable"), (nonsense, "bad-answer")] {
        let (_, recommender) = fallback(fail);
        let answer = post_to(&recommender);
        assert_eq!(answer.ok()["recommendedMysfit"], ATLANTIS);
        assert_eq!(answer.header(backend_headers::BACKEND), "embedded");
        assert_eq!(answer.header(backend_headers::FALLBACK), format!("endpoint; reason={reason}"));
        assert!(!format!("{answer:?}").contains("10.0.0.1"));
        let exposed = answer.header(header::ACCESS_CONTROL_EXPOSE_HEADERS);
        assert_eq!(exposed, EXPOSED);
    }
}

#[test]
fn an_endpoint_that_is_gone_is_left_alone_after_three_failures() {
    let (asked, recommender) = fallback(away);
    let reasons: Vec<_> =
        (0..5).map(|_| post_to(&recommender).header(backend_headers::FALLBACK).to_owned()).collect();
    let (unavailable, open) = ("endpoint; reason=unavailable", "endpoint; reason=circuit-open");
    assert_eq!(reasons, [unavailable, unavailable, unavailable, open, open]);
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

#[test]
fn an_endpoint_that_answers_nonsense_is_asked_each_time() {
    let (asked, recommender) = fallback(nonsense);
    for _ in 0..5 {
        assert_eq!(post_to(&recommender).header(backend_headers::FALLBACK), "endpoint; reason=bad-answer");
    }
    assert_eq!(asked.load(Ordering::Relaxed), 5);
}

#[test]
fn if_both_fail_the_caller_learns_of_the_second() {
    let first = First { asked: Arc::default(), answer: nonsense };
    let second = First { asked: Arc::default(), answer: away };
    let recommender: Arc<dyn Recommender> = Arc::new(Fallback::new(first, second));
    assert_eq!(post_to(&recommender).status, 503);
}

#[test]
fn the_mark_is_there_for_those_around_the_router() {
    let (_, recommender) = fallback(away);
    let response = crate::support::run(tower::ServiceExt::oneshot(
        Api::new(recommender).router(),
        request("POST", "/recommendations", VALID),
    ))
    .unwrap();
    let told = response.extensions().get::<Recommended>().unwrap();
    let from = FallbackFrom { backend: "endpoint", reason: FallbackReason::Unavailable };
    assert_eq!((told.backend, told.fallback), ("embedded", Some(from)));
}
