//! Errors with the names and messages of Amazon Cognito. Pages choose their messages by the names.

/// An exception of Cognito.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CognitoError {
    /// The code is wrong.
    #[error("Invalid verification code provided, please try again.")]
    CodeMismatch,
    /// The code has expired.
    #[error("Invalid code provided, please request a code again.")]
    ExpiredCode,
    /// An internal error.
    #[error("Internal error.")]
    Internal,
    /// A parameter is missing or wrong.
    #[error("{0}")]
    InvalidParameter(String),
    /// The password does not conform to the policy.
    #[error("Password did not conform with policy: {0}")]
    InvalidPassword(&'static str),
    /// Too many codes, attempts or accounts.
    #[error("{0}")]
    LimitExceeded(&'static str),
    /// The sign-in is not allowed.
    #[error("{0}")]
    NotAuthorized(String),
    /// The client does not exist.
    #[error("{0}")]
    ResourceNotFound(String),
    /// The body is not a JSON object.
    #[error("The body is not a JSON object.")]
    Serialization,
    /// The fake does not have the operation.
    #[error(
        "This fake has the operations SignUp, ConfirmSignUp, ResendConfirmationCode, ForgotPassword, ConfirmForgotPassword, InitiateAuth, RespondToAuthChallenge and DeleteUser."
    )]
    UnknownOperation,
    /// The user exists already.
    #[error("User already exists")]
    UsernameExists,
    /// The password is right, but the account is not confirmed.
    #[error("User is not confirmed.")]
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
