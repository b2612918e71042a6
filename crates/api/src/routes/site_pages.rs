//! Pages of the site with the same paths as the API: `/mysfits/{name}`, and `/r/{code}` without a valid code.

use axum::{
    Router,
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use mysfits_site::results;
use tower::ServiceExt as _;

/// Serves a page of the site if the path is not the API's, else the API's response.
pub(super) async fn serve(State(pages): State<Router>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_apis = results::api_path(path).is_some() || is_uuid(path.rsplit('/').next().unwrap_or_default());
    if is_apis || !matches!(*request.method(), Method::GET | Method::HEAD) {
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
