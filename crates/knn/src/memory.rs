//! How much memory training takes, before it is taken.

use crate::{
    Hyperparameters, IndexKind, KD_TREE_MAX_DIM, Metric, PredictorType,
    index::{CODES, tree_dim},
    kmeans::{self, MAX_POINTS_PER_CENTROID},
    preparation, threads,
};

/// What is held whatever the data: the threads' own buffers, and the allocator's share of many small pieces.
const OVERHEAD_BYTES: u64 = 1 << 20;

const F32: u64 = size_of::<f32>() as u64;
const F64: u64 = size_of::<f64>() as u64;
const NUMBER: u64 = size_of::<u32>() as u64;
const USIZE: u64 = size_of::<usize>() as u64;

/// A sum of products of counts that is none as soon as it is beyond counting.
struct Bytes(Option<u64>);

impl Bytes {
    fn add(&mut self, factors: &[u64]) {
        let product = factors.iter().try_fold(1u64, |product, &factor| product.checked_mul(factor));
        self.0 = self.0.zip(product).and_then(|(sum, product)| sum.checked_add(product));
    }

    /// What learning the lists and filling them takes, without their values.
    fn add_lists(&mut self, n: u64, dim: u64, n_lists: u64) {
        let n_points = n_lists.saturating_mul(MAX_POINTS_PER_CENTROID as u64);
        if n_points < n {
            self.add(&[n_points, USIZE]);
            self.add(&[n_points, dim, F32]);
        }
        self.add(&[n_points.min(n), 2 * NUMBER]); // in which order, and where each belongs
        self.add(&[n_lists.checked_next_multiple_of(16).unwrap_or(u64::MAX), dim, kmeans::BYTES_PER_NUMBER]);
        self.add(&[n, 2 * NUMBER]); // the list of each row, the rows of each list
        self.add(&[n_lists, 8 * USIZE]);
    }
}

impl Hyperparameters {
    /// An upper bound of what [`Model::train`](crate::Model::train) holds at any time, in bytes, of a dataset of this
    /// shape: the model that comes of it and what is needed on the way, not the dataset itself. None if it is beyond
    /// counting.
    ///
    /// Reckoned from the numbers alone, nothing is allocated; so that a training that cannot succeed can be refused
    /// before it starts.
    #[must_use]
    pub fn model_bytes(&self, n_samples: usize, feature_dim: usize) -> Option<u64> {
        let n = n_samples.min(self.sample_size()) as u64;
        let (projection, prepared_dim) = preparation::shape(feature_dim, self)?;
        let dim = prepared_dim as u64;
        let n_threads = threads::count() as u64;
        let mut bytes = Bytes(Some(OVERHEAD_BYTES));
        if n < n_samples as u64 {
            bytes.add(&[n, USIZE]); // which rows were drawn
        }
        bytes.add(&[n, F64]); // labels
        if self.predictor_type() == PredictorType::Classifier {
            bytes.add(&[n, F64 + NUMBER]); // classes, and each row's
        }
        bytes.add(&[n, dim, F32]); // prepared rows
        if let Some(projection) = projection {
            bytes.add(&[projection.bytes(feature_dim)?, 2]); // the vectors that it is gathered in may grow to twice
            bytes.add(&[n_threads, (feature_dim as u64).checked_next_power_of_two()?, 3 * F32]);
        }
        match self.index() {
            IndexKind::IvfFlat { n_lists, .. } => {
                bytes.add_lists(n, dim, n_lists as u64);
                bytes.add(&[n, dim, F32]); // the rows again, in their lists
            }
            IndexKind::IvfPq { n_lists, m, .. } => {
                let m = m as u64;
                bytes.add_lists(n, dim, n_lists as u64);
                let n_points = n.min((CODES * MAX_POINTS_PER_CENTROID) as u64);
                bytes.add(&[n_points, USIZE + 2 * NUMBER]); // which, in which order, and where each belongs
                bytes.add(&[n_points, dim / m, F32]); // a part of their residuals
                bytes.add(&[CODES as u64, dim / m, kmeans::BYTES_PER_NUMBER]);
                bytes.add(&[CODES as u64, dim, 2 * F32]); // codebooks, as stored and as measured
                bytes.add(&[n, m, 2]); // codes, before and in their lists
                bytes.add(&[n_threads, 256, dim / m + 1, F32]);
            }
            _ if self.metric() == Metric::L2
                && prepared_dim <= KD_TREE_MAX_DIM
                && self.index() != IndexKind::Flat =>
            {
                let dim = tree_dim(prepared_dim) as u64;
                bytes.add(&[n, dim + 1, F32]); // points with their numbers, sorted
                bytes.add(&[n, dim + 2, F32]); // distinct points and where their rows are
                bytes.add(&[n, dim, F32]); // the points as the tree takes them
                bytes.add(&[n, dim + 4, 3 * F32]); // the tree, and what it is built with
            }
            _ => {}
        }
        bytes.0
    }
}
