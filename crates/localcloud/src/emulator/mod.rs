//! MiniStack: its process, and requests to it.

mod process;

use axum::body::{Body, Bytes};
use hyper::{Method, Request, Response, body::Incoming, header::HeaderValue};
use local_sagemaker::aws::{
    client::AwsClient,
    http_client::{Http, HttpError},
    signature::Credentials,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

pub use process::{CALLS, EmulatorError, LOG, MiniStack};

/// The header with which the proxies mark a viewer's request, which may have any host. Its value is a secret.
const EDGE: &str = "x-mysfits-edge";

/// A permission that a request needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct NeededPermission {
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) region: String,
    /// The values of condition keys.
    pub(crate) context: Map<String, Value>,
}

/// A client of the emulator. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Emulator(AwsClient);

impl Emulator {
    /// Creates a client for the emulator at this URL, without a slash at the end, with the administrator's key.
    pub fn new(http: Http, url: impl Into<String>, credentials: Credentials) -> Self {
        Self(AwsClient::new(http, url, credentials))
    }

    /// Returns its URL.
    #[must_use]
    pub fn url(&self) -> &str {
        self.0.url()
    }

    /// Returns the access key.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        self.0.credentials()
    }

    /// Returns the client of its services.
    #[must_use]
    pub fn client(&self) -> &AwsClient {
        &self.0
    }

    /// Returns why IAM does not give the holder of an access key a permission; `None` if it does.
    pub(crate) async fn denial(
        &self,
        access_key_id: &str,
        permission: &NeededPermission,
    ) -> Result<Option<String>, HttpError> {
        let mut body = json!(permission);
        body["accessKeyId"] = access_key_id.into();
        let mut request = Request::new(Bytes::from(body.to_string()));
        *request.method_mut() = Method::POST;
        let url = format!("{}/_ministack/mysfits/authorize", self.url());
        let unknown =
            |reason: String| Ok(Some(format!("IAM cannot be asked about {}: {reason}", permission.action)));
        match url.parse() {
            Ok(uri) => *request.uri_mut() = uri,
            Err(error) => return unknown(error.to_string()),
        }
        let (status, body) = self.0.call("iam", request).await?;
        match serde_json::from_slice::<Value>(&body) {
            Ok(answer) if status.is_success() => Ok(answer["denied"].as_str().map(str::to_owned)),
            _ => unknown(format!("{status} {}", String::from_utf8_lossy(&body))),
        }
    }

    /// Sends a viewer's request to a distribution or an API, which are public: without a signature.
    pub(crate) async fn view(&self, mut request: Request<Body>) -> Result<Response<Incoming>, HttpError> {
        if let Ok(secret) = HeaderValue::from_str(&self.credentials().derive("edge")) {
            request.headers_mut().insert(EDGE, secret);
        }
        self.0.http().send(request).await
    }
}
