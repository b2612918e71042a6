//! What comes back when the page asks for a recommendation, and what it means for the visitor.

use mysfits_domain::MysfitId;

use crate::{explanation::Explanation, json::Json};

/// How long the page waits for one reply before it gives up, in milliseconds.
pub const TIMEOUT_MS: u32 = 12_000;
/// After how long the page says that it takes long, in milliseconds.
pub const SLOW_MS: u32 = 2_500;

/// A reply: status and body, whatever they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The whole body as text.
    pub body: String,
    /// The seconds of a `Retry-After` header, if there is one that the page may read.
    pub retry_after: Option<u32>,
}

/// Why there is no reply at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoReply {
    /// The request never got through: name, certificate, CORS, nobody listening.
    Away,
    /// The browser has no network.
    Offline,
    /// Nothing complete arrived within [`TIMEOUT_MS`].
    TimedOut,
}

/// Why the visitor cannot be shown a mysfit; each has its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The site's settings cannot be read.
    NotConfigured,
    /// The site has no service, and no decision table either.
    NobodyToAsk,
    /// Nobody could be reached.
    Away,
    /// There is no network, and no decision table was fetched while there was.
    Offline,
    /// Nobody answered in time.
    TimedOut,
    /// Too many questions from here: 429.
    Throttled {
        /// When to come back, in seconds, if the service said so.
        retry_after: Option<u32>,
    },
    /// The service is there but cannot answer now: 502, 503, 504.
    Busy {
        /// When to come back, in seconds, if the service said so.
        retry_after: Option<u32>,
    },
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
            NoReply::Offline => Self::Offline,
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
            Self::NobodyToAsk => "nobody-to-ask",
            Self::Away => "away",
            Self::Offline => "offline",
            Self::TimedOut => "timed-out",
            Self::Throttled { .. } => "throttled",
            Self::Busy { .. } => "busy",
            Self::Refused { .. } => "refused",
            Self::Broken => "broken",
            Self::UnknownMysfit => "unknown-mysfit",
            Self::Unreadable => "unreadable",
        }
    }

    /// When to come back, in seconds, if the service said so.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Throttled { retry_after } | Self::Busy { retry_after } => *retry_after,
            _ => None,
        }
    }

    /// What the service says about a refusal.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Refused { detail } => detail.as_deref(),
            _ => None,
        }
    }
}

/// Who is recommended, and what speaks for it if the service says so.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// Who.
    pub mysfit: MysfitId,
    /// Why; not every backend knows.
    pub explanation: Option<Explanation>,
}

/// The recommended mysfit, or the reason why there is none.
///
/// # Errors
/// A [`Failure`] for each way in which asking can fail.
pub fn classify(outcome: Result<Reply, NoReply>) -> Result<Suggestion, Failure> {
    let Reply { status, body, retry_after } = outcome?;
    match status {
        200..=299 => recommended(&body),
        429 => Err(Failure::Throttled { retry_after }),
        502..=504 => Err(Failure::Busy { retry_after }),
        400..=499 => Err(Failure::Refused { detail: detail(&body) }),
        500..=599 => Err(Failure::Broken),
        _ => Err(Failure::Unreadable),
    }
}

/// Not through the domain's `Recommendation`: that refuses an unknown id like any other unreadable answer, and the
/// visitor is told these two apart. An explanation that cannot be read is no reason to keep the mysfit back.
fn recommended(body: &str) -> Result<Suggestion, Failure> {
    let answer = Json::parse(body).ok_or(Failure::Unreadable)?;
    let id = answer.get("recommendedMysfit").and_then(|id| id.text()).ok_or(Failure::Unreadable)?;
    let mysfit = id.parse().map_err(|_| Failure::UnknownMysfit)?;
    let explanation = answer.get("explanation").and_then(|explanation| Explanation::read(&explanation));
    Ok(Suggestion { mysfit, explanation })
}

/// The `detail` of a problem as RFC 9457 describes it, if the body is one.
fn detail(body: &str) -> Option<String> {
    let detail = Json::parse(body)?.get("detail")?.text()?;
    let detail = detail.trim();
    (!detail.is_empty()).then(|| detail.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Result<Suggestion, Failure> {
        classify(Ok(Reply { status, body: body.to_owned(), retry_after: None }))
    }

    const ATLANTIS: &str = r#"{"recommendedMysfit":"c0684344-1eb7-40e7-b334-06d25ac9268c"}"#;

    #[test]
    fn a_recommendation_is_a_mysfit() {
        let suggestion = reply(200, ATLANTIS).expect("a mysfit");
        assert_eq!((suggestion.mysfit.mysfit().name.en, suggestion.explanation), ("Atlantis", None));
    }

    #[test]
    fn an_explanation_comes_along_and_one_that_cannot_be_read_does_no_harm() {
        let explained = ATLANTIS.replace(
            '}',
            r#","explanation":{"backend":"model","k":2,"votes":[{"mysfit":"c0684344-1eb7-40e7-b334-06d25ac9268c",
            "count":2}],"distances":[0.0,1.0]}}"#,
        );
        assert_eq!(reply(200, &explained).expect("a mysfit").explanation.expect("a reason").k, 2);
        let garbled = ATLANTIS.replace('}', r#","explanation":{"k":"ten"}}"#);
        assert_eq!(reply(200, &garbled).expect("a mysfit").explanation, None);
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
        for status in [502, 503, 504] {
            assert_eq!(reply(status, ""), Err(Failure::Busy { retry_after: None }), "{status}");
        }
        for status in [500, 501, 507] {
            assert_eq!(reply(status, r#"{"detail":"internal"}"#), Err(Failure::Broken), "{status}");
        }
        let throttled = Reply { status: 429, body: String::new(), retry_after: Some(7) };
        let throttled = classify(Ok(throttled)).expect_err("no mysfit");
        assert_eq!((throttled.kind(), throttled.retry_after()), ("throttled", Some(7)));
        assert_eq!(classify(Err(NoReply::Away)), Err(Failure::Away));
        assert_eq!(classify(Err(NoReply::Offline)), Err(Failure::Offline));
        assert_eq!(classify(Err(NoReply::TimedOut)), Err(Failure::TimedOut));
    }
}
