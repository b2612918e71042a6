//! The trait of all recommendation backends.

use std::{error::Error as _, fmt, pin::Pin, time::Duration};

use mysfits_domain::{Entry, Recommendation};

/// A boxed future. [`Recommender`] must be dyn compatible, because the backend is chosen at run time.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A backend that recommends mysfits.
pub trait Recommender: Send + Sync + 'static {
    /// The backend's name, in explanations, logs and metrics: one word, lower case.
    fn name(&self) -> &'static str;

    /// Recommends a mysfit, with an explanation if `explain` and the backend has one.
    ///
    /// # Errors
    /// [`RecommendError`] if the backend is unavailable or its answer is invalid.
    fn recommend(&self, entry: Entry, explain: bool) -> BoxFuture<'_, Result<Recommended, RecommendError>>;
}

/// A recommendation and the backend that made it. The API's response carries it as an extension, for logging
/// and metrics around the router.
#[derive(Debug, Clone, PartialEq)]
pub struct Recommended {
    /// The body of the response.
    pub recommendation: Recommendation,
    /// The name of the backend that made the recommendation, which may be the fallback.
    pub backend: &'static str,
    /// The backend that failed before, if this is a fallback.
    pub fallback: Option<FallbackFrom>,
}

impl Recommended {
    /// Returns a recommendation by the primary backend.
    #[must_use]
    pub fn by(backend: &'static str, recommendation: Recommendation) -> Self {
        Self { recommendation, backend, fallback: None }
    }
}

/// Response extension of a failed recommendation: the name of the backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailedBackend(pub &'static str);

/// The primary backend, which failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FallbackFrom {
    /// The name of the backend.
    pub backend: &'static str,
    /// The reason for the fallback.
    pub reason: FallbackReason,
}

/// The reason for a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FallbackReason {
    /// The backend was unavailable, throttled, starting, or too slow.
    Unavailable,
    /// Its answer was invalid.
    BadAnswer,
    /// It was not called, because its circuit is open: it failed repeatedly a moment ago.
    CircuitOpen,
}

impl FallbackReason {
    /// Returns the reason in kebab case, for headers, logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::BadAnswer => "bad-answer",
            Self::CircuitOpen => "circuit-open",
        }
    }
}

impl fmt::Display for FallbackReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A failed recommendation. The wrapped error is for the log only, never for the client.
#[derive(Debug, thiserror::Error)]
pub enum RecommendError {
    /// The backend is unavailable, starting, throttling or too slow. A later retry may succeed.
    #[error("the backend is not available")]
    Unavailable {
        /// When to try again.
        retry_after: Duration,
        /// The cause.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The backend's answer is invalid. A retry will not help.
    #[error("the backend's answer cannot be used")]
    BadAnswer(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl RecommendError {
    /// Returns the error followed by its causes, for the log: some formats would show the error alone.
    pub(crate) fn with_causes(&self) -> impl fmt::Display {
        fmt::from_fn(move |f| {
            write!(f, "{self}")?;
            let mut cause = self.source();
            while let Some(error) = cause {
                write!(f, ": {error}")?;
                cause = error.source();
            }
            Ok(())
        })
    }
}
