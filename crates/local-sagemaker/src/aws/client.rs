//! A client of AWS services that share one address, as in an emulator.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use hyper::{Request, Response, StatusCode, body::Incoming};
use mysfits_sagemaker::http::REGION;

use super::{
    http_client::{Http, HttpError},
    signature::Credentials,
};

/// A client of the services at one URL. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AwsClient {
    http: Http,
    url: String,
    credentials: Credentials,
    region: Arc<str>,
}

impl AwsClient {
    /// Creates a client for the services at this URL, without a slash at the end, with this access key, in us-east-1.
    pub fn new(http: Http, url: impl Into<String>, credentials: Credentials) -> Self {
        Self { http, url: url.into(), credentials, region: REGION.into() }
    }

    /// Signs for this region from now on.
    #[must_use]
    pub fn with_region(mut self, region: impl Into<Arc<str>>) -> Self {
        self.region = region.into();
        self
    }

    /// Returns the URL, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the access key.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Returns the HTTP client, which signs nothing.
    #[must_use]
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// Signs a request to a service, sends it and reads the response.
    ///
    /// # Errors
    /// [`HttpError`] if there is no complete response. An error status is not an error.
    pub async fn call(
        &self,
        service: &str,
        mut request: Request<Bytes>,
    ) -> Result<(StatusCode, Bytes), HttpError> {
        self.credentials.sign(&mut request, service, &self.region);
        self.http.call(request.map(Body::from)).await
    }

    /// Signs a request to a service and sends it; the response's body is still to come.
    ///
    /// # Errors
    /// [`HttpError::Send`] if there is no response. An error status is not an error.
    pub async fn send(
        &self,
        service: &str,
        mut request: Request<Bytes>,
    ) -> Result<Response<Incoming>, HttpError> {
        self.credentials.sign(&mut request, service, &self.region);
        self.http.send(request.map(Body::from)).await
    }
}
