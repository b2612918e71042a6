//! The response to a request for a recommendation.

use mysfits_domain::Recommendation;

use super::{explanation, json::Json};
use crate::browser::{FetchError, FetchResponse};

/// Why there is no recommendation. The page has a text for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecommendationError {
    /// The site's configuration cannot be read.
    NotConfigured,
    /// The site has neither a recommendation service nor a decision table.
    NoService,
    /// The service cannot be reached.
    Unreachable,
    /// The browser has no network and had fetched no decision table.
    Offline,
    /// The service did not respond in time.
    TimedOut,
    /// 429: too many requests.
    Throttled {
        /// The seconds of `Retry-After`, if the service sent it.
        retry_after: Option<u32>,
    },
    /// 502, 503 or 504: the service is temporarily unavailable.
    Busy {
        /// The seconds of `Retry-After`, if the service sent it.
        retry_after: Option<u32>,
    },
    /// Another 4xx: the service refused the request.
    Refused,
    /// Another 5xx.
    ServerError,
    /// The service recommends a mysfit that is not in the catalogue.
    UnknownMysfit,
    /// The response is not a recommendation.
    InvalidResponse,
}

impl From<FetchError> for RecommendationError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Unreachable => Self::Unreachable,
            FetchError::Offline => Self::Offline,
            FetchError::TimedOut => Self::TimedOut,
        }
    }
}

impl RecommendationError {
    /// Returns the error's stable name, for tests and styles.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::NotConfigured => "not-configured",
            Self::NoService => "no-service",
            Self::Unreachable => "unreachable",
            Self::Offline => "offline",
            Self::TimedOut => "timed-out",
            Self::Throttled { .. } => "throttled",
            Self::Busy { .. } => "busy",
            Self::Refused => "refused",
            Self::ServerError => "server-error",
            Self::UnknownMysfit => "unknown-mysfit",
            Self::InvalidResponse => "invalid-response",
        }
    }

    /// Returns the seconds of `Retry-After`, if the service sent it.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Throttled { retry_after } | Self::Busy { retry_after } => *retry_after,
            _ => None,
        }
    }
}

/// Returns the recommendation that a response holds.
///
/// # Errors
/// [`RecommendationError`] for a failed request, an error status, or a body that is not a recommendation.
pub fn from_response(
    outcome: Result<FetchResponse, FetchError>,
) -> Result<Recommendation, RecommendationError> {
    let FetchResponse { status, body, retry_after } = outcome?;
    match status {
        200..=299 => from_body(&body),
        429 => Err(RecommendationError::Throttled { retry_after }),
        502..=504 => Err(RecommendationError::Busy { retry_after }),
        400..=499 => Err(RecommendationError::Refused),
        500..=599 => Err(RecommendationError::ServerError),
        _ => Err(RecommendationError::InvalidResponse),
    }
}

/// Reads the body of a recommendation. An unknown id has an error of its own, which serde's error does not tell from others. An
/// invalid explanation is ignored: the visitor still gets the mysfit.
fn from_body(body: &str) -> Result<Recommendation, RecommendationError> {
    let answer = Json::parse(body).ok_or(RecommendationError::InvalidResponse)?;
    let id = answer
        .get("recommendedMysfit")
        .and_then(|id| id.text())
        .ok_or(RecommendationError::InvalidResponse)?;
    let recommended_mysfit = id.parse().map_err(|_| RecommendationError::UnknownMysfit)?;
    let explanation = answer.get("explanation").and_then(|json| explanation::parse(&json));
    Ok(Recommendation { recommended_mysfit, explanation })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: &str) -> Result<Recommendation, RecommendationError> {
        from_response(Ok(FetchResponse { status, body: body.to_owned(), retry_after: None }))
    }

    const ATLANTIS: &str = r#"{"recommendedMysfit":"c0684344-1eb7-40e7-b334-06d25ac9268c"}"#;

    #[test]
    fn reads_the_recommended_mysfit() {
        let recommendation = response(200, ATLANTIS).expect("a mysfit");
        assert_eq!(
            (recommendation.recommended_mysfit.mysfit().name.en, recommendation.explanation),
            ("Atlantis", None)
        );
    }

    #[test]
    fn reads_the_explanation_and_ignores_an_invalid_one() {
        let explained = ATLANTIS.replace(
            '}',
            r#","explanation":{"backend":"model","k":2,"votes":[{"mysfit":"c0684344-1eb7-40e7-b334-06d25ac9268c",
            "count":2}],"distances":[0.0,1.0]}}"#,
        );
        assert_eq!(response(200, &explained).expect("a mysfit").explanation.expect("an explanation").k, 2);
        let garbled = ATLANTIS.replace('}', r#","explanation":{"k":"ten"}}"#);
        assert_eq!(response(200, &garbled).expect("a mysfit").explanation, None);
    }

    #[test]
    fn tells_an_unknown_id_from_an_invalid_response() {
        let unknown = r#"{"recommendedMysfit":"00000000-0000-0000-0000-000000000000"}"#;
        assert_eq!(response(200, unknown), Err(RecommendationError::UnknownMysfit));
        for body in ["", "null", "[]", "<!doctype html>", "{}", r#"{"recommendedMysfit":7}"#] {
            assert_eq!(response(200, body), Err(RecommendationError::InvalidResponse), "{body}");
        }
        assert_eq!(response(304, ""), Err(RecommendationError::InvalidResponse));
    }

    #[test]
    fn classifies_errors_of_the_service() {
        for status in [400, 403, 404, 422] {
            assert_eq!(
                response(status, r#"{"detail":"entry[2] is 9"}"#),
                Err(RecommendationError::Refused),
                "{status}"
            );
        }
        for status in [502, 503, 504] {
            assert_eq!(
                response(status, ""),
                Err(RecommendationError::Busy { retry_after: None }),
                "{status}"
            );
        }
        for status in [500, 501, 507] {
            assert_eq!(
                response(status, r#"{"detail":"internal"}"#),
                Err(RecommendationError::ServerError),
                "{status}"
            );
        }
        let throttled = FetchResponse { status: 429, body: String::new(), retry_after: Some(7) };
        let throttled = from_response(Ok(throttled)).expect_err("no mysfit");
        assert_eq!((throttled.kind(), throttled.retry_after()), ("throttled", Some(7)));
        assert_eq!(from_response(Err(FetchError::Unreachable)), Err(RecommendationError::Unreachable));
        assert_eq!(from_response(Err(FetchError::Offline)), Err(RecommendationError::Offline));
        assert_eq!(from_response(Err(FetchError::TimedOut)), Err(RecommendationError::TimedOut));
    }
}
