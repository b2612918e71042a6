//! The endpoint's time to live.

use std::{str::FromStr, time::Duration};

use thiserror::Error;

/// The endpoint's time to live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ttl {
    /// The endpoint is deleted this long from now.
    In(Duration),
    /// The endpoint is kept.
    None,
}

/// An invalid time to live.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TtlError {
    /// Not a number with a unit.
    #[error("expected a whole number with m, h or d, such as 30m, 2h or 7d, or none")]
    Format,
    /// Shorter than the endpoint takes to start, or longer than a year.
    #[error("expected 30m to 365d (an endpoint takes minutes to start)")]
    OutOfRange,
}

impl FromStr for Ttl {
    type Err = TtlError;

    fn from_str(text: &str) -> Result<Self, TtlError> {
        if text == "none" {
            return Ok(Self::None);
        }
        let duration = parse_duration(text).ok_or(TtlError::Format)?;
        let range = Duration::from_mins(30)..=Duration::from_hours(365 * 24);
        if range.contains(&duration) { Ok(Self::In(duration)) } else { Err(TtlError::OutOfRange) }
    }
}

/// Parses a whole number with `s`, `m`, `h` or `d`. Returns `None` for anything else.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_a_number_with_a_unit() {
        assert_eq!("2h".parse(), Ok(Ttl::In(Duration::from_hours(2))));
        assert_eq!("30m".parse(), Ok(Ttl::In(Duration::from_mins(30))));
        assert_eq!("7d".parse(), Ok(Ttl::In(Duration::from_hours(7 * 24))));
        assert_eq!("none".parse(), Ok(Ttl::None));
        for text in ["", "2", "h", "-2h", "2w", "2.5h", "zwei", "ü", "99999999999999999999d"] {
            assert_eq!(text.parse::<Ttl>(), Err(TtlError::Format), "{text}");
        }
        for text in ["29m", "1s", "366d"] {
            assert_eq!(text.parse::<Ttl>(), Err(TtlError::OutOfRange), "{text}");
        }
    }
}
