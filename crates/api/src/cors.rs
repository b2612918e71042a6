//! Cross-origin headers, in the workshop's very words.

use std::str::FromStr;

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};

use crate::mark;

const ALLOW_HEADERS: &str =
    "Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token,X-Amz-User-Agent";
const ALLOW_METHODS: &str = "OPTIONS,GET,PUT,POST,DELETE";

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
}

impl Default for AllowOrigin {
    fn default() -> Self {
        Self::ANY
    }
}

impl FromStr for AllowOrigin {
    type Err = AllowOriginError;

    /// Reads `*` or one origin. A browser compares it byte for byte with its own, so what could never be equal is refused.
    fn from_str(text: &str) -> Result<Self, AllowOriginError> {
        let error = || AllowOriginError(text.to_owned());
        if text == "*" {
            return Ok(Self::ANY);
        }
        let host =
            text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).ok_or_else(error)?;
        let allowed = |b: u8| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b':' | b'[' | b']')
        };
        if host.is_empty() || !host.bytes().all(allowed) {
            return Err(error());
        }
        HeaderValue::from_str(text).map(Self).map_err(|_| error())
    }
}

/// Answers `OPTIONS`: 200, no body, and with [`AllowOrigin`]'s the four headers.
pub(crate) async fn preflight() -> [(HeaderName, &'static str); 3] {
    [
        (header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOW_HEADERS),
        (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "false"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, ALLOW_METHODS),
    ]
}

impl AllowOrigin {
    /// Lets a page read the answer, errors included, and those of our headers that tell it something.
    pub(crate) fn apply(&self, mut response: Response) -> Response {
        let headers: &mut HeaderMap = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, self.0.clone());
        let told = [mark::BACKEND, mark::FALLBACK, header::RETRY_AFTER];
        let told: Vec<_> =
            told.iter().filter(|name| headers.contains_key(*name)).map(HeaderName::as_str).collect();
        if let Ok(told) = HeaderValue::from_str(&told.join(","))
            && !told.is_empty()
        {
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, told);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_a_browser_sends() {
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
