//! The memory that searches share.

use super::{
    integer_scan::QueryBuffers,
    top_k::{Candidate, TopK},
};

/// Buffers of a search, reused from query to query so that a batch allocates once a thread.
#[derive(Debug, Default)]
pub(crate) struct SearchBuffers {
    /// The result: the nearest rows, nearest first.
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) votes: Vec<u32>,
    /// The lists of an inverted file.
    pub(super) lists: Vec<Candidate>,
    /// Of a single query, and of each query of a scan.
    pub(super) single: TopK,
    pub(super) nearest: Vec<TopK>,
    pub(super) integers: QueryBuffers,
    /// The residual and the distance table of product quantization.
    pub(super) floats: Vec<f32>,
}
