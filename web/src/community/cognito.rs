//! Amazon Cognito's messages: what is sent, and what a refusal means.

use crate::{json::Json, json::quoted, words::Spoken};

/// The header that names an operation.
pub const TARGET: &str = "x-amz-target";
/// The media type of all messages.
pub const MEDIA_TYPE: &str = "application/x-amz-json-1.1";

/// The header's value for an operation.
pub fn target(operation: &str) -> String {
    "AWSCognitoIdentityProviderService.".to_owned() + operation
}

/// An object of texts.
pub fn object(members: &[(&str, &str)]) -> String {
    let members: Vec<_> =
        members.iter().map(|(key, text)| ["\"", key, "\":", &*quoted(text)].concat()).collect();
    ["{", &*members.join(","), "}"].concat()
}

/// A message: texts, and one object of texts within.
pub fn message(members: &[(&str, &str)], within: &str, object_within: &str) -> String {
    let texts = object(members);
    [texts.trim_end_matches('}'), ",\"", within, "\":", object_within, "}"].concat()
}

/// Why the pool refused something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The address is not confirmed yet: the code is asked for.
    NotConfirmed,
    /// Something that can only be told.
    Told(Spoken),
}

/// What a refusal's body means.
pub fn refusal(body: &str) -> Refusal {
    let name = Json::parse(body).and_then(|json| json.get("__type")?.text()).unwrap_or_default();
    // The name may stand behind a namespace.
    Refusal::Told(match name.rsplit('#').next().unwrap_or_default() {
        "UserNotConfirmedException" => return Refusal::NotConfirmed,
        "NotAuthorizedException" | "UserNotFoundException" => Spoken::WrongPassword,
        "UsernameExistsException" => Spoken::AccountExists,
        "InvalidPasswordException" => Spoken::WeakPassword,
        "CodeMismatchException" | "ExpiredCodeException" => Spoken::WrongCode,
        "TooManyRequestsException" | "LimitExceededException" | "TooManyFailedAttemptsException" => {
            Spoken::TooManyAttempts
        }
        _ => Spoken::AccountTrouble,
    })
}

/// A time as Cognito's clients write it, from the form that browsers write: `Wed, 05 Nov 2026 16:34:32 GMT`.
pub fn timestamp(utc: &str) -> String {
    let mut parts = utc.split_ascii_whitespace();
    let mut part = || parts.next().unwrap_or_default();
    let (weekday, day, month, year, time) = (part(), part(), part(), part(), part());
    format!("{} {month} {} {time} UTC {year}", weekday.trim_end_matches(','), day.trim_start_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_without_padding() {
        assert_eq!(timestamp("Wed, 25 Nov 2026 16:34:32 GMT"), "Wed Nov 25 16:34:32 UTC 2026");
        assert_eq!(timestamp("Sun, 05 Jan 2025 00:00:09 GMT"), "Sun Jan 5 00:00:09 UTC 2025");
    }

    #[test]
    fn messages_are_json_whatever_is_typed() {
        let inner = object(&[("USERNAME", "a\"b")]);
        let message = message(&[("AuthFlow", "USER_SRP_AUTH"), ("ClientId", "c")], "AuthParameters", &inner);
        assert_eq!(
            message,
            r#"{"AuthFlow":"USER_SRP_AUTH","ClientId":"c","AuthParameters":{"USERNAME":"a\"b"}}"#
        );
    }

    #[test]
    fn refusals_are_sorted_by_name() {
        let told = |name: &str| refusal(&format!(r#"{{"__type":"{name}","message":"m"}}"#));
        assert_eq!(told("UserNotConfirmedException"), Refusal::NotConfirmed);
        assert_eq!(told("com.amazonaws#NotAuthorizedException"), Refusal::Told(Spoken::WrongPassword));
        assert_eq!(told("LimitExceededException"), Refusal::Told(Spoken::TooManyAttempts));
        assert_eq!(told("SomethingNewException"), Refusal::Told(Spoken::AccountTrouble));
        assert_eq!(refusal("<html>"), Refusal::Told(Spoken::AccountTrouble));
    }
}
