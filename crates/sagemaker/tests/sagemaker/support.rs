//! A model to ask, and a way to ask it over HTTP without a socket.

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use http_body_util::BodyExt as _;
use mysfits_knn::{Dataset, Hyperparameters, Model};
use mysfits_sagemaker::{Endpoint, Endpoints, http};
use ndarray::{Array1, Array2};
use tower::ServiceExt as _;

/// Answers with the larger of two features, each from 0 to 9: what is expected of it can be told without it.
pub fn maximum() -> Model {
    let points: Vec<[f32; 2]> = (0..100).map(|i| [(i / 10) as f32, (i % 10) as f32]).collect();
    let labels: Array1<f32> = points.iter().map(|[a, b]| a.max(*b)).collect();
    let features = Array2::from(points);
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    Model::train(dataset, &Hyperparameters::classifier(1).check().unwrap()).unwrap()
}

pub const ENDPOINT: &str = "knn-ml-m4-xlarge-test";

pub fn endpoints() -> Endpoints {
    Endpoints::new([Endpoint::new(ENDPOINT, maximum()).unwrap()])
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// A header's value; empty, if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Sends a request, its length stated as every HTTP client states it.
pub fn ask(
    endpoints: Endpoints,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Vec<u8>>,
) -> Answer {
    let body = body.into();
    let mut request = Request::builder().method(method).uri(path).header("content-length", body.len());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    ask_with(endpoints, request.body(Body::from(body)).unwrap())
}

pub fn ask_with(endpoints: Endpoints, request: Request<Body>) -> Answer {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let (head, body) = http::router(endpoints).oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: head.status, headers: head.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    })
}

/// An error and all that it goes back to, as a program prints it.
pub fn causes(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {}", causes(source)))
}
