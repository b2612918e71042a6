//! Metrics of recommendations, for Prometheus.

use std::sync::Arc;

use mysfits_api::{BoxFuture, RecommendError, Recommended, Recommender};
use mysfits_domain::Entry;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    backend: &'static str,
    /// The mysfit's slug, or `none` if the backend failed.
    mysfit: &'static str,
}

/// Counts recommendations by backend and mysfit.
#[derive(Debug)]
pub(crate) struct RecommendationMetrics(Family<Labels, Counter>);

impl RecommendationMetrics {
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let recommendations = Family::default();
        registry.register("mysfits_recommendations", "Recommendations by mysfit", recommendations.clone());
        Self(recommendations)
    }
}

/// A recommender whose recommendations are counted by mysfit.
pub(crate) struct Counted<R> {
    pub(crate) recommender: R,
    pub(crate) metrics: Arc<RecommendationMetrics>,
}

impl<R: Recommender> Recommender for Counted<R> {
    fn name(&self) -> &'static str {
        self.recommender.name()
    }

    fn recommend(&self, entry: Entry, explain: bool) -> BoxFuture<'_, Result<Recommended, RecommendError>> {
        Box::pin(async move {
            let result = self.recommender.recommend(entry, explain).await;
            let labels = |r: &Recommended| (r.backend, r.recommendation.recommended_mysfit.mysfit().slug);
            let (backend, mysfit) = result.as_ref().map_or((self.name(), "none"), labels);
            self.metrics.0.get_or_create(&Labels { backend, mysfit }).inc();
            result
        })
    }
}
