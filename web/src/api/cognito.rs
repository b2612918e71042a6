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
    /// The account needs a new password.
    NewPasswordRequired,
    /// There is no such account. Pools that hide this respond with other errors.
    UnknownUser,
    /// Any other error, with the text to show.
    Message(DynamicText),
}

/// Returns the error that a response's body describes.
pub fn error(body: &str) -> AccountError {
    let name = Json::parse(body).and_then(|json| json.get("__type")?.text()).unwrap_or_default();
    // The name may have a namespace.
    AccountError::Message(match name.rsplit('#').next().unwrap_or_default() {
        "UserNotConfirmedException" => return AccountError::NotConfirmed,
        "PasswordResetRequiredException" => return AccountError::NewPasswordRequired,
        "UserNotFoundException" => return AccountError::UnknownUser,
        "NotAuthorizedException" => DynamicText::WrongPassword,
        "UsernameExistsException" => DynamicText::AccountExists,
        "InvalidPasswordException" => DynamicText::WeakPassword,
        "CodeMismatchException" | "ExpiredCodeException" => DynamicText::WrongCode,
        "InvalidParameterException" => DynamicText::CheckAddress,
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
        for (name, expected) in [
            ("UserNotConfirmedException", AccountError::NotConfirmed),
            ("PasswordResetRequiredException", AccountError::NewPasswordRequired),
            ("UserNotFoundException", AccountError::UnknownUser),
            ("com.amazonaws#NotAuthorizedException", AccountError::Message(DynamicText::WrongPassword)),
            ("ExpiredCodeException", AccountError::Message(DynamicText::WrongCode)),
            ("InvalidParameterException", AccountError::Message(DynamicText::CheckAddress)),
            ("LimitExceededException", AccountError::Message(DynamicText::TooManyAttempts)),
            ("SomethingNewException", AccountError::Message(DynamicText::AccountError)),
        ] {
            assert_eq!(named(name), expected, "{name}");
        }
        assert_eq!(error("<html>"), AccountError::Message(DynamicText::AccountError));
    }
}
