//! Pages with the same path prefix as the API: `/mysfits/{name}`.

use axum::{
    Router,
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use tower::ServiceExt as _;

/// Serves a page if the last segment of the path is not a UUID, else the API's response.
pub(super) async fn serve(State(pages): State<Router>, request: Request, next: Next) -> Response {
    let name = request.uri().path().rsplit('/').next().unwrap_or_default();
    if !matches!(*request.method(), Method::GET | Method::HEAD) || is_uuid(name) {
        return next.run(request).await;
    }
    let Ok(response) = pages.oneshot(request).await;
    response
}

/// Returns whether a text has the form of a UUID.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
