//! The expiry of the endpoint. Pure.

use aws_smithy_types::{DateTime, date_time::Format};
use mysfits_deploy_cli::Ttl;

/// The endpoint's expiry as a template parameter, and a note for the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiry {
    /// `yyyy-mm-ddThh:mm:ss` in UTC, or empty for none.
    pub value: String,
    /// The note.
    pub note: Option<String>,
}

/// Returns the new expiry: the requested one, else the stack's, if that is in the future.
#[must_use]
pub fn expiry(asked: Option<Ttl>, of_stack: &str, now: DateTime) -> Expiry {
    match asked {
        Some(Ttl::None) => Expiry { value: String::new(), note: None },
        Some(Ttl::In(span)) => {
            let value = format_expiry(DateTime::from_secs(now.secs() + span.as_secs() as i64));
            Expiry { note: Some(format!("the endpoint is deleted at {value} UTC")), value }
        }
        None if of_stack.is_empty() => Expiry { value: String::new(), note: None },
        None => match read(of_stack) {
            Some(time) if time > now => Expiry {
                value: of_stack.to_owned(),
                note: Some(format!(
                    "the endpoint is deleted at {of_stack} UTC, as set earlier (--ttl changes this)"
                )),
            },
            _ => Expiry {
                value: String::new(),
                note: Some(format!(
                    "the endpoint's expiry {of_stack} UTC is in the past and is removed (--ttl sets a new one)"
                )),
            },
        },
    }
}

/// Parses an expiry in the template's format.
#[must_use]
pub fn read(text: &str) -> Option<DateTime> {
    DateTime::from_str(&format!("{text}Z"), Format::DateTime).ok()
}

fn format_expiry(time: DateTime) -> String {
    // Years after 9999 cannot be formatted; a time to live is at most a year.
    time.fmt(Format::DateTime).map(|text| text.trim_end_matches('Z').to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn keeps_only_future_expiries() {
        let now = read("2026-11-22T21:30:00").expect("a time");
        let value = |asked, stack| expiry(asked, stack, now).value;
        assert_eq!(value(Some(Ttl::In(Duration::from_hours(3))), ""), "2026-11-23T00:30:00");
        assert_eq!(value(None, "2026-11-22T21:30:01"), "2026-11-22T21:30:01");
        assert_eq!(value(None, "2026-11-22T21:30:00"), "");
        assert_eq!(value(Some(Ttl::None), "2026-11-22T21:30:01"), "");
        assert_eq!(value(None, ""), "");
        assert!(
            expiry(None, "2020-01-01T00:00:00", now).note.is_some_and(|note| note.contains("is in the past"))
        );
    }
}
