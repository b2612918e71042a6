//! MiniStack: its process, and requests to it.

mod logs;
mod process;
mod s3;

use axum::body::{Body, Bytes};
use hyper::{Method, Request, Response, StatusCode, body::Incoming, header::HeaderValue};
use mysfits_sagemaker::http::REGION;
use serde_json::{Value, json};

use crate::{
    http::{Http, HttpError},
    signature::Credentials,
};

pub use logs::LogStream;
pub use process::{EmulatorError, LOG, MiniStack};
pub(crate) use s3::elements;
pub use s3::{S3Error, S3Uri, S3UriError};

/// The header with which the proxies mark a viewer's request, which may have any host. Its value is a secret.
const EDGE: &str = "x-mysfits-edge";

/// A client of the emulator. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Emulator {
    http: Http,
    url: String,
    credentials: Credentials,
}

impl Emulator {
    /// Creates a client for the emulator at this URL, without a slash at the end, with the administrator's key.
    pub fn new(http: Http, url: impl Into<String>, credentials: Credentials) -> Self {
        Self { http, url: url.into(), credentials }
    }

    /// Returns its URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the access key.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Signs a request to one of its services, sends it and reads the response.
    pub(crate) async fn call(
        &self,
        service: &str,
        mut request: Request<Bytes>,
    ) -> Result<(StatusCode, Bytes), HttpError> {
        self.credentials.sign(&mut request, service, REGION);
        self.http.call(request.map(Body::from)).await
    }

    /// Returns why IAM does not let the holder of an access key do this to a resource; `None` if it does.
    pub(crate) async fn denial(
        &self,
        access_key_id: &str,
        action: &str,
        resource: &str,
    ) -> Result<Option<String>, HttpError> {
        let body = json!({ "accessKeyId": access_key_id, "action": action, "resource": resource });
        let mut request = Request::new(Bytes::from(body.to_string()));
        *request.method_mut() = Method::POST;
        let url = format!("{}/_ministack/mysfits/authorize", self.url);
        let unknown = |reason: String| Ok(Some(format!("IAM cannot be asked about {action}: {reason}")));
        match url.parse() {
            Ok(uri) => *request.uri_mut() = uri,
            Err(error) => return unknown(error.to_string()),
        }
        let (status, body) = self.call("iam", request).await?;
        match serde_json::from_slice::<Value>(&body) {
            Ok(answer) if status.is_success() => Ok(answer["denied"].as_str().map(str::to_owned)),
            _ => unknown(format!("{status} {}", String::from_utf8_lossy(&body))),
        }
    }

    /// Sends a viewer's request to a distribution or an API, which are public: without a signature.
    pub(crate) async fn view(&self, mut request: Request<Body>) -> Result<Response<Incoming>, HttpError> {
        if let Ok(secret) = HeaderValue::from_str(&self.credentials.derive("edge")) {
            request.headers_mut().insert(EDGE, secret);
        }
        self.http.send(request).await
    }
}
