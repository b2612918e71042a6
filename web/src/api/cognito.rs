//! Request and error formats of Amazon Cognito.

use super::json::Json;
use crate::i18n::DynamicText;

/// The header with the operation.
pub const TARGET: &str = "x-amz-target";
pub const MEDIA_TYPE: &str = "application/x-amz-json-1.1";

/// Returns the value of [`TARGET`] for an operation.
pub fn target(operation: &str) -> String {
    "AWSCognitoIdentityProviderService.".to_owned() + operation
}

/// Why a request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountError {
    /// The e-mail address is not confirmed; the visitor must enter the code.
    NotConfirmed,
    /// Any other error, with the text to show.
    Message(DynamicText),
}

/// Returns the error that a response's body describes.
pub fn error(body: &str) -> AccountError {
    let name = Json::parse(body).and_then(|json| json.get("__type")?.text()).unwrap_or_default();
    // The name may have a namespace.
    AccountError::Message(match name.rsplit('#').next().unwrap_or_default() {
        "UserNotConfirmedException" => return AccountError::NotConfirmed,
        "NotAuthorizedException" | "UserNotFoundException" => DynamicText::WrongPassword,
        "UsernameExistsException" => DynamicText::AccountExists,
        "InvalidPasswordException" => DynamicText::WeakPassword,
        "CodeMismatchException" | "ExpiredCodeException" => DynamicText::WrongCode,
        "TooManyRequestsException" | "LimitExceededException" | "TooManyFailedAttemptsException" => {
            DynamicText::TooManyAttempts
        }
        _ => DynamicText::AccountError,
    })
}

/// Converts a time from the format of `toUTCString`, `Wed, 05 Nov 2026 16:34:32 GMT`, to the format of Cognito's clients.
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
    fn formats_times_without_padding() {
        assert_eq!(timestamp("Wed, 25 Nov 2026 16:34:32 GMT"), "Wed Nov 25 16:34:32 UTC 2026");
        assert_eq!(timestamp("Sun, 05 Jan 2025 00:00:09 GMT"), "Sun Jan 5 00:00:09 UTC 2025");
    }

    #[test]
    fn classifies_errors_by_name() {
        let named = |name: &str| error(&format!(r#"{{"__type":"{name}","message":"m"}}"#));
        assert_eq!(named("UserNotConfirmedException"), AccountError::NotConfirmed);
        assert_eq!(
            named("com.amazonaws#NotAuthorizedException"),
            AccountError::Message(DynamicText::WrongPassword)
        );
        assert_eq!(named("LimitExceededException"), AccountError::Message(DynamicText::TooManyAttempts));
        assert_eq!(named("SomethingNewException"), AccountError::Message(DynamicText::AccountError));
        assert_eq!(error("<html>"), AccountError::Message(DynamicText::AccountError));
    }
}
