//! A model to ask, and a way to ask it over HTTP without a socket.

use std::{io, io::Read as _, io::Write as _, net::SocketAddr, net::TcpStream};

use axum::{
    Router,
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
    maximum_of(1)
}

/// The same for one neighbour; more are there to be told about.
pub fn maximum_of(k: usize) -> Model {
    let points: Vec<[f32; 2]> = (0..100).map(|i| [(i / 10) as f32, (i % 10) as f32]).collect();
    let labels: Array1<f64> = points.iter().map(|[a, b]| f64::from(a.max(*b))).collect();
    let features = Array2::from(points);
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    Model::train(dataset, &Hyperparameters::classifier(k).check().unwrap()).unwrap()
}

/// Answers with this label, whatever it is asked about two features.
pub fn always(label: f64) -> Model {
    let (features, labels) = (ndarray::array![[3.0, 4.0]], ndarray::array![label]);
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
    pub bytes: Vec<u8>,
    /// The bytes as text, as far as they are.
    pub body: String,
}

impl Answer {
    /// Returns the value of a header; empty if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A request, its length stated as every HTTP client states it.
pub fn request(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Vec<u8>>,
) -> Request<Body> {
    let body = body.into();
    let mut request = Request::builder().method(method).uri(path).header("content-length", body.len());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body)).unwrap()
}

pub fn ask(
    endpoints: Endpoints,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Vec<u8>>,
) -> Answer {
    ask_with(endpoints, request(method, path, headers, body))
}

pub fn ask_with(endpoints: Endpoints, request: Request<Body>) -> Answer {
    run(send(http::router(endpoints), request))
}

pub async fn send(router: Router, request: Request<Body>) -> Answer {
    let (head, body) = router.oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes().to_vec();
    let body = String::from_utf8_lossy(&bytes).into_owned();
    Answer { status: head.status, headers: head.headers, bytes, body }
}

pub fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Runs with a clock that jumps to the next timer when all tasks wait.
pub fn run_at_once<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.unwrap().block_on(future)
}

/// Sends a request over a socket, the body whole before anything is read, as many clients do; gives back the whole answer.
pub fn ask_over_socket(address: SocketAddr, head: &str, body: &[u8]) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(std::time::Duration::from_mins(1)))?;
    let length = body.len();
    write!(stream, "{head}\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n")?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// An error and all that it goes back to, as a program prints it.
pub fn causes(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {}", causes(source)))
}
