//! Routers, models, requests and responses.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderName, Request, StatusCode},
};
use bytes::Bytes;
use expect_test::Expect;
use http_body_util::BodyExt as _;
use mysfits_api::{RecommendationApi, Recommender, TableBackend};
use mysfits_domain::{Entry, Label, MYSFIT_COUNT, QUESTION_COUNT};
use mysfits_knn::{Dataset, Hyperparameters, Model};
use mysfits_model::RecommendationModel;
use ndarray::{Array1, Array2};
use serde_json::Value;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

pub const ATLANTIS: &str = "c0684344-1eb7-40e7-b334-06d25ac9268c";
pub const VALID: &str = r#"{"entry": [1,2,3,4,5]}"#;

/// Returns the API over a backend.
pub fn router(recommender: impl Recommender) -> Router {
    RecommendationApi::new(Arc::new(recommender)).router()
}

/// Returns an API that always recommends Atlantis.
pub fn api() -> Router {
    router(TableBackend::from_rule(|_| label(8)))
}

pub fn label(label: u8) -> Label {
    Label::try_from(label).unwrap()
}

/// Numbers that look random and are the same everywhere.
pub fn numbers(seed: u64) -> impl Iterator<Item = u64> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    })
}

/// Returns a model of `n_samples` random entries with random labels.
pub fn random_model(n_samples: usize, k: usize) -> RecommendationModel {
    let draw = |seed, below: usize| numbers(seed).map(move |number| number as usize % below);
    let entries = draw(1, Entry::COUNT).map(|index| Entry::from_index(index).unwrap());
    let features: Vec<f32> = entries.take(n_samples).flat_map(|entry| entry.features()).collect();
    let features = Array2::from_shape_vec((n_samples, QUESTION_COUNT), features).unwrap();
    let labels: Array1<f64> = draw(2, MYSFIT_COUNT).map(|label| label as f64).take(n_samples).collect();
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    let model = Model::train(dataset, &Hyperparameters::classifier(k).check().unwrap()).unwrap();
    RecommendationModel::new(Arc::new(model)).unwrap()
}

pub fn request(method: &str, path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::builder().method(method).uri(path).body(body.into()).unwrap()
}

pub fn get(path: &str) -> Answer {
    ask(api(), request("GET", path, ""))
}

/// Asks for a recommendation.
pub fn post(body: impl Into<Body>) -> Answer {
    ask(api(), request("POST", "/recommendations", body))
}

/// Asks, and checks what holds for every answer: a page on any origin may read it.
#[track_caller]
pub fn ask(router: Router, request: Request<Body>) -> Answer {
    ask_on(&tokio::runtime::Builder::new_current_thread().build().unwrap(), router, request)
}

/// The same, on a runtime that has what the backend needs.
#[track_caller]
pub fn ask_on(runtime: &Runtime, router: Router, request: Request<Body>) -> Answer {
    let answer = runtime.block_on(async {
        let (head, body) = router.oneshot(request).await.unwrap().into_parts();
        Answer { status: head.status, headers: head.headers, body: body.collect().await.unwrap().to_bytes() }
    });
    let origins: Vec<_> = answer.headers.get_all("access-control-allow-origin").iter().collect();
    assert_eq!(origins, ["*"], "{answer:?}");
    answer
}

pub fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn header(&self, name: impl Into<HeaderName>) -> &str {
        self.headers.get(name.into()).map_or("", |value| value.to_str().unwrap())
    }

    pub fn content_type(&self) -> &str {
        self.header(axum::http::header::CONTENT_TYPE)
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body of an answer with status 200.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert_eq!((self.status.as_u16(), self.content_type()), (200, "application/json"), "{self:?}");
        self.json()
    }

    /// Checks that the answer is a problem document and nothing but, and what it says.
    #[track_caller]
    pub fn check_problem(&self, expected: Expect) {
        expected.assert_eq(&self.problem());
    }

    /// What the answer says, which must be a problem document and nothing but.
    #[track_caller]
    pub fn problem(&self) -> String {
        assert_eq!(self.content_type(), "application/problem+json", "{self:?}");
        let document = self.json();
        let members: BTreeSet<_> = document.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, BTreeSet::from(["type", "title", "status", "detail"]), "{document}");
        assert_eq!(document["status"], self.status.as_u16(), "{document}");
        let text = |member: &str| document[member].as_str().unwrap().to_owned();
        let (kind, title, detail) = (text("type"), text("title"), text("detail"));
        format!("{} {kind}\n{title}\n{detail}\n", self.status.as_u16())
    }
}
