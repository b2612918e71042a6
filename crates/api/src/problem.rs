//! Errors as problem documents (RFC 9457), without internal text.

use axum::{
    Json,
    extract::rejection::BytesRejection,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use mysfits_domain::EntryError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{AllowOrigin, RecommendError};

/// The largest body that is read, in bytes: a hundred times the size of a usual request.
pub const MAX_BODY_BYTES: usize = 16 * 1024;

/// An error that clients see. Each variant has its own, stable `type`. A response made of it holds it as an extension.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The body is not JSON, or not an object.
    #[error("{0}")]
    NotJson(String),
    /// The object has no member `entry`.
    #[error("the body has no member \"entry\"; it must look like {{\"entry\": [1, 2, 3, 4, 5]}}")]
    MissingEntry,
    /// Invalid entry.
    #[error("{0}")]
    InvalidEntry(String),
    /// A member or parameter beside the entry is wrong.
    #[error("{0}")]
    InvalidParameter(String),
    /// The body is larger than allowed.
    #[error("the body is larger than {limit} bytes, the most that is read")]
    BodyTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The body did not arrive whole.
    #[error("the body could not be read to its end")]
    BodyUnreadable,
    /// The body took too long to arrive.
    #[error("the body did not arrive in time")]
    BodyTimeout,
    /// The request requires a sign-in.
    #[error("only visitors who are signed in can do this: {0}")]
    SignedOut(String),
    /// No mysfit has this id.
    #[error("{0}")]
    UnknownMysfit(String),
    /// The path does not exist.
    #[error("not found; GET /openapi.json describes all paths")]
    NotFound,
    /// The path exists, but not with this method.
    #[error("method not allowed; see the Allow header")]
    MethodNotAllowed,
    /// The backend is unavailable, or the service is overloaded.
    #[error("the recommendation service is temporarily unavailable; try again in {retry_after_seconds} s")]
    Unavailable {
        /// The time until a retry may succeed.
        retry_after_seconds: u64,
    },
    /// The request took too long.
    #[error("the request took too long; try again in {retry_after_seconds} s")]
    Timeout {
        /// The time until a retry may succeed.
        retry_after_seconds: u64,
    },
    /// An internal error.
    #[error("internal error; see the log of the service")]
    Internal,
}

/// A problem document.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument {
    /// The problem's type: stable, for programs.
    #[serde(rename = "type")]
    problem_type: String,
    /// The type in a few words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is wrong with this request.
    detail: String,
}

impl Problem {
    /// Returns the status, the last part of the type, and the title.
    fn kind(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::NotJson(_) => (StatusCode::BAD_REQUEST, "not-json", "The body is not a JSON object"),
            Self::MissingEntry => (StatusCode::BAD_REQUEST, "missing-entry", "The entry is missing"),
            Self::InvalidEntry(_) => (StatusCode::BAD_REQUEST, "invalid-entry", "The entry is invalid"),
            Self::InvalidParameter(_) => {
                (StatusCode::BAD_REQUEST, "invalid-parameter", "A parameter is invalid")
            }
            Self::BodyTooLarge { .. } => {
                (StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "The body is too large")
            }
            Self::BodyUnreadable => {
                (StatusCode::BAD_REQUEST, "body-unreadable", "The body could not be read")
            }
            Self::BodyTimeout => {
                (StatusCode::REQUEST_TIMEOUT, "body-timeout", "The body did not arrive in time")
            }
            Self::SignedOut(_) => (StatusCode::UNAUTHORIZED, "signed-out", "You are not signed in"),
            Self::UnknownMysfit(_) => (StatusCode::NOT_FOUND, "unknown-mysfit", "Unknown mysfit"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "Not found"),
            Self::MethodNotAllowed => {
                (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "The method is not allowed here")
            }
            Self::Unavailable { .. } => {
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The service is not available")
            }
            Self::Timeout { .. } => (StatusCode::SERVICE_UNAVAILABLE, "timeout", "The request took too long"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error"),
        }
    }

    /// Returns the last part of the type, for logs and metrics, for instance `invalid-entry`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.kind().1
    }

    /// Returns the HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.kind().0
    }
}

impl From<EntryError> for Problem {
    fn from(error: EntryError) -> Self {
        Self::InvalidEntry(error.to_string())
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::BodyTooLarge { limit: MAX_BODY_BYTES },
            _ => Self::BodyUnreadable,
        }
    }
}

impl From<RecommendError> for Problem {
    /// Logs the cause. The client only learns whether a retry may succeed.
    fn from(error: RecommendError) -> Self {
        tracing::error!(error = %error.with_causes(), "the recommendation failed");
        match error {
            RecommendError::Unavailable { retry_after, .. } => {
                Self::Unavailable { retry_after_seconds: retry_after.as_secs().max(1) }
            }
            RecommendError::BadAnswer(_) => Self::Internal,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, kind, title) = self.kind();
        let document = ProblemDocument {
            problem_type: format!("urn:mysfits:problem:{kind}"),
            title,
            status: status.as_u16(),
            detail: self.to_string(),
        };
        let mut response = (status, Json(document)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Self::Unavailable { retry_after_seconds } | Self::Timeout { retry_after_seconds } = self {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after_seconds));
        }
        if let Self::SignedOut(_) = self {
            // RFC 9110 requires it of each 401.
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // Problems may be made outside of the API's routes and their CORS layer, and pages must be able to read them too.
        AllowOrigin::ANY.insert_into(response.headers_mut());
        response.extensions_mut().insert(self);
        response
    }
}
