//! One backend before another: the second answers when the first does not.

mod breaker;

use std::time::Instant;

use mysfits_domain::Entry;

use self::breaker::Breaker;
use crate::{BoxFuture, FallbackFrom, FallbackReason, RecommendError, Recommended, Recommender};

/// Asks the first; if that one is away or answers nonsense, asks the second and says so
/// ([`Recommended::fallback`]).
///
/// A caller waits as long as the first takes to fail, so the first's own time must be short: a SageMaker endpoint in
/// front of a table has `Patience::BEFORE_FALLBACK`. And not every caller shall pay
/// for an endpoint that is gone: after three failures in a row the first is left alone for five seconds; then one
/// caller's request tries it, and it is asked again from then on if it answers, or rests for another five seconds if
/// not. Only failures to be available count: a bad answer comes at once.
#[derive(Debug)]
pub struct Fallback<First, Second> {
    first: First,
    second: Second,
    breaker: Breaker,
}

impl<First: Recommender, Second: Recommender> Fallback<First, Second> {
    /// The second behind the first.
    pub fn new(first: First, second: Second) -> Self {
        Self { first, second, breaker: Breaker::default() }
    }

    /// Returns the first backend's recommendation, or the reason for the fallback.
    async fn ask_first(&self, entry: Entry, explain: bool) -> Result<Recommended, FallbackReason> {
        let Some(trial) = self.breaker.admit(Instant::now()) else {
            return Err(FallbackReason::Resting);
        };
        let error = match self.first.recommend(entry, explain).await {
            Ok(recommended) => {
                trial.answered();
                return Ok(recommended);
            }
            Err(error) => error,
        };
        tracing::warn!(
            error = %error.with_causes(),
            backend = self.first.name(),
            "no answer from the first backend, the second is asked"
        );
        match error {
            RecommendError::Unavailable { .. } => {
                trial.failed(Instant::now());
                Err(FallbackReason::Unavailable)
            }
            RecommendError::BadAnswer(_) => {
                trial.answered();
                Err(FallbackReason::BadAnswer)
            }
        }
    }
}

impl<First: Recommender, Second: Recommender> Recommender for Fallback<First, Second> {
    fn name(&self) -> &'static str {
        "fallback"
    }

    fn recommend(&self, entry: Entry, explain: bool) -> BoxFuture<'_, Result<Recommended, RecommendError>> {
        Box::pin(async move {
            match self.ask_first(entry, explain).await {
                Ok(recommended) => Ok(recommended),
                Err(reason) => {
                    let recommended = self.second.recommend(entry, explain).await?;
                    let fallback = Some(FallbackFrom { backend: self.first.name(), reason });
                    Ok(Recommended { fallback, ..recommended })
                }
            }
        })
    }
}
