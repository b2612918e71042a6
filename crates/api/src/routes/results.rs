//! `GET /r/{code}`: the page of a result, for link previews. It sends visitors on to the result on the site's home page.

use axum::{
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use mysfits_site::{
    headers::ALWAYS,
    results::{self, ResultPage},
    settings,
};

use super::{
    mysfits::{LanguageQuery, locale, query},
    state::ApiState,
};
use crate::{Problem, problem::ProblemDocument};

/// The host of the site, if the request comes through a distribution or a proxy.
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
/// The scheme that visitors use.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Another model recommends other mysfits, so the page is kept for a short time only.
const CACHED: HeaderValue = HeaderValue::from_static("public, max-age=600");
const NOT_CACHED: HeaderValue = HeaderValue::from_static("no-store");

/// The page has nothing but text and a link.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// Shows the page of a result, whose address is shared. Link previews read the name and picture of the mysfit; visitors are
/// sent on to the result on the home page.
#[utoipa::path(
    get,
    path = "/r/{code}",
    operation_id = "result",
    tag = "site",
    params(("code" = String, Path, description = "The answers, a digit each"), LanguageQuery),
    responses(
        (status = 200, description = "The page; without a mysfit if the recommendation failed", body = String, content_type = "text/html"),
        (status = 400, description = "A parameter is invalid", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "The answers are invalid", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn page(
    State(ApiState { recommender, .. }): State<ApiState>,
    code: Result<Path<String>, PathRejection>,
    parameters: Result<Query<LanguageQuery>, QueryRejection>,
    request_headers: HeaderMap,
) -> Result<Response, Problem> {
    let locale = locale(query(parameters)?.lang.as_deref())?;
    let Path(code) = code.map_err(|_| Problem::NotFound)?;
    let entry = results::entry(&code).ok_or(Problem::NotFound)?;
    let mysfit = match recommender.recommend(entry, false).await {
        Ok(recommended) => Some(recommended.recommendation.recommended_mysfit.mysfit()),
        Err(error) => {
            // The visitor can still open the result: the site has a table of its own.
            tracing::warn!(error = %error.with_causes(), "the page of a result has no mysfit");
            None
        }
    };
    let origin = origin(&request_headers).unwrap_or_default();
    let page = ResultPage { locale, entry, mysfit, origin: &origin }.to_html();
    let mut response = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, if mysfit.is_some() { CACHED } else { NOT_CACHED });
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    for (name, value) in ALWAYS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    Ok(response)
}

/// Returns the origin of the site, as the visitor's browser sees it; `None` if the request does not have a valid one.
fn origin(headers: &HeaderMap) -> Option<String> {
    let text = |name: &HeaderName| headers.get(name)?.to_str().ok();
    let scheme = if text(&FORWARDED_PROTO) == Some("https") { "https" } else { "http" };
    let host = text(&FORWARDED_HOST).or_else(|| text(&header::HOST))?;
    let url = format!("{scheme}://{host}");
    (settings::origin(&url) == Some(url.as_str())).then_some(url)
}
