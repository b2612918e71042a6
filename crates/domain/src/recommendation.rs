//! A recommendation and its explanation.

use serde::{Deserialize, Serialize};

use crate::MysfitId;

/// A recommendation: the mysfit that suits a visitor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Recommendation {
    /// The mysfit's id.
    pub recommended_mysfit: MysfitId,
    /// The explanation, if it was requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
}

/// The explanation of a recommendation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The name of the backend.
    pub backend: String,
    /// The number of neighbours.
    pub k: usize,
    /// The votes, most first; of equal counts the lower label first. Their counts add up to `k`.
    pub votes: Vec<Vote>,
    /// Euclidean distances to the neighbours, nearest first; as many as `k`.
    pub distances: Vec<f32>,
}

/// The votes for a mysfit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Vote {
    /// The mysfit's id.
    pub mysfit: MysfitId,
    /// The number of votes; at least one.
    pub count: usize,
}
