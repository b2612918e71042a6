//! Models, and requests to a router.

use std::{fs, path::Path, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use http_body_util::BodyExt as _;
use local_sagemaker::hosting::hosting_router;
use mysfits_knn::{Dataset, Hyperparameters, Model};
use mysfits_sagemaker::{Endpoint, Endpoints, artifact::Artifact};
use ndarray::{Array1, Array2};
use serde_json::Map;
use tower::ServiceExt as _;

pub const ENDPOINT: &str = "knn-demo";

/// A model of 338 different samples with five features of 1 to 8.
pub fn model() -> Model {
    let features = Array2::from_shape_fn((338, 5), |(row, column)| {
        let digits = row * 97;
        (digits / 8_usize.pow(4 - column as u32) % 8 + 1) as f32
    });
    let labels = Array1::from_shape_fn(features.nrows(), |row| (row % 12) as f64);
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    Model::train(dataset, &Hyperparameters::classifier(5).check().unwrap()).unwrap()
}

/// A model of two features that predicts the same label for every sample.
pub fn always(label: f64) -> Model {
    let (features, labels) = (Array2::from(vec![[1.0, 2.0]]), Array1::from(vec![label]));
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    Model::train(dataset, &Hyperparameters::classifier(1).check().unwrap()).unwrap()
}

/// The router of a process that hosts [`model`].
pub fn router() -> Router {
    hosting_router(Endpoints::new([Endpoint::new(ENDPOINT, Arc::new(model())).unwrap()]))
}

/// The artifact of a model, as a file's bytes.
pub fn packed(model: Model) -> Vec<u8> {
    let mut bytes = Vec::new();
    Artifact { model, extra: Map::new() }.write(&mut bytes).unwrap();
    bytes
}

/// Replaces a file in one step.
pub fn replace(path: &Path, bytes: &[u8]) {
    let beside = path.with_extension("new");
    fs::write(&beside, bytes).unwrap();
    fs::rename(beside, path).unwrap();
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
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(send(router.clone(), request(method, path, headers, body.to_owned())))
}
