//! `POST /recommendations`.

use axum::{
    extract::{State, rejection::BytesRejection},
    response::Response,
};
use bytes::Bytes;
use mysfits_domain::{Entry, Recommendation};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Shared;
use crate::{Problem, mark, problem::ProblemDocument, request::RecommendationRequest};

/// A request for a recommendation. The body is read as JSON whatever its content type says.
#[derive(Deserialize, ToSchema)]
#[schema(as = RecommendationRequest)]
#[expect(
    dead_code,
    reason = "describes the body in the OpenAPI document; reading it wants better errors than serde's"
)]
pub(super) struct RequestBody {
    /// The answers.
    entry: Entry,
    /// Whether to explain the recommendation.
    #[serde(default)]
    explain: bool,
}

/// Recommends the mysfit that suits five answers.
#[utoipa::path(
    post,
    path = "/recommendations",
    tag = "recommendations",
    request_body = RequestBody,
    responses(
        (
            status = 200, description = "The mysfit", body = Recommendation,
            headers(
                ("x-mysfits-backend" = String, description = "Who answered"),
                ("x-mysfits-fallback" = Option<String>, description = "Only if another backend was to answer: which, and why it did not"),
            ),
            links(("mysfit" = (
                operation_id = "get",
                parameters(("mysfit_id" = "$response.body#/recommendedMysfit")),
                description = "The recommended mysfit",
            )))
        ),
        (status = 400, description = "The body is no request", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 500, description = "The model answered nonsense", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "The model is away; see Retry-After", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn recommend(
    State(Shared { recommender, .. }): State<Shared>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let request = RecommendationRequest::parse(&body?)?;
    Ok(mark::response(recommender.recommend(request.entry, request.explain).await?))
}
