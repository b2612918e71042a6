//! How long the costly endpoint may live. Pure.

use aws_smithy_types::{DateTime, date_time::Format};
use mysfits_deploy_cli::Ttl;

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
    use std::time::Duration;

    use super::*;

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
