//! An HTTP client for this machine.

use axum::body::{Body, Bytes};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::{Request, Response, StatusCode, body::Incoming};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

/// The largest response body that is read, in bytes; model artifacts and training data fit.
pub(super) const MAX_RESPONSE_BYTES: usize = 1 << 30;

/// An HTTP client. Cheap to clone: clones share connections.
#[derive(Debug, Clone)]
pub struct Http(Client<HttpConnector, Body>);

/// Why there is no complete response.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// There was no response.
    #[error("no response to {method} {uri}: {}", causes(.source))]
    Send {
        /// The request's method.
        method: String,
        /// The request's URI.
        uri: String,
        /// Why not.
        source: hyper_util::client::legacy::Error,
    },
    /// The response is incomplete or too long.
    #[error("cannot read the response to {method} {uri}: {reason}")]
    Body {
        /// The request's method.
        method: String,
        /// The request's URI.
        uri: String,
        /// Why not.
        reason: String,
    },
}

/// Returns an error with its causes, as one line. A client's own error says only that it cannot connect.
pub fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

impl Default for Http {
    fn default() -> Self {
        Self(Client::builder(TokioExecutor::new()).build_http())
    }
}

impl Http {
    /// Sends a request; the answer's body is still to come.
    ///
    /// # Errors
    /// [`HttpError::Send`] if there is no answer.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Incoming>, HttpError> {
        let (method, uri) = (request.method().to_string(), request.uri().to_string());
        self.0.request(request).await.map_err(|source| HttpError::Send { method, uri, source })
    }

    /// Sends a request and reads the answer.
    ///
    /// # Errors
    /// [`HttpError`] if there is no complete response. An error status is not an error.
    pub async fn call(&self, request: Request<Body>) -> Result<(StatusCode, Bytes), HttpError> {
        let (method, uri) = (request.method().to_string(), request.uri().to_string());
        let response = self.send(request).await?;
        let status = response.status();
        let body = read_body(response.into_body(), MAX_RESPONSE_BYTES).await;
        Ok((status, body.map_err(|reason| HttpError::Body { method, uri, reason })?))
    }
}

/// Reads a body of at most this length. The error says why it cannot be read.
pub(super) async fn read_body(body: Incoming, max_bytes: usize) -> Result<Bytes, String> {
    let collected = Limited::new(body, max_bytes).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            format!("it is longer than {max_bytes} bytes")
        } else {
            error.to_string()
        }
    });
    Ok(collected?.to_bytes())
}
