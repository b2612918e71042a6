//! The port through which the API asks for a recommendation.

use std::{error::Error as _, fmt, pin::Pin, sync::Arc, time::Duration};

use mysfits_domain::{Entry, Recommendation};

/// A future on the heap: the port is used behind a pointer, because the backend is chosen at run time.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Who can recommend a mysfit.
pub trait Recommender: Send + Sync + 'static {
    /// The backend's name, in explanations, logs and metrics: one word, lower case.
    fn name(&self) -> &'static str;

    /// Recommends a mysfit, with an explanation if `explain` and the backend has one.
    ///
    /// # Errors
    /// [`RecommendError`] if the backend is unavailable or its answer is invalid.
    fn recommend(&self, entry: Entry, explain: bool) -> BoxFuture<'_, Result<Recommended, RecommendError>>;
}

/// A recommendation, and who gave it. The API's answer carries it as an extension, for those who log and count around
/// the router.
#[derive(Debug, Clone, PartialEq)]
pub struct Recommended {
    /// What the caller is told.
    pub recommendation: Recommendation,
    /// The name of the backend that answered: not always the one that was asked.
    pub backend: &'static str,
    /// Who was asked before, if that one failed.
    pub fallback: Option<FallbackFrom>,
}

impl Recommended {
    /// A recommendation by the backend that was asked.
    #[must_use]
    pub fn by(backend: &'static str, recommendation: Recommendation) -> Self {
        Self { recommendation, backend, fallback: None }
    }
}

/// Who should have answered and did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FallbackFrom {
    /// The name of that backend.
    pub backend: &'static str,
    /// What was wrong with it.
    pub reason: FallbackReason,
}

/// Why a backend's answer was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FallbackReason {
    /// It was away, throttled, starting, or too slow.
    Unavailable,
    /// Its answer could not be used.
    BadAnswer,
    /// It was not asked, because it was away a moment ago.
    Resting,
}

impl FallbackReason {
    /// One word or two, lower case, joined by a hyphen: for headers, logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::BadAnswer => "bad-answer",
            Self::Resting => "resting",
        }
    }
}

impl fmt::Display for FallbackReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why there is no recommendation. What it wraps is for the log, never for the caller.
#[derive(Debug, thiserror::Error)]
pub enum RecommendError {
    /// The backend is away, starting, throttling or too slow; trying again later may help.
    #[error("the backend is not available")]
    Unavailable {
        /// When to try again.
        retry_after: Duration,
        /// What happened.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The backend answered with something that is no recommendation; trying again will not help.
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

impl<R: Recommender + ?Sized> Recommender for Arc<R> {
    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn recommend(&self, entry: Entry, explain: bool) -> BoxFuture<'_, Result<Recommended, RecommendError>> {
        (**self).recommend(entry, explain)
    }
}
