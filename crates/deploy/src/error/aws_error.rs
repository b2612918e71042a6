//! Errors of AWS services, with remedies.

use thiserror::Error;

use crate::failure::{is_denied, is_quota};

/// An error response of an AWS service, or a missing response.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{service} {operation} failed: {}{message}{}", code.as_deref().map(|code| format!("{code}: ")).unwrap_or_default(), self.remedy())]
pub struct AwsError {
    /// The service's id in the SDKs.
    pub service: &'static str,
    /// The requested operation.
    pub operation: &'static str,
    /// The service's error code; `None` without a response.
    pub code: Option<String>,
    /// The service's message, or why there was no response.
    pub message: String,
}

impl AwsError {
    /// Returns whether the service responded with this error code.
    #[must_use]
    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Returns the remedy as the end of a sentence, or an empty string if it depends on the message.
    fn remedy(&self) -> &'static str {
        let code = self.code.as_deref().unwrap_or_default();
        let no_credentials =
            ["no credentials", "loading credentials", "CredentialsNotLoaded", "NoCredentials"];
        match code {
            _ if no_credentials.iter().any(|words| self.message.contains(words)) => {
                "; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in (aws sso login), \
                 then run the command again"
            }
            // Signatures are valid for minutes.
            "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture" => WRONG_CLOCK,
            _ if self.message.contains("Signature expired")
                || self.message.contains("Signature not yet current") =>
            {
                WRONG_CLOCK
            }
            "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => {
                "; the credentials have expired: sign in again (aws sso login, or new AWS_* variables), then run the \
                 command again; it continues where it stopped"
            }
            "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "InvalidAccessKeyId"
            | "SignatureDoesNotMatch"
            | "InvalidSignatureException"
            | "AuthFailure" => {
                "; the credentials are not valid for this account and region: check AWS_PROFILE, AWS_ACCESS_KEY_ID, \
                 AWS_SECRET_ACCESS_KEY and the machine's clock"
            }
            "OptInRequired" => {
                "; the region or service is not enabled in this account: enable it, or choose another"
            }
            code if is_denied(code) => {
                "; missing permission: attach the policies that `mysfits-deploy policy --managed` prints to the caller's \
                 user or role, then run the command again"
            }
            code if is_quota(code) => {
                "; a quota of the account is exhausted: raise it in Service Quotas, or delete unused resources, \
                 then run the command again"
            }
            _ => "",
        }
    }
}

/// The remedy for a request with a signature of another time.
const WRONG_CLOCK: &str = "; this machine's clock differs from AWS's by minutes: set it (timedatectl set-ntp true), \
                           then run the command again";

#[cfg(test)]
mod tests {
    use super::AwsError;

    #[track_caller]
    fn check(code: Option<&str>, message: &str, expected: &str) {
        let error = AwsError {
            service: "STS",
            operation: "GetCallerIdentity",
            code: code.map(str::to_owned),
            message: message.to_owned(),
        };
        let text = error.to_string();
        assert!(text.starts_with("STS GetCallerIdentity failed: "), "{text}");
        assert!(text.contains(message) && text.contains(expected), "{text}");
    }

    #[test]
    fn each_error_names_its_remedy() {
        check(Some("ExpiredToken"), "The security token is expired", "sign in again");
        check(
            Some("AccessDenied"),
            "not authorized to perform: iam:PassRole",
            "`mysfits-deploy policy --managed`",
        );
        check(Some("ResourceLimitExceeded"), "ml.m5.large for endpoint usage is 0", "Service Quotas");
        check(Some("InvalidClientTokenId"), "the token is invalid", "AWS_PROFILE");
        check(None, "no credentials were found", "AWS_ACCESS_KEY_ID");
        check(Some("Throttling"), "Rate exceeded", "Rate exceeded");
        check(Some("RequestTimeTooSkewed"), "The difference between the request time", "clock");
        check(Some("SignatureDoesNotMatch"), "Signature expired: 20261130T100000Z is now earlier", "clock");
    }
}
