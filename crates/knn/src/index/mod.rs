//! Indexes: ways to find the rows that are nearest to a query.
//!
//! All of them order by the sort key of the score, then by row number. The flat scan and the kd-tree are exact and give
//! the same results. The inverted files scan the rows of some lists, and [`IvfPq`] computes approximate scores.

mod buffers;
mod flat;
mod integer_scan;
mod ivf;
mod kd_tree;
mod top_k;

use ndarray::{Array2, ArrayView2};

use crate::{Hyperparameters, IndexKind, Metric, TrainError, hyperparameters::KD_TREE_MAX_DIM};
pub(crate) use buffers::SearchBuffers;
pub(crate) use flat::FlatIndex;
pub(crate) use integer_scan::bytes as integer_bytes;
pub(crate) use ivf::CODES;
pub use ivf::{InvertedList, IvfFlat, IvfPq};
use kd_tree::KdTree;
pub(crate) use kd_tree::bytes_per_row as tree_bytes_per_row;
pub(crate) use top_k::Candidate;

/// A row near a query.
#[doc(alias = "neighbor")]
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// The row's number among the rows of the model, counted from 0.
    pub row: usize,
    /// The row's label.
    pub label: f64,
    /// The metric's score: the *squared* Euclidean distance (lower is nearer) for [`Metric::L2`], the inner product
    /// (higher is nearer) for the others.
    #[doc(alias = "distance")]
    pub score: f32,
}

/// The rows of a model, as an artifact stores them.
#[derive(Debug, Clone, PartialEq)]
pub enum Index {
    /// Plain rows, `n_samples × dim`.
    Rows(Array2<f32>),
    /// Rows in lists.
    IvfFlat(IvfFlat),
    /// Coded rows in lists.
    IvfPq(IvfPq),
}

/// A borrowed [`Index`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum IndexView<'a> {
    /// Plain rows, `n_samples × dim`.
    Rows(ArrayView2<'a, f32>),
    /// Rows in lists.
    IvfFlat(&'a IvfFlat),
    /// Coded rows in lists.
    IvfPq(&'a IvfPq),
}

impl Index {
    /// Returns a view of the index.
    #[must_use]
    pub fn view(&self) -> IndexView<'_> {
        match self {
            Self::Rows(rows) => IndexView::Rows(rows.view()),
            Self::IvfFlat(lists) => IndexView::IvfFlat(lists),
            Self::IvfPq(lists) => IndexView::IvfPq(lists),
        }
    }
}

impl IndexView<'_> {
    /// Returns the number of rows.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        match self {
            Self::Rows(rows) => rows.nrows(),
            Self::IvfFlat(lists) => lists.n_samples(),
            Self::IvfPq(lists) => lists.n_samples(),
        }
    }

    /// Returns the width of a row, after projection and padding.
    #[must_use]
    pub fn dim(&self) -> usize {
        match self {
            Self::Rows(rows) => rows.ncols(),
            Self::IvfFlat(lists) => lists.dim(),
            Self::IvfPq(lists) => lists.dim(),
        }
    }
}

/// An index that can be searched.
#[derive(Clone)]
pub(crate) enum SearchIndex {
    Scan(FlatIndex),
    Tree { rows: FlatIndex, tree: KdTree },
    IvfFlat(IvfFlat),
    IvfPq(IvfPq),
}

impl SearchIndex {
    /// Creates a kd-tree or a flat scan over transformed rows.
    pub(crate) fn exact(rows: FlatIndex, parameters: &Hyperparameters) -> Result<Self, TrainError> {
        let (metric, feature_dim) = (parameters.metric(), rows.dim());
        let is_possible = metric == Metric::L2 && feature_dim <= KD_TREE_MAX_DIM;
        match parameters.index() {
            IndexKind::KdTree if !is_possible => Err(TrainError::KdTreeImpossible { metric, feature_dim }),
            IndexKind::Flat => Ok(Self::Scan(rows.prepared(metric))),
            _ if !is_possible => Ok(Self::Scan(rows.prepared(metric))),
            _ => Ok(Self::Tree { tree: KdTree::new(&rows), rows }),
        }
    }

    pub(crate) fn view(&self) -> IndexView<'_> {
        match self {
            Self::Scan(rows) | Self::Tree { rows, .. } => IndexView::Rows(rows.view()),
            Self::IvfFlat(lists) => IndexView::IvfFlat(lists),
            Self::IvfPq(lists) => IndexView::IvfPq(lists),
        }
    }

    /// Estimates the cost of one search, in multiplications.
    pub(crate) fn cost(&self, k: usize) -> usize {
        match self {
            Self::Scan(rows) => rows.len().saturating_mul(rows.dim()),
            // The tree's depth and the points around the query: memory accesses, each as slow as many multiplications.
            Self::Tree { rows, .. } => 1024 * (rows.len().ilog2() as usize + k.min(rows.len())),
            Self::IvfFlat(lists) => lists.cost(),
            Self::IvfPq(lists) => lists.cost(),
        }
    }

    /// Returns how many queries should be searched for together: a scan reads all rows once for all of them.
    pub(crate) fn min_block(&self) -> usize {
        match self {
            // As long as this, reading takes less time than computing.
            Self::Scan(_) => 16,
            Self::Tree { .. } | Self::IvfFlat(_) | Self::IvfPq(_) => 1,
        }
    }

    /// Finds the `k` nearest rows for each of the concatenated queries: nearest first, equally near ones by row number,
    /// all rows if there are fewer. After each query, in order, `found` is called with the buffers that hold the result.
    ///
    /// The queries have the index's dimension, are finite, and are transformed like the rows.
    pub(crate) fn search(
        &self,
        k: usize,
        metric: Metric,
        queries: &[f32],
        buffers: &mut SearchBuffers,
        mut found: impl FnMut(&mut SearchBuffers),
    ) {
        match self {
            Self::Scan(rows) => rows.search(k, metric, queries, buffers, found),
            Self::Tree { rows, tree } => {
                for query in queries.chunks_exact(rows.dim()) {
                    tree.search(k, query, buffers);
                    found(buffers);
                }
            }
            Self::IvfFlat(lists) => {
                for query in queries.chunks_exact(lists.dim()) {
                    lists.search(k, metric, query, buffers);
                    found(buffers);
                }
            }
            Self::IvfPq(lists) => {
                for query in queries.chunks_exact(lists.dim()) {
                    lists.search(k, query, buffers);
                    found(buffers);
                }
            }
        }
    }
}
