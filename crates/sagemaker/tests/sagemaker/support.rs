//! A model to ask, and a way to ask it over HTTP without a socket.

use std::{
    collections::BTreeMap,
    io,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderValue, Request, StatusCode},
};
use axum::{body::Bytes, http::Response};
use http_body_util::BodyExt as _;
use mysfits_knn::{Dataset, Hyperparameters, Model};
use mysfits_sagemaker::{
    BoxFuture, Container, ContainerError, Endpoint, EndpointDeployment, Endpoints, ObjectError, ObjectStore,
    StoredObject, Variant, VariantBackend, http,
};
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
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
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

/// The router of an endpoint with these variants.
pub fn router_of(variants: Vec<Variant>) -> Router {
    router_for(EndpointDeployment::new(variants).unwrap())
}

pub fn router_for(deployment: EndpointDeployment) -> Router {
    http::router(Endpoints::new([Endpoint::with_deployment(ENDPOINT, deployment).unwrap()]))
}

/// Objects in memory.
#[derive(Debug, Default)]
pub struct MemoryStore(pub Mutex<BTreeMap<String, Bytes>>);

impl MemoryStore {
    pub fn insert(&self, uri: &str, body: impl Into<Bytes>) {
        self.0.lock().unwrap().insert(uri.to_owned(), body.into());
    }

    /// Waits for an object whose URI begins like this.
    pub async fn wait_for(&self, prefix: &str) -> (String, String) {
        for _ in 0..10_000 {
            let found = self
                .0
                .lock()
                .unwrap()
                .iter()
                .find(|(uri, _)| uri.starts_with(prefix))
                .map(|(uri, body)| (uri.clone(), String::from_utf8(body.to_vec()).unwrap()));
            match found {
                Some(found) => return found,
                None => tokio::time::sleep(Duration::from_millis(1)).await,
            }
        }
        panic!("there is no object {prefix}")
    }
}

impl ObjectStore for MemoryStore {
    fn get<'a>(&'a self, uri: &'a str, _: usize) -> BoxFuture<'a, Result<StoredObject, ObjectError>> {
        let found = self.0.lock().unwrap().get(uri).cloned();
        let content_type = (uri == "s3://in/x.csv").then(|| HeaderValue::from_static("text/csv"));
        let found = found.map(|body| StoredObject { body, content_type });
        Box::pin(async move { found.ok_or_else(|| ObjectError::NotFound(uri.to_owned())) })
    }

    fn put<'a>(&'a self, uri: &'a str, body: Bytes) -> BoxFuture<'a, Result<(), ObjectError>> {
        self.insert(uri, body);
        Box::pin(async { Ok(()) })
    }
}

/// A container that is a function.
pub struct FakeContainer<F>(pub F);

impl<F> std::fmt::Debug for FakeContainer<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FakeContainer")
    }
}

impl<F> Container for FakeContainer<F>
where
    F: Fn(Request<Bytes>) -> Result<Response<Body>, ContainerError> + Send + Sync,
{
    fn invoke(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, ContainerError>> {
        let response = (self.0)(request);
        Box::pin(async { response })
    }

    fn is_healthy(&self) -> BoxFuture<'_, bool> {
        Box::pin(async { true })
    }
}

/// A variant that is served by a function.
pub fn container(
    respond: impl Fn(Request<Bytes>) -> Result<Response<Body>, ContainerError> + Send + Sync + 'static,
) -> Variant {
    Variant::new("AllTraffic", VariantBackend::Container(Arc::new(FakeContainer(respond)))).unwrap()
}
