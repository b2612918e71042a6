//! Cross-origin headers, in the workshop's very words.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};

const ALLOW_HEADERS: &str =
    "Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token,X-Amz-User-Agent";
const ALLOW_METHODS: &str = "OPTIONS,GET,PUT,POST,DELETE";
pub(crate) const ALLOW_ORIGIN: HeaderValue = HeaderValue::from_static("*");

/// Answers `OPTIONS`: 200, the four headers, no body.
pub(crate) async fn preflight() -> [(HeaderName, &'static str); 4] {
    [
        (header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOW_HEADERS),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "false"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, ALLOW_METHODS),
    ]
}

/// Lets a page on any origin read the answer, errors included.
pub(crate) async fn allow_origin(mut response: Response) -> Response {
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW_ORIGIN);
    response
}
