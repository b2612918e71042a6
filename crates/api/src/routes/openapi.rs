//! `GET /openapi.json`: the description of the API, generated from its types.

use std::sync::LazyLock;

use axum::{http::header, response::IntoResponse};
use bytes::Bytes;
use utoipa::OpenApi as _;

/// The description of the API; [`openapi`](utoipa::OpenApi::openapi) returns the document.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Mythical Mysfits recommendations",
        description = "Which mythical creature suits you? Five answers, one mysfit."
    ),
    paths(
        super::recommendations::recommend,
        super::mysfits::list,
        super::mysfits::get,
        super::mysfits::questionnaire,
        super::results::page,
        super::health::health,
        serve,
    )
)]
struct OpenApi;

/// Returns this document.
#[utoipa::path(get, path = "/openapi.json", tag = "service", responses((status = 200, description = "The OpenAPI document")))]
pub(super) async fn serve() -> impl IntoResponse {
    static DOCUMENT: LazyLock<Bytes> =
        LazyLock::new(|| OpenApi::openapi().to_json().unwrap_or_else(|_| "{}".to_owned()).into());
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.clone())
}
