//! A backend with a fallback: response headers, and the circuit breaker.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::http::header;
use mysfits_api::{
    BoxFuture, Fallback, FallbackFrom, FallbackReason, RecommendError, RecommendationApi, Recommended,
    Recommender, TableBackend, backend_headers,
};
use mysfits_domain::{Entry, Recommendation, catalogue};

use crate::support::{ATLANTIS, Answer, VALID, ask, label, request};

/// The headers that pages of other origins may read.
const EXPOSED: &str = "x-mysfits-backend,x-mysfits-fallback,retry-after";

/// Counts the calls, and responds with the function's result.
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

/// Returns a primary with a fallback that recommends Atlantis.
fn fallback(
    answer: fn() -> Result<Recommendation, RecommendError>,
) -> (Arc<AtomicU32>, Arc<dyn Recommender>) {
    let asked = Arc::new(AtomicU32::new(0));
    let first = First { asked: asked.clone(), answer };
    (asked, Arc::new(Fallback::new(first, TableBackend::from_rule(|_| label(8)))))
}

fn post_to(recommender: &Arc<dyn Recommender>) -> Answer {
    ask(RecommendationApi::new(recommender.clone()).router(), request("POST", "/recommendations", VALID))
}

#[test]
fn the_response_names_the_backend_only() {
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
fn the_response_names_the_failed_backend_and_the_reason() {
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
fn the_circuit_opens_after_three_failures() {
    let (asked, recommender) = fallback(away);
    let reasons: Vec<_> =
        (0..5).map(|_| post_to(&recommender).header(backend_headers::FALLBACK).to_owned()).collect();
    let (unavailable, open) = ("endpoint; reason=unavailable", "endpoint; reason=circuit-open");
    assert_eq!(reasons, [unavailable, unavailable, unavailable, open, open]);
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

#[test]
fn invalid_answers_do_not_open_the_circuit() {
    let (asked, recommender) = fallback(nonsense);
    for _ in 0..5 {
        assert_eq!(post_to(&recommender).header(backend_headers::FALLBACK), "endpoint; reason=bad-answer");
    }
    assert_eq!(asked.load(Ordering::Relaxed), 5);
}

#[test]
fn if_both_fail_the_error_is_the_secondarys() {
    let first = First { asked: Arc::default(), answer: nonsense };
    let second = First { asked: Arc::default(), answer: away };
    let recommender: Arc<dyn Recommender> = Arc::new(Fallback::new(first, second));
    assert_eq!(post_to(&recommender).status, 503);
}

#[test]
fn the_recommendation_is_a_response_extension() {
    let (_, recommender) = fallback(away);
    let response = crate::support::run(tower::ServiceExt::oneshot(
        RecommendationApi::new(recommender).router(),
        request("POST", "/recommendations", VALID),
    ))
    .unwrap();
    let told = response.extensions().get::<Recommended>().unwrap();
    let from = FallbackFrom { backend: "endpoint", reason: FallbackReason::Unavailable };
    assert_eq!((told.backend, told.fallback), ("embedded", Some(from)));
}
