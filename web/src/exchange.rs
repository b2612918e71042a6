//! What comes back when the page asks for a recommendation, and what it means for the visitor.

use mysfits_domain::{Mysfit, MysfitId};
use serde_json::Value;

/// How long the page waits for one reply before it gives up, in milliseconds.
pub const TIMEOUT_MS: u32 = 10_000;

/// A reply: status and body, whatever they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The whole body as text.
    pub body: String,
}

/// Why there is no reply at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoReply {
    /// The request never got through: network, name, certificate, CORS.
    Away,
    /// Nothing complete arrived within [`TIMEOUT_MS`].
    TimedOut,
}

/// Why the visitor cannot be shown a mysfit; each has its own words in [`Texts`](crate::Texts).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The site has no address to ask, or its settings cannot be read.
    NotConfigured,
    /// Nobody could be reached.
    Away,
    /// Nobody answered in time.
    TimedOut,
    /// The service is there but cannot answer now: 429, 502, 503, 504.
    Busy,
    /// The service refused the request and may have said why.
    Refused {
        /// The `detail` of the problem, if the service sent one.
        detail: Option<String>,
    },
    /// The service failed.
    Broken,
    /// The service recommends somebody who is not on this page.
    UnknownMysfit,
    /// The service answered something that is not a recommendation.
    Unreadable,
}

impl From<NoReply> for Failure {
    fn from(reason: NoReply) -> Self {
        match reason {
            NoReply::Away => Self::Away,
            NoReply::TimedOut => Self::TimedOut,
        }
    }
}

impl Failure {
    /// The failure's stable name, for tests and styles.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::NotConfigured => "not-configured",
            Self::Away => "away",
            Self::TimedOut => "timed-out",
            Self::Busy => "busy",
            Self::Refused { .. } => "refused",
            Self::Broken => "broken",
            Self::UnknownMysfit => "unknown-mysfit",
            Self::Unreadable => "unreadable",
        }
    }
}

/// The recommended mysfit, or the reason why there is none.
///
/// # Errors
/// A [`Failure`] for each way in which asking can fail.
pub fn classify(outcome: Result<Reply, NoReply>) -> Result<&'static Mysfit, Failure> {
    let Reply { status, body } = outcome?;
    match status {
        200..=299 => recommended(&body),
        429 | 502..=504 => Err(Failure::Busy),
        400..=499 => Err(Failure::Refused { detail: detail(&body) }),
        500..=599 => Err(Failure::Broken),
        _ => Err(Failure::Unreadable),
    }
}

/// Not through the domain's `Recommendation`: that refuses an unknown id like any other unreadable answer, and the
/// visitor is told these two apart.
fn recommended(body: &str) -> Result<&'static Mysfit, Failure> {
    let answer: Value = serde_json::from_str(body).map_err(|_| Failure::Unreadable)?;
    let id = answer.get("recommendedMysfit").and_then(Value::as_str).ok_or(Failure::Unreadable)?;
    let id: MysfitId = id.parse().map_err(|_| Failure::UnknownMysfit)?;
    Ok(id.mysfit())
}

/// The `detail` of a problem as RFC 9457 describes it, if the body is one.
fn detail(body: &str) -> Option<String> {
    let problem: Value = serde_json::from_str(body).ok()?;
    let detail = problem.get("detail")?.as_str()?.trim();
    (!detail.is_empty()).then(|| detail.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Result<&'static Mysfit, Failure> {
        classify(Ok(Reply { status, body: body.to_owned() }))
    }

    #[test]
    fn a_recommendation_is_a_mysfit() {
        let body = r#"{"recommendedMysfit":"c0684344-1eb7-40e7-b334-06d25ac9268c"}"#;
        assert_eq!(reply(200, body).expect("a mysfit").name.en, "Atlantis");
        let explained = body.replace('}', r#","explanation":{"k":10}}"#);
        assert_eq!(reply(200, &explained).expect("a mysfit").name.en, "Atlantis");
    }

    #[test]
    fn an_unknown_id_is_told_from_an_unreadable_answer() {
        let stranger = r#"{"recommendedMysfit":"00000000-0000-0000-0000-000000000000"}"#;
        assert_eq!(reply(200, stranger), Err(Failure::UnknownMysfit));
        for body in ["", "null", "[]", "<!doctype html>", "{}", r#"{"recommendedMysfit":7}"#] {
            assert_eq!(reply(200, body), Err(Failure::Unreadable), "{body}");
        }
        assert_eq!(reply(304, ""), Err(Failure::Unreadable));
    }

    #[test]
    fn a_refusal_shows_the_problems_detail() {
        let problem = r#"{"type":"/problems/entry","title":"No","status":400,"detail":" entry[2] is 9 "}"#;
        assert_eq!(reply(400, problem), Err(Failure::Refused { detail: Some("entry[2] is 9".to_owned()) }));
        for body in ["", "Forbidden", "{}", r#"{"detail":" "}"#, r#"{"detail":null}"#] {
            assert_eq!(reply(403, body), Err(Failure::Refused { detail: None }), "{body}");
        }
    }

    #[test]
    fn trouble_on_the_other_side_is_sorted() {
        for status in [429, 502, 503, 504] {
            assert_eq!(reply(status, ""), Err(Failure::Busy), "{status}");
        }
        for status in [500, 501, 507] {
            assert_eq!(reply(status, r#"{"detail":"internal"}"#), Err(Failure::Broken), "{status}");
        }
        assert_eq!(classify(Err(NoReply::Away)), Err(Failure::Away));
        assert_eq!(classify(Err(NoReply::TimedOut)), Err(Failure::TimedOut));
    }
}
