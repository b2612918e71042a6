//! Errors of a push to a container registry.

use http::Method;
use thiserror::Error;

/// Why an image cannot be pushed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("cannot push the container image: {method} {url}: {problem}{}", self.remedy())]
pub struct RegistryError {
    /// The request's method.
    pub method: Method,
    /// The request's URL, without its query.
    pub url: String,
    /// The response's status; `None` without a response.
    pub status: Option<u16>,
    /// The registry's message, or why there was no response.
    pub problem: String,
}

impl RegistryError {
    fn remedy(&self) -> &'static str {
        match self.status {
            Some(401 | 403) => {
                "; missing permission: attach the policies that `mysfits-deploy policy --managed` prints to the caller's user or \
                 role, then run the command again"
            }
            None | Some(429 | 500..) => "; run the command again: it continues where it stopped",
            _ => "",
        }
    }

    /// Returns whether the same request may succeed later.
    pub(crate) fn is_retryable(&self) -> bool {
        self.status.is_none_or(|status| status == 429 || status >= 500)
    }
}
