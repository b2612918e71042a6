//! An app to ask, and a way to ask it.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use http_body_util::BodyExt as _;
use mysfits_api::TableBackend;
use mysfits_domain::{Entry, Label, MYSFIT_COUNT, QUESTION_COUNT};
use mysfits_knn::{Dataset, Hyperparameters, Model};
use mysfits_sagemaker::{Endpoint, Endpoints};
use mysfits_server::app::App;
use ndarray::{Array1, Array2};
use tower::ServiceExt as _;

pub const VALID: &str = r#"{"entry": [1,2,3,4,5]}"#;
pub const ENDPOINT: &str = "knn-demo";

/// A model of every 97th entry, labels in turn.
pub fn model() -> Model {
    let entries: Vec<Entry> = Entry::all().step_by(97).collect();
    let features: Vec<f32> = entries.iter().flat_map(Entry::features).collect();
    let features = Array2::from_shape_vec((entries.len(), QUESTION_COUNT), features).unwrap();
    let labels = Array1::from_shape_fn(entries.len(), |row| (row % MYSFIT_COUNT) as f64);
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    Model::train(dataset, &Hyperparameters::classifier(5).check().unwrap()).unwrap()
}

/// An app without a site that always recommends Atlantis.
pub fn app() -> App {
    let atlantis = Label::try_from(8).unwrap();
    App {
        recommender: Arc::new(TableBackend::from_rule(|_| atlantis)),
        endpoints: endpoints(),
        site: None,
        dev_services: None,
        feedback: None,
    }
}

pub fn endpoints() -> Endpoints {
    Endpoints::new([Endpoint::new(ENDPOINT, Arc::new(model())).unwrap()])
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// A header's value, or an empty text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Request<Body> {
    let request =
        headers.iter().fold(Request::builder().method(method).uri(path), |request, (name, value)| {
            request.header(*name, *value)
        });
    request.body(body.into()).unwrap()
}

pub async fn send(router: Router, request: Request<Body>) -> Answer {
    let (head, body) = router.oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer { status: head.status, headers: head.headers, body }
}

pub fn ask(router: &Router, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    run(send(router.clone(), request(method, path, headers, body.to_owned())))
}

pub fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
