//! `SageMakerBackend`: against a local endpoint with injected faults, and against a port without a
//! listener.

use std::{sync::Arc, time::Duration};

use mysfits_api::{
    Credentials, Fallback, ModelBackend, RecommendationApi, Recommender, RootCertificates, SageMakerBackend,
    SageMakerSettings, TableBackend, Timeouts, backend_headers,
};
use mysfits_domain::{Entry, Recommendation};
use mysfits_knn::Model;
use mysfits_sagemaker::{
    LocalEndpoint,
    faults::{Faults, Rate},
};

use crate::support::{Answer, VALID, ask_on, label, random_model, request};

const NAME: &str = "knn-mysfits";

fn settings(url: &str) -> SageMakerSettings {
    SageMakerSettings {
        name: NAME.to_owned(),
        region: "us-east-1".to_owned(),
        url: Some(url.to_owned()),
        credentials: Credentials::new("id", "secret", None, None, "test"),
        roots: RootCertificates::amazon(),
        timeouts: Timeouts::STANDALONE,
    }
}

fn local(model: &Arc<Model>) -> LocalEndpoint {
    LocalEndpoint::start(NAME, model.clone()).unwrap()
}

fn post_to(recommender: Arc<dyn Recommender>, body: &str) -> Answer {
    // The SDK needs timers and sockets.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    ask_on(
        &runtime,
        RecommendationApi::new(recommender).router(),
        request("POST", "/recommendations", body.to_owned()),
    )
}

fn post_with(faults: Faults, body: &str) -> Answer {
    let local = local(random_model(50, 5).knn());
    local.endpoint().set_faults(faults);
    post_to(Arc::new(SageMakerBackend::new(settings(local.url()))), body)
}

#[test]
fn all_backends_explain_in_the_same_way() {
    for k in [1, 7, 50] {
        let model = random_model(2000, k);
        let local = local(model.knn());
        let backends: [(&str, Arc<dyn Recommender>); 3] = [
            ("model", Arc::new(ModelBackend::new(model.clone()))),
            ("embedded", Arc::new(TableBackend::from_model(model))),
            ("endpoint", Arc::new(SageMakerBackend::new(settings(local.url())))),
        ];
        for index in (0..Entry::COUNT).step_by(4001) {
            let answers = Entry::from_index(index).unwrap().answers().map(mysfits_domain::Answer::get);
            let body = format!(r#"{{"entry": {answers:?}, "explain": true}}"#);
            let recommendations = backends.each_ref().map(|(name, backend)| {
                let answer = post_to(backend.clone(), &body).ok();
                let mut recommendation: Recommendation = serde_json::from_value(answer).unwrap();
                let explanation = recommendation.explanation.as_mut().unwrap();
                assert_eq!(std::mem::take(&mut explanation.backend), *name);
                recommendation
            });
            let [expected, others @ ..] = recommendations;
            assert!(others.iter().all(|other| *other == expected), "{body}: {expected:?}, {others:?}");
        }
    }
}

#[test]
fn the_response_names_the_endpoint_and_has_no_explanation() {
    let answer = post_with(Faults::NONE, VALID);
    assert_eq!(answer.header(backend_headers::BACKEND), "endpoint");
    assert_eq!(answer.ok().as_object().unwrap().len(), 1);
}

#[test]
fn retries_temporary_errors() {
    // Every second request fails, the second one first: ask twice.
    let half = Rate::new(0.5).unwrap();
    for faults in [
        Faults { throttling: half, ..Faults::NONE },
        Faults { unavailable: half, ..Faults::NONE },
        Faults { not_ready: half, ..Faults::NONE },
    ] {
        let local = local(random_model(50, 5).knn());
        local.endpoint().set_faults(faults);
        let endpoint = Arc::new(SageMakerBackend::new(settings(local.url())));
        for _ in 0..2 {
            assert_eq!(post_to(endpoint.clone(), VALID).status, 200, "{faults}");
        }
    }
}

#[test]
fn persistent_errors_are_503_without_their_cause() {
    for (faults, retry_after) in [
        (Faults { throttling: Rate::ALWAYS, ..Faults::NONE }, "2"),
        (Faults { unavailable: Rate::ALWAYS, ..Faults::NONE }, "2"),
        (Faults { not_ready: Rate::ALWAYS, ..Faults::NONE }, "10"),
        (Faults { model_error: Rate::ALWAYS, ..Faults::NONE }, "2"),
    ] {
        let answer = post_with(faults, VALID);
        assert_eq!(answer.status, 503, "{faults}");
        assert_eq!(answer.header(axum::http::header::RETRY_AFTER), retry_after, "{faults}");
        let body = String::from_utf8_lossy(&answer.body).to_lowercase();
        assert!(!body.contains("sagemaker") && !body.contains("127.0.0.1") && !body.contains(NAME), "{body}");
    }
}

#[test]
fn a_missing_endpoint_is_unavailable() {
    let local = local(random_model(50, 5).knn());
    let settings = SageMakerSettings { name: "knn-deleted".to_owned(), ..settings(local.url()) };
    assert_eq!(post_to(Arc::new(SageMakerBackend::new(settings)), VALID).status, 503);
}

#[test]
fn a_slow_endpoint_times_out() {
    let local = local(random_model(50, 5).knn());
    local.endpoint().set_faults(Faults { latency: Duration::from_secs(30), ..Faults::NONE });
    let timeouts = Timeouts {
        connect: Duration::from_millis(50),
        attempt: Duration::from_millis(100),
        operation: Duration::from_millis(400),
        attempts: 3,
    };
    let endpoint = SageMakerBackend::new(SageMakerSettings { timeouts, ..settings(local.url()) });
    let begun = std::time::Instant::now();
    let fallback = Fallback::new(endpoint.clone(), TableBackend::from_rule(|_| label(8)));
    assert_eq!(
        post_to(Arc::new(fallback), VALID).header(backend_headers::FALLBACK),
        "endpoint; reason=unavailable"
    );
    assert_eq!(post_to(Arc::new(endpoint), VALID).status, 503);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn an_unreachable_endpoint_is_503_or_falls_back() {
    // The port of "discard": it has no listener, and the system assigns it to no test.
    let endpoint = || SageMakerBackend::new(settings("http://127.0.0.1:9"));
    assert_eq!(post_to(Arc::new(endpoint()), VALID).status, 503);
    let answer = post_to(Arc::new(Fallback::new(endpoint(), TableBackend::from_rule(|_| label(8)))), VALID);
    assert_eq!((answer.status.as_u16(), answer.header(backend_headers::BACKEND)), (200, "embedded"));
    assert_eq!(answer.header(backend_headers::FALLBACK), "endpoint; reason=unavailable");
}

#[test]
fn an_invalid_answer_is_500() {
    // A model with a label that no mysfit has.
    let features = ndarray::Array2::<f32>::ones((1, 5));
    let labels = ndarray::array![99.0_f64];
    let dataset = mysfits_knn::Dataset::new(features.view(), labels.view()).unwrap();
    let parameters = mysfits_knn::Hyperparameters::classifier(1).check().unwrap();
    let local = local(&Arc::new(Model::train(dataset, &parameters).unwrap()));
    assert_eq!(post_to(Arc::new(SageMakerBackend::new(settings(local.url()))), VALID).status, 500);
}
