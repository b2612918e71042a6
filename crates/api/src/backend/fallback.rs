//! A backend with another as its fallback.

use std::time::Instant;

use mysfits_domain::Entry;

use super::circuit_breaker::CircuitBreaker;
use crate::{BoxFuture, FallbackFrom, FallbackReason, RecommendError, Recommended, Recommender};

/// Recommends by a primary backend, or by a secondary one if the primary is unavailable or its answer is invalid. The
/// response names the failed backend ([`Recommended::fallback`]).
///
/// A client waits until the primary has failed, so the primary's timeouts must be short: for a SageMaker endpoint,
/// `Timeouts::WITH_FALLBACK`. A circuit breaker spares most clients that wait: after three consecutive failures the primary
/// is not called for five seconds; then one request probes it. Only unavailability counts as a failure: an invalid answer
/// arrives at once.
#[derive(Debug)]
pub struct Fallback<Primary, Secondary> {
    primary: Primary,
    secondary: Secondary,
    breaker: CircuitBreaker,
}

impl<Primary: Recommender, Secondary: Recommender> Fallback<Primary, Secondary> {
    /// Returns the primary backend with its fallback.
    pub fn new(primary: Primary, secondary: Secondary) -> Self {
        Self { primary, secondary, breaker: CircuitBreaker::default() }
    }

    /// Returns the primary backend's recommendation, or the reason for the fallback.
    async fn call_primary(&self, entry: Entry, explain: bool) -> Result<Recommended, FallbackReason> {
        let Some(permit) = self.breaker.try_acquire(Instant::now()) else {
            return Err(FallbackReason::CircuitOpen);
        };
        let error = match self.primary.recommend(entry, explain).await {
            Ok(recommended) => {
                permit.succeeded();
                return Ok(recommended);
            }
            Err(error) => error,
        };
        tracing::warn!(
            error = %error.with_causes(),
            backend = self.primary.name(),
            "the primary backend failed; calling the fallback"
        );
        match error {
            RecommendError::Unavailable { .. } => {
                permit.failed(Instant::now());
                Err(FallbackReason::Unavailable)
            }
            RecommendError::BadAnswer(_) => {
                permit.succeeded();
                Err(FallbackReason::BadAnswer)
            }
        }
    }
}

impl<Primary: Recommender, Secondary: Recommender> Recommender for Fallback<Primary, Secondary> {
    fn name(&self) -> &'static str {
        "fallback"
    }

    fn recommend(&self, entry: Entry, explain: bool) -> BoxFuture<'_, Result<Recommended, RecommendError>> {
        Box::pin(async move {
            match self.call_primary(entry, explain).await {
                Ok(recommended) => Ok(recommended),
                Err(reason) => {
                    let recommended = self.secondary.recommend(entry, explain).await?;
                    let fallback = Some(FallbackFrom { backend: self.primary.name(), reason });
                    Ok(Recommended { fallback, ..recommended })
                }
            }
        })
    }
}
