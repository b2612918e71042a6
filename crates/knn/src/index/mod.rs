//! The indexes: ways to find the rows that are nearest to a query.
//!
//! All of them order by the measure's sort key, then by row number. The flat scan and the kd-tree are exact and give the
//! same; the inverted files look at the rows of some lists, and [`IvfPq`] measures to coded rows.

mod flat;
mod hit;
mod ivf;
mod kd_tree;

use ndarray::{Array2, ArrayView2};

use crate::{Hyperparameters, IndexKind, Metric, TrainError};
pub(crate) use flat::FlatIndex;
pub(crate) use hit::Hit;
use hit::Nearest;
pub(crate) use ivf::{CODES, check_finite};
pub use ivf::{IndexError, InvertedList, IvfFlat, IvfPq};
pub use kd_tree::KD_TREE_MAX_DIM;
use kd_tree::Tree;
pub(crate) use kd_tree::tree_dim;

/// A row near a query.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// The row's number among the rows of the model, counted from 0.
    pub row: usize,
    /// The row's label.
    pub label: f64,
    /// What the metric measured: the squared Euclidean distance, or the (cosine's) inner product.
    pub measure: f32,
}

/// What a model's rows are kept in, as an artifact stores it.
#[derive(Debug, Clone, PartialEq)]
pub enum Index {
    /// The rows themselves, `n_samples × dim`.
    Rows(Array2<f32>),
    /// The rows in lists.
    IvfFlat(IvfFlat),
    /// Coded rows in lists.
    IvfPq(IvfPq),
}

/// An [`Index`] that is borrowed from a model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum IndexView<'a> {
    /// The rows themselves, `n_samples × dim`.
    Rows(ArrayView2<'a, f32>),
    /// The rows in lists.
    IvfFlat(&'a IvfFlat),
    /// Coded rows in lists.
    IvfPq(&'a IvfPq),
}

impl Index {
    /// The same, borrowed.
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
    /// How many rows there are.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        match self {
            Self::Rows(rows) => rows.nrows(),
            Self::IvfFlat(lists) => lists.n_samples(),
            Self::IvfPq(lists) => lists.n_samples(),
        }
    }

    /// The width of a row, after projection and padding.
    #[must_use]
    pub fn dim(&self) -> usize {
        match self {
            Self::Rows(rows) => rows.ncols(),
            Self::IvfFlat(lists) => lists.dim(),
            Self::IvfPq(lists) => lists.dim(),
        }
    }
}

/// Buffers of one search, kept from query to query so that a batch allocates once a thread.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// The result: the nearest rows, nearest first.
    pub(crate) hits: Vec<Hit>,
    pub(crate) votes: Vec<u32>,
    /// The kd-tree's points, an inverted file's lists.
    points: Vec<Hit>,
    nearest: Vec<Nearest>,
    /// Product quantisation's residual and its table of distances.
    floats: Vec<f32>,
}

/// An index that is ready to be searched.
pub(crate) enum Engine {
    Scan(FlatIndex),
    Tree { rows: FlatIndex, tree: Box<dyn Tree> },
    IvfFlat(IvfFlat),
    IvfPq(IvfPq),
}

impl Engine {
    /// Over rows that are already prepared as the model asks: the kd-tree or the scan.
    pub(crate) fn exact(rows: FlatIndex, parameters: &Hyperparameters) -> Result<Self, TrainError> {
        let (metric, feature_dim) = (parameters.metric(), rows.dim());
        let possible = metric == Metric::L2 && feature_dim <= KD_TREE_MAX_DIM;
        match parameters.index() {
            IndexKind::KdTree if !possible => Err(TrainError::KdTreeImpossible { metric, feature_dim }),
            IndexKind::Flat => Ok(Self::Scan(rows)),
            _ if !possible => Ok(Self::Scan(rows)),
            _ => Ok(Self::Tree { tree: kd_tree::build(&rows, parameters.k())?, rows }),
        }
    }

    pub(crate) fn view(&self) -> IndexView<'_> {
        match self {
            Self::Scan(rows) | Self::Tree { rows, .. } => IndexView::Rows(rows.view()),
            Self::IvfFlat(lists) => IndexView::IvfFlat(lists),
            Self::IvfPq(lists) => IndexView::IvfPq(lists),
        }
    }

    /// About how many multiplications one search takes, or what takes as long.
    pub(crate) fn cost(&self, k: usize) -> usize {
        match self {
            Self::Scan(rows) => rows.len().saturating_mul(rows.dim()),
            // The tree's depth and the points around the query: each is a walk through memory, not a multiplication.
            Self::Tree { rows, .. } => 1024 * (rows.len().ilog2() as usize + k.min(rows.len())),
            Self::IvfFlat(lists) => lists.cost(),
            Self::IvfPq(lists) => lists.cost(),
        }
    }

    /// Finds for each of the queries, which lie one behind the other in `queries`, the `k` nearest rows, nearest first,
    /// equally near ones by row number; all rows, if there are fewer. After each, in order, `found` is called with the
    /// scratch that holds them.
    ///
    /// The queries have the index's dimension, are finite, and are prepared as the rows were.
    pub(crate) fn search(
        &self,
        parameters: &Hyperparameters,
        queries: &[f32],
        scratch: &mut Scratch,
        mut found: impl FnMut(&mut Scratch),
    ) {
        let (k, metric) = (parameters.k(), parameters.metric());
        match self {
            Self::Scan(rows) => rows.search(k, metric, queries, scratch, found),
            Self::Tree { rows, tree } => {
                for query in queries.chunks_exact(rows.dim()) {
                    tree.search(query, &mut scratch.points, &mut scratch.hits);
                    found(scratch);
                }
            }
            Self::IvfFlat(lists) => {
                for query in queries.chunks_exact(lists.dim()) {
                    lists.search(k, metric, query, scratch);
                    found(scratch);
                }
            }
            Self::IvfPq(lists) => {
                for query in queries.chunks_exact(lists.dim()) {
                    lists.search(k, query, scratch);
                    found(scratch);
                }
            }
        }
    }
}
