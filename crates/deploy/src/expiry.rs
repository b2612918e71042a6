//! How long the costly endpoint may live. Pure.

use std::{str::FromStr, time::Duration};

use aws_smithy_types::{DateTime, date_time::Format};
use thiserror::Error;

/// What the caller wants of the endpoint's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ttl {
    /// It ends this long from now.
    In(Duration),
    /// It has no end.
    None,
}

/// Why a time to live was not understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TtlError {
    /// Not a number with a unit.
    #[error("{0:?} is no time to live; give a whole number with m, h or d (30m, 2h, 7d), or none")]
    NotATime(String),
    /// Too short for the endpoint to come up, or so long that it is no limit.
    #[error(
        "{0:?} is out of range; a time to live is at least 10m, for an endpoint takes minutes to start, and at most 365d"
    )]
    OutOfRange(String),
}

/// Reads a span of time: a whole number with `s`, `m`, `h` or `d`.
///
/// Returns `None` if it is anything else.
#[must_use]
pub fn span(text: &str) -> Option<Duration> {
    let unit_secs = match text.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86400,
        _ => return None,
    };
    let number: u64 = text[..text.len() - 1].parse().ok()?;
    number.checked_mul(unit_secs).map(Duration::from_secs)
}

impl FromStr for Ttl {
    type Err = TtlError;

    fn from_str(text: &str) -> Result<Self, TtlError> {
        if text == "none" {
            return Ok(Self::None);
        }
        let span = span(text).ok_or_else(|| TtlError::NotATime(text.to_owned()))?;
        let range = Duration::from_mins(10)..=Duration::from_hours(365 * 24);
        if range.contains(&span) { Ok(Self::In(span)) } else { Err(TtlError::OutOfRange(text.to_owned())) }
    }
}

/// The endpoint's expiry as the template takes it, and a sentence about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiry {
    /// `yyyy-mm-ddThh:mm:ss` in UTC, or empty for none.
    pub value: String,
    /// What the plan says about it.
    pub note: Option<String>,
}

/// Returns the new expiry: the requested one, else the stack's, if that is in the future.
#[must_use]
pub fn expiry(asked: Option<Ttl>, of_stack: &str, now: DateTime) -> Expiry {
    match asked {
        Some(Ttl::None) => Expiry { value: String::new(), note: None },
        Some(Ttl::In(span)) => {
            let value = written(DateTime::from_secs(now.secs() + span.as_secs() as i64));
            Expiry { note: Some(format!("the endpoint is removed at {value} UTC")), value }
        }
        None if of_stack.is_empty() => Expiry { value: String::new(), note: None },
        None => match read(of_stack) {
            Some(time) if time > now => Expiry {
                value: of_stack.to_owned(),
                note: Some(format!(
                    "the endpoint is still removed at {of_stack} UTC, as told before (--ttl changes that)"
                )),
            },
            _ => Expiry {
                value: String::new(),
                note: Some(format!(
                    "the endpoint's expiry {of_stack} UTC is past: it has none now (--ttl sets one)"
                )),
            },
        },
    }
}

/// Reads an expiry as the template has it.
#[must_use]
pub fn read(text: &str) -> Option<DateTime> {
    DateTime::from_str(&format!("{text}Z"), Format::DateTime).ok()
}

fn written(time: DateTime) -> String {
    // Years beyond 9999 cannot be written; a time to live is at most a year.
    time.fmt(Format::DateTime).map(|text| text.trim_end_matches('Z').to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_to_live_is_a_number_with_a_unit() {
        assert_eq!("2h".parse(), Ok(Ttl::In(Duration::from_hours(2))));
        assert_eq!("30m".parse(), Ok(Ttl::In(Duration::from_mins(30))));
        assert_eq!("7d".parse(), Ok(Ttl::In(Duration::from_hours(7 * 24))));
        assert_eq!("none".parse(), Ok(Ttl::None));
        for text in ["", "2", "h", "-2h", "2w", "2.5h", "zwei", "ü", "99999999999999999999d"] {
            assert_eq!(text.parse::<Ttl>(), Err(TtlError::NotATime(text.to_owned())));
        }
        for text in ["9m", "1s", "366d"] {
            assert_eq!(text.parse::<Ttl>(), Err(TtlError::OutOfRange(text.to_owned())));
        }
    }

    #[test]
    fn an_expiry_is_kept_only_while_it_is_to_come() {
        let now = read("2026-11-22T21:30:00").expect("a time");
        let value = |asked, stack| expiry(asked, stack, now).value;
        assert_eq!(value(Some(Ttl::In(Duration::from_hours(3))), ""), "2026-11-23T00:30:00");
        assert_eq!(value(None, "2026-11-22T21:30:01"), "2026-11-22T21:30:01");
        assert_eq!(value(None, "2026-11-22T21:30:00"), "");
        assert_eq!(value(Some(Ttl::None), "2026-11-22T21:30:01"), "");
        assert_eq!(value(None, ""), "");
        assert!(expiry(None, "2020-01-01T00:00:00", now).note.is_some_and(|note| note.contains("is past")));
    }
}
