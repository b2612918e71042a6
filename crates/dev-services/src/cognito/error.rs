//! What a user pool refuses, in the names and words of Amazon Cognito: pages tell their visitors by the names.

use std::fmt;

/// Why a call is refused. The variants are Cognito's exceptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CognitoError {
    /// The code is not the one that was sent.
    CodeMismatch,
    /// The code was good once.
    ExpiredCode,
    /// This process cannot do its part.
    Internal,
    /// A parameter is missing or wrong.
    InvalidParameter(String),
    /// The password is too simple.
    InvalidPassword(&'static str),
    /// Too many codes, attempts or accounts.
    LimitExceeded(&'static str),
    /// The sign-in is not allowed, whatever the reason is.
    NotAuthorized(String),
    /// There is no such client of the pool.
    ResourceNotFound(String),
    /// The body is no JSON object.
    Serialization,
    /// The operation is none of those that are here.
    UnknownOperation,
    /// There is such a user already.
    UsernameExists,
    /// The password is right, but the account was not confirmed.
    UserNotConfirmed,
}

impl CognitoError {
    /// Returns the error for a wrong password and for an unknown user. Signing in does not tell which of the two it was;
    /// [`UsernameExists`](Self::UsernameExists) at sign-up does tell who has an account, as in Cognito.
    pub(super) fn wrong_password() -> Self {
        Self::NotAuthorized("Incorrect username or password.".to_owned())
    }

    /// A member that must be there.
    pub(super) fn missing(name: &str) -> Self {
        Self::InvalidParameter(format!(
            "1 validation error detected: Value at '{name}' failed to satisfy constraint: Member must not be null"
        ))
    }

    /// Cognito's name of it.
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
            Self::Internal => "Something went wrong on our side.",
            Self::Serialization => "The body is not a JSON object.",
            Self::UnknownOperation => "This stand-in knows SignUp, ConfirmSignUp, ResendConfirmationCode, InitiateAuth and RespondToAuthChallenge.",
            Self::UsernameExists => "User already exists",
            Self::UserNotConfirmed => "User is not confirmed.",
            Self::InvalidPassword(what) => return write!(f, "Password did not conform with policy: {what}"),
            Self::LimitExceeded(text) => text,
            Self::InvalidParameter(text) | Self::NotAuthorized(text) | Self::ResourceNotFound(text) => text,
        })
    }
}

impl std::error::Error for CognitoError {}
