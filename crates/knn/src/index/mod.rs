//! The exact indexes: one answer, found in two ways.

mod flat;
mod kd_tree;

use crate::{Hyperparameters, IndexKind, Metric, TrainError};
pub(crate) use flat::FlatIndex;
pub use kd_tree::KD_TREE_MAX_DIM;

/// A row near a query.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// The row's number among the rows of the model, counted from 0.
    pub row: usize,
    /// The row's label.
    pub label: f32,
    /// What the metric measured: the squared Euclidean distance, or the (cosine's) inner product.
    pub measure: f32,
}

/// A found row: the measure's sort key and the row number, in one integer that sorts by both.
///
/// Sort keys are never NaN for [`Metric::L2`]; for the others an overflow can make one, which then sorts last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit(u64);

impl Hit {
    pub(crate) fn new(sort_key: f32, row: u32) -> Self {
        // The usual order-preserving map of floats to integers: flip all bits of negatives, the sign bit of the rest.
        let bits = sort_key.to_bits();
        let ordered = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
        Self(u64::from(ordered) << 32 | u64::from(row))
    }

    pub(crate) fn row(self) -> u32 {
        self.0 as u32
    }

    pub(crate) fn sort_key(self) -> f32 {
        let ordered = (self.0 >> 32) as u32;
        f32::from_bits(if ordered >> 31 == 1 { ordered & !(1 << 31) } else { !ordered })
    }
}

/// Buffers of one search, kept from query to query so that a batch allocates once a thread.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// The result: the nearest rows, nearest first.
    pub(crate) hits: Vec<Hit>,
    points: Vec<Hit>,
    pub(crate) query: Vec<f32>,
    pub(crate) votes: Vec<u32>,
}

/// Finds the rows that are nearest to a query.
pub(crate) trait Search: Send + Sync {
    /// Puts the `k` nearest rows into `scratch.hits`, nearest first, equally near ones by row number; all rows, if
    /// there are fewer. The query has the index's dimension, is finite, and is scaled as the metric asks.
    fn search(&self, rows: &FlatIndex, query: &[f32], scratch: &mut Scratch);
}

/// Builds the index that the hyperparameters ask for, over rows that are already scaled as the metric asks.
pub(crate) fn build(rows: &FlatIndex, parameters: &Hyperparameters) -> Result<Box<dyn Search>, TrainError> {
    let possible = parameters.metric() == Metric::L2 && rows.dim() <= KD_TREE_MAX_DIM;
    match parameters.index() {
        IndexKind::KdTree if !possible => {
            Err(TrainError::KdTreeImpossible { metric: parameters.metric(), feature_dim: rows.dim() })
        }
        IndexKind::Flat | IndexKind::Auto if !possible => Ok(Box::new(flat::Scan { k: parameters.k() })),
        IndexKind::Flat => Ok(Box::new(flat::Scan { k: parameters.k() })),
        IndexKind::Auto | IndexKind::KdTree => kd_tree::build(rows, parameters.k()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_sort_by_key_then_row_and_give_both_back() {
        let keys = [f32::NEG_INFINITY, -2.5, -f32::MIN_POSITIVE, 0.0, 1e-40, 1.0, 245.0, f32::INFINITY];
        let mut previous = None;
        for key in keys {
            for row in [0, 1, u32::MAX] {
                let hit = Hit::new(key, row);
                assert_eq!((hit.sort_key(), hit.row()), (key, row));
                assert!(previous < Some(hit), "{key} {row}");
                previous = Some(hit);
            }
        }
    }
}
