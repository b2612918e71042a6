//! A container at a URL.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use hyper::{Method, Request, Response, Uri, header};
use mysfits_sagemaker::{BoxFuture, Container, ContainerError};

use crate::aws::http_client::{Http, HttpError, causes};

/// The time for a response to `/ping`, as in SageMaker.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// A server with `/ping` and `/invocations` at a URL, over HTTP without TLS.
#[derive(Debug, Clone)]
pub struct HttpContainer {
    http: Http,
    /// Without a slash at the end.
    url: String,
}

/// An invalid URL of a container.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid URL of a container: {0:?} (expected http://HOST:PORT, without a query)")]
pub struct ContainerUrlError(String);

impl HttpContainer {
    /// Creates a client for the server at a URL such as `http://127.0.0.1:9000`; a path is put before `/ping` and
    /// `/invocations`. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ContainerUrlError`] if it is not such a URL.
    pub fn new(url: &str) -> Result<Self, ContainerUrlError> {
        let invalid = || ContainerUrlError(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| invalid())?;
        if uri.scheme_str() != Some("http") || uri.host().is_none_or(str::is_empty) || uri.query().is_some() {
            return Err(invalid());
        }
        Ok(Self { http: Http::default(), url: url.trim_end_matches('/').to_owned() })
    }

    async fn send(&self, mut request: Request<Bytes>) -> Result<Response<Body>, ContainerError> {
        let uri = format!("{}{}", self.url, request.uri().path());
        *request.uri_mut() = uri.parse().map_err(|_| ContainerError::Unreachable(uri))?;
        match self.http.send(request.map(Body::from)).await {
            Ok(response) => Ok(response.map(Body::new)),
            Err(HttpError::Send { source, .. }) if source.is_connect() => {
                Err(ContainerError::Unreachable(causes(&source)))
            }
            Err(error) => Err(ContainerError::Broken(error.to_string())),
        }
    }
}

impl Container for HttpContainer {
    fn invoke(&self, mut request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, ContainerError>> {
        // The length is known: servers without chunked requests understand it too.
        let length = request.body().len();
        request.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        Box::pin(self.send(request))
    }

    fn is_healthy(&self) -> BoxFuture<'_, bool> {
        Box::pin(async {
            let mut request = Request::new(Bytes::new());
            *request.method_mut() = Method::GET;
            *request.uri_mut() = Uri::from_static("/ping");
            let response = tokio::time::timeout(PING_TIMEOUT, self.send(request)).await;
            matches!(response, Ok(Ok(response)) if response.status() == 200)
        })
    }
}
