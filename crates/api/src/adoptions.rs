//! Likes and adoptions of the mysfits, which the host of the router may store.

use mysfits_domain::MysfitId;

/// The likes and adoption of one mysfit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AdoptionStats {
    /// The number of likes.
    pub likes: u64,
    /// Whether the mysfit is adopted.
    pub adopted: bool,
}

/// A source of likes and adoptions. The API itself is stateless; a host with the workshop's other modules passes an
/// implementation to [`RecommendationApi::adoptions`](crate::RecommendationApi::adoptions).
pub trait Adoptions: Send + Sync + 'static {
    /// Returns the current likes and adoption of a mysfit.
    fn stats(&self, mysfit: MysfitId) -> AdoptionStats;
}

/// No store: no mysfit has likes or is adopted.
pub(crate) struct NoAdoptions;

impl Adoptions for NoAdoptions {
    fn stats(&self, _: MysfitId) -> AdoptionStats {
        AdoptionStats::default()
    }
}
