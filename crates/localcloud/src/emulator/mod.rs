//! MiniStack: the process, and what is asked of it.

mod logs;
mod process;
mod s3;

use axum::body::{Body, Bytes};
use hyper::{Request, Response, StatusCode, body::Incoming, header::HeaderValue};
use mysfits_sagemaker::http::REGION;

use crate::{
    http::{Http, HttpError},
    signature::Credentials,
};

pub use logs::LogStream;
pub use process::{EmulatorError, LOG, MiniStack};
pub(crate) use s3::elements;
pub use s3::{S3Error, S3Uri, S3UriError};

/// The header by which the edges show that a request is a viewer's: its value is a secret, its host any.
const EDGE: &str = "x-mysfits-edge";

/// The emulator as its clients see it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Emulator {
    http: Http,
    url: String,
    credentials: Credentials,
}

impl Emulator {
    /// The emulator at this address, without a slash at the end, whose administrator's key this is.
    pub fn new(http: Http, url: impl Into<String>, credentials: Credentials) -> Self {
        Self { http, url: url.into(), credentials }
    }

    /// Where it answers.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the key with which it is called.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Signs a request to one of its services, sends it and reads the response.
    ///
    /// # Errors
    /// [`HttpError`] if there is no complete response.
    pub async fn call(
        &self,
        service: &str,
        mut request: Request<Bytes>,
    ) -> Result<(StatusCode, Bytes), HttpError> {
        self.credentials.sign(&mut request, service, REGION);
        self.http.call(request.map(Body::from)).await
    }

    /// Sends a viewer's request to a distribution or an API, which are public: without a signature.
    ///
    /// # Errors
    /// [`HttpError`] if there is no response.
    pub async fn view(&self, mut request: Request<Body>) -> Result<Response<Incoming>, HttpError> {
        if let Ok(secret) = HeaderValue::from_str(&self.credentials.derive("edge")) {
            request.headers_mut().insert(EDGE, secret);
        }
        self.http.send(request).await
    }
}
