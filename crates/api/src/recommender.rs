//! The port through which the API asks for a recommendation.

use std::{pin::Pin, sync::Arc, time::Duration};

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
    /// [`RecommendError`] if the backend is away or its answer is none.
    fn recommend(&self, entry: Entry, explain: bool)
    -> BoxFuture<'_, Result<Recommendation, RecommendError>>;
}

/// Why there is no recommendation. What it wraps is for the log, never for the caller.
#[derive(Debug, thiserror::Error)]
pub enum RecommendError {
    /// The backend is away, starting, throttling or too slow; trying again later may help.
    #[error("the backend is not available: {cause}")]
    Unavailable {
        /// When to try again.
        retry_after: Duration,
        /// What happened.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The backend answered with something that is no recommendation; trying again will not help.
    #[error("the backend's answer cannot be used: {0}")]
    BadAnswer(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl<R: Recommender + ?Sized> Recommender for Arc<R> {
    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn recommend(
        &self,
        entry: Entry,
        explain: bool,
    ) -> BoxFuture<'_, Result<Recommendation, RecommendError>> {
        (**self).recommend(entry, explain)
    }
}
