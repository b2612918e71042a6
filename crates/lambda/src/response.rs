//! Converts a response to the format of API Gateway's proxy integration.

use std::collections::BTreeMap;

use axum::body::Body;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{Response, header};
use http_body_util::BodyExt as _;
use serde::Serialize;

/// A response of the function (payload 1.0).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProxyResponse {
    /// The status.
    pub status_code: u16,
    /// Headers with one value.
    pub headers: BTreeMap<String, String>,
    /// Headers with several values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub multi_value_headers: BTreeMap<String, Vec<String>>,
    /// The body: text, or base64 if it is not valid text.
    pub body: String,
    /// Whether the body is base64.
    pub is_base64_encoded: bool,
}

impl ProxyResponse {
    /// Converts a response, after reading its whole body.
    ///
    /// # Errors
    /// If the body cannot be read.
    pub async fn from_response(response: Response<Body>) -> Result<Self, axum::Error> {
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        let (mut headers, mut multi_value_headers) = (BTreeMap::new(), BTreeMap::new());
        for name in head.headers.keys() {
            // The gateway sets it.
            if name == header::CONTENT_LENGTH {
                continue;
            }
            let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            let mut values: Vec<_> = head.headers.get_all(name).iter().map(text).collect();
            match values.pop() {
                Some(value) if values.is_empty() => {
                    headers.insert(name.to_string(), value);
                }
                Some(value) => {
                    values.push(value);
                    multi_value_headers.insert(name.to_string(), values);
                }
                None => {}
            }
        }
        let (body, is_base64_encoded) = match std::str::from_utf8(&body) {
            Ok(text) => (text.to_owned(), false),
            Err(_) => (BASE64_STANDARD.encode(&body), true),
        };
        Ok(Self { status_code: head.status.as_u16(), headers, multi_value_headers, body, is_base64_encoded })
    }
}
