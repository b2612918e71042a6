//! A small signed client for services of which only a few operations are needed: their SDKs take longer to compile than
//! the rest of this workspace.
//!
//! Requests are signed with signature version 4. Throttling, server errors and connection errors are retried with growing
//! pauses. Endpoint URLs come from the environment and the profile, as in the SDKs.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use aws_smithy_http_client::{
    Connector,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_types::body::SdkBody;
use aws_types::{SdkConfig, service_config::ServiceConfigKey};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri, header};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::error::AwsError;

/// The number of attempts.
const MAX_ATTEMPTS: u32 = 5;
/// The pause after the first failure; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const READ_TIMEOUT: Duration = Duration::from_mins(1);

/// An AWS service.
#[derive(Debug, Clone, Copy)]
pub struct AwsService {
    /// Its id in the SDKs: the name in a profile's `services` section and, in capitals, in `AWS_ENDPOINT_URL_<ID>`.
    pub id: &'static str,
    /// Its name in signatures.
    pub signing_name: &'static str,
    /// The first labels of its host name.
    pub host: &'static str,
    /// The prefix of an operation in `X-Amz-Target`; empty for services with another protocol.
    pub target: &'static str,
    /// Its only region, if the service is global.
    pub only_region: Option<&'static str>,
}

/// A response: status, type of error, and body.
#[derive(Debug, Clone)]
pub struct AwsResponse {
    /// The HTTP status.
    pub status: u16,
    /// The error's code, where a service names it in a header (Lambda, API Gateway).
    pub error_type: Option<String>,
    /// The address to continue at.
    pub location: Option<String>,
    /// The whole body.
    pub body: Bytes,
}

/// A request before it is signed.
#[derive(Debug, Clone)]
pub struct ServiceRequest<'a> {
    /// The operation, for errors.
    pub operation: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// Path and query.
    pub path: &'a str,
    /// Headers except those of the signature.
    pub headers: Vec<(HeaderName, String)>,
    /// The body.
    pub body: Bytes,
}

/// Sends signed requests, and unsigned ones to public addresses.
#[derive(Debug, Clone)]
pub struct SignedClient {
    connector: Arc<Connector>,
    config: SdkConfig,
    credentials: Option<SharedCredentialsProvider>,
    region: String,
    suffix: &'static str,
}

impl SignedClient {
    /// Returns a client with the configuration's credentials and endpoint URLs.
    #[must_use]
    pub(crate) fn new(config: &SdkConfig, region: &str, suffix: &'static str) -> Self {
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .build();
        let connector = Connector::builder()
            .connector_settings(settings)
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build();
        Self {
            connector: Arc::new(connector),
            credentials: config.credentials_provider(),
            config: config.clone(),
            region: region.to_owned(),
            suffix,
        }
    }

    /// Returns a copy of the client for another region.
    #[must_use]
    pub(crate) fn in_region(&self, region: &str) -> Self {
        Self { region: region.to_owned(), ..self.clone() }
    }

    /// Sends a request to a service with the protocol AWS JSON 1.1.
    ///
    /// # Errors
    /// The service's error, a missing response, or one that cannot be parsed.
    pub async fn json<I: Serialize, O: DeserializeOwned>(
        &self,
        service: AwsService,
        operation: &'static str,
        input: &I,
    ) -> Result<O, AwsError> {
        let wrong = |problem: serde_json::Error| failed(service, operation, format!("unreadable: {problem}"));
        let call = ServiceRequest {
            operation,
            method: Method::POST,
            path: "/",
            headers: vec![
                (header::CONTENT_TYPE, "application/x-amz-json-1.1".to_owned()),
                (HeaderName::from_static("x-amz-target"), format!("{}.{operation}", service.target)),
            ],
            body: serde_json::to_vec(input).map_err(wrong)?.into(),
        };
        let body = self.send(service, call).await?;
        // Operations without output send an empty body.
        serde_json::from_slice(if body.is_empty() { b"{}" } else { &body }).map_err(wrong)
    }

    /// Returns the items of all pages of a list, by the protocol AWS JSON 1.1. `members` are the names of the list in
    /// responses, and of the next page's token in requests and responses.
    pub(crate) async fn json_list<T: DeserializeOwned>(
        &self,
        service: AwsService,
        operation: &'static str,
        mut input: Value,
        [list, token]: [&str; 2],
    ) -> Result<Vec<T>, AwsError> {
        let mut found = Vec::new();
        loop {
            let mut page: Map<String, Value> = self.json(service, operation, &input).await?;
            let items: Option<Vec<T>> = serde_json::from_value(page.remove(list).unwrap_or_default())
                .map_err(|problem| failed(service, operation, format!("unreadable: {problem}")))?;
            found.extend(items.into_iter().flatten());
            match page.remove(token) {
                Some(Value::String(next)) if !next.is_empty() => input[token] = next.into(),
                _ => return Ok(found),
            }
        }
    }

    /// Sends a signed request and returns the response body.
    ///
    /// # Errors
    /// The service's error, or a missing response.
    pub async fn send(&self, service: AwsService, call: ServiceRequest<'_>) -> Result<Bytes, AwsError> {
        let mut pause = FIRST_PAUSE;
        for attempts_left in (0..MAX_ATTEMPTS).rev() {
            let (error, is_retryable) = match self.attempt(service, &call).await {
                Ok(AwsResponse { status: 200..=299, body, .. }) => return Ok(body),
                Ok(answer) => {
                    let (code, message) = parse_error(&answer);
                    let is_retryable = answer.status >= 500 || answer.status == 429 || is_throttling(&code);
                    let error = AwsError {
                        service: service.id,
                        operation: call.operation,
                        code: Some(code),
                        message,
                    };
                    (error, is_retryable)
                }
                Err(AttemptError::Retryable(problem)) => (failed(service, call.operation, problem), true),
                Err(AttemptError::Permanent(problem)) => (failed(service, call.operation, problem), false),
            };
            if !is_retryable || attempts_left == 0 {
                return Err(error);
            }
            tokio::time::sleep(pause + jitter(pause)).await;
            pause *= 2;
        }
        unreachable!("the last try returns")
    }

    /// Sends an unsigned request to a public address, once.
    ///
    /// # Errors
    /// The reason of a missing response.
    pub(crate) async fn public(
        &self,
        method: Method,
        url: &str,
        headers: &[(HeaderName, &str)],
        body: impl Into<SdkBody>,
    ) -> Result<AwsResponse, String> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let request = request.body(body.into()).map_err(|error| format!("{url:?}: {error}"))?;
        self.exchange(request).await
    }

    async fn attempt(
        &self,
        service: AwsService,
        call: &ServiceRequest<'_>,
    ) -> Result<AwsResponse, AttemptError> {
        let permanent = |problem: &dyn std::fmt::Display| AttemptError::Permanent(problem.to_string());
        let region = service.only_region.unwrap_or(&self.region);
        let url = format!("{}{}", self.url(service).trim_end_matches('/'), call.path);
        let uri: Uri = url.parse().map_err(|error| permanent(&format!("{url:?} is not a URL: {error}")))?;
        let host = uri.authority().map(ToString::to_string).unwrap_or_default();
        let mut request = Request::builder()
            .method(&call.method)
            .uri(&uri)
            .body(SdkBody::from(call.body.clone()))
            .map_err(|e| permanent(&e))?;
        let headers = request.headers_mut();
        headers.insert(header::HOST, HeaderValue::try_from(host).map_err(|e| permanent(&e))?);
        for (name, value) in &call.headers {
            headers.insert(name, HeaderValue::try_from(value).map_err(|e| permanent(&e))?);
        }

        let provider = self.credentials.as_ref().ok_or_else(|| permanent(&"no credentials were found"))?;
        let credentials = provider
            .provide_credentials()
            .await
            .map_err(|error| AttemptError::Permanent(format!("no credentials: {}", error_chain(&error))))?;
        let identity = credentials.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(service.signing_name)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|e| permanent(&e))?
            .into();
        let names =
            request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let signable = SignableRequest::new(
            call.method.as_str(),
            uri.to_string(),
            names,
            SignableBody::Bytes(&call.body),
        )
        .map_err(|e| permanent(&e))?;
        let (instructions, _) = sign(signable, &parameters).map_err(|e| permanent(&e))?.into_parts();
        instructions.apply_to_request_http1x(&mut request);
        self.exchange(request).await.map_err(AttemptError::Retryable)
    }

    async fn exchange(&self, request: Request<SdkBody>) -> Result<AwsResponse, String> {
        let url = request.uri().clone();
        let request = request.try_into().map_err(|error| format!("{url}: {error}"))?;
        let response =
            self.connector.call(request).await.map_err(|error| format!("{url}: {}", error_chain(&error)))?;
        let status = response.status().as_u16();
        let header = |name| response.headers().get(name).map(str::to_owned);
        let (error_type, location) = (header("x-amzn-errortype"), header("location"));
        let body = aws_smithy_types::byte_stream::ByteStream::new(response.into_body())
            .collect()
            .await
            .map_err(|error| format!("{url}: {}", error_chain(&error)))?
            .into_bytes();
        Ok(AwsResponse { status, error_type, location, body })
    }

    /// Returns the URL of a service: from the environment or the profile, or its public address.
    fn url(&self, service: AwsService) -> String {
        let key = ServiceConfigKey::builder()
            .service_id(service.id)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok();
        let configured =
            self.config.service_config().zip(key).and_then(|(config, key)| config.load_config(key));
        configured.or_else(|| self.config.endpoint_url().map(str::to_owned)).unwrap_or_else(|| match service
            .only_region
        {
            Some(_) => format!("https://{}.{}", service.host, self.suffix),
            None => format!("https://{}.{}.{}", service.host, self.region, self.suffix),
        })
    }
}

/// Why an attempt failed.
enum AttemptError {
    /// The next attempt may succeed.
    Retryable(String),
    /// Further attempts will fail, too.
    Permanent(String),
}

fn failed(service: AwsService, operation: &'static str, message: String) -> AwsError {
    AwsError { service: service.id, operation, code: None, message }
}

/// Returns an error and its causes, as one line.
pub(crate) fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let cause = error.to_string();
        if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
        source = error.source();
    }
    text
}

/// Returns code and message of an error response: JSON as from SageMaker, or XML as from `CloudFront`.
fn parse_error(answer: &AwsResponse) -> (String, String) {
    let text = String::from_utf8_lossy(&answer.body);
    let json = serde_json::from_str::<Value>(&text).unwrap_or_default();
    let field = |names: [&str; 3]| names.iter().find_map(|name| json[*name].as_str().map(str::to_owned));
    let code = field(["__type", "code", "Code"])
        .or_else(|| answer.error_type.clone())
        .or_else(|| element(&text, "Code").map(str::to_owned));
    let message = field(["message", "Message", "errorMessage"])
        .or_else(|| element(&text, "Message").map(str::to_owned));
    // A code may come with a namespace before it and a documentation link after it.
    let code = code.map(|code| {
        let code = code.rsplit('#').next().unwrap_or_default();
        code.split(':').next().unwrap_or_default().to_owned()
    });
    (
        code.unwrap_or_else(|| format!("HTTP {}", answer.status)),
        message.unwrap_or_else(|| text.chars().take(200).collect()),
    )
}

/// Returns the text of the first element of this name in a small XML document without entities.
#[must_use]
pub(crate) fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let open = format!("<{name}>");
    let start = xml.find(&open)? + open.len();
    let length = xml[start..].find(&format!("</{name}>"))?;
    Some(&xml[start..start + length])
}

fn is_throttling(code: &str) -> bool {
    ["Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown", "RequestTimeout"]
        .iter()
        .any(|word| code.contains(word))
}

/// Returns up to half of the pause, so that concurrent clients do not retry at the same time.
fn jitter(pause: Duration) -> Duration {
    let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.subsec_nanos());
    pause.mul_f64(f64::from(nanos % 1000) / 2000.0)
}
