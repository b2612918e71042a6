//! `PUT /clicks`, sent when a profile is opened, and `POST /questions`, the contact form.
//!
//! Both are validated and discarded. The server's metrics count the requests.

use axum::{
    Json, Router,
    body::Bytes,
    extract::rejection::BytesRejection,
    routing::{post, put},
};
use mysfits_api::Problem;
use mysfits_domain::MysfitId;
use serde_json::{Value, json};

use super::body::JsonBody;

/// The longest user name of Cognito.
const MAX_USER_ID_CHARS: usize = 128;
/// The length of a mysfit's id.
const MYSFIT_ID_CHARS: usize = 36;
/// The longest address that mail can be sent to (RFC 5321).
const MAX_EMAIL_CHARS: usize = 254;
/// The longest question: about a page of text.
pub const MAX_QUESTION_CHARS: usize = 2000;

pub(super) fn routes() -> Router {
    Router::new().route("/clicks", put(click)).route("/questions", post(question))
}

async fn click(body: Result<Bytes, BytesRejection>) -> Result<Json<Value>, Problem> {
    let body = JsonBody::parse(&body?)?;
    body.text("userId", MAX_USER_ID_CHARS)?;
    let id = body.text("mysfitId", MYSFIT_ID_CHARS)?;
    let id: MysfitId = id.parse().map_err(|_| {
        Problem::InvalidParameter(format!(
            "mysfitId is {id:?}; it must be the id of a mysfit, as GET /mysfits lists them"
        ))
    })?;
    tracing::info!(mysfit = id.mysfit().slug, "a profile was opened");
    Ok(recorded())
}

async fn question(body: Result<Bytes, BytesRejection>) -> Result<Json<Value>, Problem> {
    let body = JsonBody::parse(&body?)?;
    let email = body.text("email", MAX_EMAIL_CHARS)?;
    if !is_address(email) {
        return Err(Problem::InvalidParameter(
            "email is no address; it must look like name@example.org".to_owned(),
        ));
    }
    let n_chars = body.text("questionText", MAX_QUESTION_CHARS)?.chars().count();
    tracing::info!(n_chars, "a question arrived");
    Ok(recorded())
}

/// Returns the response of the workshop's streaming API.
fn recorded() -> Json<Value> {
    Json(json!({ "status": "OK" }))
}

/// Returns whether a text has the form of a mail address.
pub(super) fn is_address(text: &str) -> bool {
    let is_plain =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control());
    text.split_once('@').is_some_and(|(name, host)| {
        is_plain(name)
            && is_plain(host)
            && !host.contains('@')
            && !host.starts_with('.')
            && !host.ends_with('.')
    })
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn addresses_have_a_name_and_a_host() {
        for good in ["a@b", "first.last+tag@sub.example.org", "한글@example.kr"] {
            assert!(is_address(good), "{good}");
        }
        for bad in ["", "a", "@", "a@", "@b", "a b@c", "a@b c", "a@b@c", "a@.b", "a@b.", "a\n@b"] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
