//! `POST /feedback`, if the host stores feedback.

use std::sync::Arc;

use axum::{
    extract::{State, rejection::BytesRejection},
    http::StatusCode,
};
use bytes::Bytes;
use mysfits_domain::{Feedback, MysfitId};
use serde_json::Value;

use super::recommendations::{parse_entry, parse_object, quote};
use crate::{FeedbackStore, Problem};

/// The time after which a client may send feedback again that could not be stored.
const RETRY_AFTER_SECONDS: u64 = 60;

/// Stores whether a recommendation suits a visitor: `{"entry": [1,2,3,4,5], "mysfit": "ID", "suits": true}`. Nothing about the visitor
/// is stored but the answers.
pub(super) async fn store(
    State(feedback): State<Arc<dyn FeedbackStore>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Problem> {
    let found = parse(&body?)?;
    feedback.store(&found).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "cannot store feedback");
        Problem::Unavailable { retry_after_seconds: RETRY_AFTER_SECONDS }
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Parses a body as JSON, whatever its content type says.
fn parse(body: &[u8]) -> Result<Feedback, Problem> {
    let object = parse_object(body)?;
    let entry = parse_entry(object.get("entry").ok_or(Problem::MissingEntry)?)?;
    let invalid = |name: &str, expected: &str| {
        let found = object.get(name).map_or_else(|| "missing".to_owned(), quote);
        Problem::InvalidParameter(format!("{name} is {found}; it must be {expected}"))
    };
    let mysfit: Option<MysfitId> =
        object.get("mysfit").and_then(Value::as_str).and_then(|id| id.parse().ok());
    let mysfit = mysfit.ok_or_else(|| invalid("mysfit", "the id of a mysfit, as GET /mysfits lists them"))?;
    let suits = object.get("suits").and_then(Value::as_bool);
    let suits = suits.ok_or_else(|| invalid("suits", "true or false"))?;
    Ok(Feedback { entry, mysfit, suits })
}
