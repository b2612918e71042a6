//! A recommendation, its explanation, and what a visitor says about it.

use serde::{Deserialize, Serialize};

use crate::{Entry, MysfitId};

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
    /// The mysfits for which the neighbours vote, in the order of `distances`; empty in responses of earlier versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub neighbours: Vec<MysfitId>,
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

/// What a visitor says about a recommendation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Feedback {
    /// The visitor's answers.
    pub entry: Entry,
    /// The recommended mysfit's id.
    pub mysfit: MysfitId,
    /// Whether the mysfit suits the visitor.
    pub suits: bool,
}
