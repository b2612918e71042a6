//! Errors with the names and messages of Amazon Cognito. Pages choose their messages by the names.

use std::fmt;

/// An exception of Cognito.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CognitoError {
    /// The code is wrong.
    CodeMismatch,
    /// The code has expired.
    ExpiredCode,
    /// An internal error.
    Internal,
    /// A parameter is missing or wrong.
    InvalidParameter(String),
    /// The password does not conform to the policy.
    InvalidPassword(&'static str),
    /// Too many codes, attempts or accounts.
    LimitExceeded(&'static str),
    /// The sign-in is not allowed.
    NotAuthorized(String),
    /// The client does not exist.
    ResourceNotFound(String),
    /// The body is not a JSON object.
    Serialization,
    /// The fake does not have the operation.
    UnknownOperation,
    /// The user exists already.
    UsernameExists,
    /// The password is right, but the account is not confirmed.
    UserNotConfirmed,
}

impl CognitoError {
    /// Returns the error for a wrong password and for an unknown user, which a sign-in does not distinguish. At sign-up,
    /// [`UsernameExists`](Self::UsernameExists) does reveal that a user exists, as in Cognito.
    pub(super) fn wrong_password() -> Self {
        Self::NotAuthorized("Incorrect username or password.".to_owned())
    }

    /// Returns the error for a missing member.
    pub(super) fn missing(name: &str) -> Self {
        Self::InvalidParameter(format!(
            "1 validation error detected: Value at '{name}' failed to satisfy constraint: Member must not be null"
        ))
    }

    /// Returns the name of the exception.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::CodeMismatch => "CodeMismatchException",
            Self::ExpiredCode => "ExpiredCodeException",
            Self::Internal => "InternalErrorException",
            Self::InvalidParameter(_) => "InvalidParameterException",
            Self::InvalidPassword(_) => "InvalidPasswordException",
            Self::LimitExceeded(_) => "LimitExceededException",
            Self::NotAuthorized(_) => "NotAuthorizedException",
            Self::ResourceNotFound(_) => "ResourceNotFoundException",
            Self::Serialization => "SerializationException",
            Self::UnknownOperation => "UnknownOperationException",
            Self::UsernameExists => "UsernameExistsException",
            Self::UserNotConfirmed => "UserNotConfirmedException",
        }
    }
}

impl fmt::Display for CognitoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CodeMismatch => "Invalid verification code provided, please try again.",
            Self::ExpiredCode => "Invalid code provided, please request a code again.",
            Self::Internal => "Internal error.",
            Self::Serialization => "The body is not a JSON object.",
            Self::UnknownOperation => "This fake has the operations SignUp, ConfirmSignUp, ResendConfirmationCode, InitiateAuth and RespondToAuthChallenge.",
            Self::UsernameExists => "User already exists",
            Self::UserNotConfirmed => "User is not confirmed.",
            Self::InvalidPassword(what) => return write!(f, "Password did not conform with policy: {what}"),
            Self::LimitExceeded(text) => text,
            Self::InvalidParameter(text) | Self::NotAuthorized(text) | Self::ResourceNotFound(text) => text,
        })
    }
}

impl std::error::Error for CognitoError {}
