//! HTTP requests, and checks of every response.

use std::sync::{Arc, OnceLock};

use axum::{
    Router,
    body::{Body, Bytes},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header::CONTENT_TYPE,
};
use http_body_util::BodyExt as _;
use mysfits_api::{RecommendationApi, TableBackend};
use mysfits_domain::{Entry, catalogue};
use mysfits_sagemaker::{Endpoint, Endpoints};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

use crate::model::model;

/// Sends an HTTP request through the routes of the endpoint and of the API: any method, target, headers and body.
///
/// Returns false if no HTTP server would accept the input: such an input need not be kept in a corpus.
///
/// # Panics
/// If the response breaks a rule that holds for every input.
#[must_use]
pub fn http_request(input: &[u8]) -> bool {
    static ROUTES: OnceLock<Router> = OnceLock::new();
    let Some(request) = request(input) else { return false };
    send(ROUTES.get_or_init(routes), request);
    true
}

/// A response that was read to its end.
#[derive(Debug)]
pub struct ReadResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Returns the API over a backend whose recommendation depends on the entry.
pub fn api() -> Router {
    let rule = |entry: Entry| catalogue()[entry.index() % catalogue().len()].label;
    RecommendationApi::new(Arc::new(TableBackend::from_rule(rule))).router()
}

/// Returns the routes of the endpoint and of the API, merged as the server merges them.
fn routes() -> Router {
    let model = model(5).expect("there is a model of this width");
    let endpoint = Endpoint::new("knn", model.clone()).expect("a valid name");
    mysfits_sagemaker::http::router(Endpoints::new([endpoint])).merge(api())
}

/// Returns the runtime of all requests.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
    })
}

/// Sends a request and checks what must hold of every response.
pub fn send(router: &Router, request: Request<Body>) -> ReadResponse {
    let has_body = request.method() != Method::HEAD;
    let answer = runtime().block_on(async {
        let Ok(response) = router.clone().oneshot(request).await;
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("the body does not break off").to_bytes();
        ReadResponse { status: head.status, headers: head.headers, body }
    });
    check(&answer, has_body);
    answer
}

/// Hands an answer, as a response again, to what converts responses.
pub fn response<T, F: Future<Output = T>>(
    answer: ReadResponse,
    convert: impl FnOnce(Response<Body>) -> F,
) -> T {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    runtime().block_on(convert(response))
}

/// Checks that the server is not at fault, and that a body is what its content type says.
fn check(ReadResponse { status, headers, body }: &ReadResponse, has_body: bool) {
    // The documented 5xx (fault injection, a model that is away, overload) need what is not here.
    assert!(!status.is_server_error(), "{status} {headers:?} {body:?}");
    if !has_body {
        assert!(body.is_empty(), "{body:?}");
        return;
    }
    let content_type = headers.get(CONTENT_TYPE).map_or("", |value| value.to_str().expect("visible ASCII"));
    match content_type {
        "application/problem+json" => {
            let problem: serde_json::Value = serde_json::from_slice(body).expect("a problem is JSON");
            assert_eq!(problem["status"], status.as_u16());
            assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
        }
        "application/json" if status.is_client_error() => {
            serde_json::from_slice::<serde_json::Value>(body).expect("an error of the service is JSON");
        }
        _ => {}
    }
}

/// Reads a request from lines: method and target, headers, an empty line, the body. Returns `None` if no HTTP server would
/// accept it.
fn request(input: &[u8]) -> Option<Request<Body>> {
    let (first, mut rest) = split_line(input)?;
    let space = first.iter().position(|&byte| byte == b' ')?;
    let (method, target) = (&first[..space], &first[space + 1..]);
    let mut request = Request::new(Body::empty());
    *request.method_mut() = Method::from_bytes(method).ok()?;
    *request.uri_mut() = Uri::try_from(target).ok()?;
    while let Some((line, after)) = split_line(rest) {
        rest = after;
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|&byte| byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
        request.headers_mut().append(name, value);
    }
    *request.body_mut() = Body::from(rest.to_vec());
    Some(request)
}

/// Splits off the first line, without its end.
fn split_line(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = input.iter().position(|&byte| byte == b'\n')?;
    Some((&input[..end], &input[end + 1..]))
}
