//! CORS: the origins whose pages may read the responses, with the headers of the workshop's API.

use std::str::FromStr;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tower_http::cors::CorsLayer;

use crate::backend_headers::{BACKEND, FALLBACK};

const ALLOW_METHODS: [Method; 5] = [Method::OPTIONS, Method::GET, Method::PUT, Method::POST, Method::DELETE];
const ALLOW_HEADERS: [HeaderName; 6] = [
    header::CONTENT_TYPE,
    HeaderName::from_static("x-amz-date"),
    header::AUTHORIZATION,
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("x-amz-security-token"),
    HeaderName::from_static("x-amz-user-agent"),
];
/// The headers of our responses that pages of other origins may read.
const EXPOSE_HEADERS: [HeaderName; 3] = [BACKEND, FALLBACK, header::RETRY_AFTER];

/// The origins whose pages may read the responses: any, or one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowOrigin(HeaderValue);

/// A text that is neither `*` nor an origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not an origin; it must be * or scheme and host as a browser sends them, in lower case and without a path: https://example.org"
)]
pub struct AllowOriginError(pub String);

impl AllowOrigin {
    /// Pages of any origin.
    pub const ANY: Self = Self(HeaderValue::from_static("*"));

    /// Returns the layer that answers preflight requests, and adds the headers to all other responses.
    pub(crate) fn layer(&self) -> CorsLayer {
        CorsLayer::new()
            .allow_origin(self.0.clone())
            .allow_methods(ALLOW_METHODS)
            .allow_headers(ALLOW_HEADERS)
            .expose_headers(EXPOSE_HEADERS)
            // The headers do not depend on the request.
            .vary([])
    }

    /// Adds the origin to a response that does not pass the layer.
    pub(crate) fn insert_into(&self, headers: &mut HeaderMap) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, self.0.clone());
    }
}

impl Default for AllowOrigin {
    fn default() -> Self {
        Self::ANY
    }
}

impl FromStr for AllowOrigin {
    type Err = AllowOriginError;

    /// Parses `*` or one origin. Browsers compare it with their own byte for byte, so it must be in the form that they send.
    fn from_str(text: &str) -> Result<Self, AllowOriginError> {
        let error = || AllowOriginError(text.to_owned());
        if text == "*" {
            return Ok(Self::ANY);
        }
        let host =
            text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).ok_or_else(error)?;
        let is_allowed = |b: u8| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b':' | b'[' | b']')
        };
        if host.is_empty() || !host.bytes().all(is_allowed) {
            return Err(error());
        }
        HeaderValue::from_str(text).map(Self).map_err(|_| error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_origins_in_the_form_that_browsers_send() {
        for text in ["*", "https://d111111abcdef8.cloudfront.net", "http://127.0.0.1:8080", "http://[::1]:80"]
        {
            assert_eq!(text.parse::<AllowOrigin>().unwrap().0, text);
        }
        for text in [
            "",
            "null",
            "example.org",
            "https://",
            "https://example.org/",
            "https://Example.org",
            "https://*.a.org",
        ] {
            assert_eq!(text.parse::<AllowOrigin>(), Err(AllowOriginError(text.to_owned())));
        }
    }
}
