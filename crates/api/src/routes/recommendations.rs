//! `POST /recommendations`.

use axum::{
    extract::{State, rejection::BytesRejection},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use mysfits_domain::{Answer, Entry, EntryError, QUESTION_COUNT, Recommendation};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::state::ApiState;
use crate::{FailedBackend, Problem, backend_headers, problem::ProblemDocument};

/// The longest value of a client that an error repeats, in characters.
const MAX_QUOTED_CHARS: usize = 40;

/// A request for a recommendation. The body is read as JSON whatever its content type says.
#[derive(Deserialize, ToSchema)]
#[schema(as = RecommendationRequest)]
#[expect(
    dead_code,
    reason = "describes the body in the OpenAPI document; the parser has better errors than serde"
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
                ("x-mysfits-backend" = String, description = "The backend that recommended"),
                ("x-mysfits-fallback" = Option<String>, description = "Only for a fallback: the backend that failed, and the reason"),
            ),
            links(("mysfit" = (
                operation_id = "get",
                parameters(("mysfit_id" = "$response.body#/recommendedMysfit")),
                description = "The recommended mysfit",
            )))
        ),
        (status = 400, description = "The request is invalid", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 500, description = "The model's answer is invalid", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "The model is unavailable; see Retry-After", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn recommend(
    State(ApiState { recommender, .. }): State<ApiState>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let (entry, explain) = parse(&body?)?;
    Ok(match recommender.recommend(entry, explain).await {
        Ok(recommended) => backend_headers::response(recommended),
        Err(error) => {
            let mut response = Problem::from(error).into_response();
            response.extensions_mut().insert(FailedBackend(recommender.name()));
            response
        }
    })
}

/// Parses a body as a JSON object. The content type is ignored, because `curl -d` sends that of a form.
pub(super) fn parse_object(body: &[u8]) -> Result<Map<String, Value>, Problem> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(other) => {
            let found = kind(&other);
            Err(Problem::NotJson(format!("the body is {found}; it must be a JSON object")))
        }
        Err(error) => Err(Problem::NotJson(format!("the body is not JSON: {error}"))),
    }
}

/// Parses a body: the entry, and whether to explain the recommendation.
fn parse(body: &[u8]) -> Result<(Entry, bool), Problem> {
    let object = parse_object(body)?;
    let entry = parse_entry(object.get("entry").ok_or(Problem::MissingEntry)?)?;
    let explain = match object.get("explain") {
        None => false,
        Some(&Value::Bool(explain)) => explain,
        Some(other) => {
            let found = quote(other);
            return Err(Problem::InvalidParameter(format!("explain is {found}; it must be true or false")));
        }
    };
    Ok((entry, explain))
}

/// Parses an entry.
pub(super) fn parse_entry(value: &Value) -> Result<Entry, Problem> {
    let Value::Array(answers) = value else {
        let found = kind(value);
        return Err(Problem::InvalidEntry(format!("entry is {found}; it must be an array of whole numbers")));
    };
    if answers.len() != QUESTION_COUNT {
        return Err(EntryError::WrongCount { found: answers.len() }.into());
    }
    let mut entry = [Answer::MIN; QUESTION_COUNT];
    for (position, (answer, value)) in entry.iter_mut().zip(answers).enumerate() {
        *answer = parse_answer(value).ok_or_else(|| EntryError::invalid_answer(position, quote(value)))?;
    }
    Ok(entry.into())
}

/// Returns the answer, or `None` if the value is not an option. `3.0` is a whole number, as in JSON Schema.
fn parse_answer(value: &Value) -> Option<Answer> {
    let number = value.as_f64()?;
    let fits = number.fract() == 0.0 && (0.0..=f64::from(u8::MAX)).contains(&number);
    fits.then_some(number as u8).and_then(|number| Answer::try_from(number).ok())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Returns the value as text, shortened; for arrays and objects, only their kind.
pub(super) fn quote(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) => kind(value).to_owned(),
        scalar => {
            let text = scalar.to_string();
            match text.char_indices().nth(MAX_QUOTED_CHARS) {
                Some((end, _)) => format!("{}…", &text[..end]),
                None => text,
            }
        }
    }
}
