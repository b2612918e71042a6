//! Response headers that identify the backend.

use axum::{
    Json,
    http::{HeaderName, HeaderValue},
    response::{IntoResponse as _, Response},
};

use crate::{FallbackFrom, Recommended};

/// The backend that recommended: `embedded`, `endpoint`, `model`.
pub const BACKEND: HeaderName = HeaderName::from_static("x-mysfits-backend");
/// Present only if that backend was a fallback: names the failed backend and the reason, as in `endpoint;
/// reason=unavailable`.
pub const FALLBACK: HeaderName = HeaderName::from_static("x-mysfits-fallback");

/// Returns the response to a client, with the headers, and with the recommendation as an extension.
pub(crate) fn response(recommended: Recommended) -> Response {
    let mut response = Json(&recommended.recommendation).into_response();
    let headers = response.headers_mut();
    let fallback = |FallbackFrom { backend, reason }| (FALLBACK, format!("{backend}; reason={reason}"));
    let values = [Some((BACKEND, recommended.backend.to_owned())), recommended.fallback.map(fallback)];
    for (name, value) in values.into_iter().flatten() {
        // A backend's name may be any text. If it is not a valid header value, the header is omitted.
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    response.extensions_mut().insert(recommended);
    response
}
