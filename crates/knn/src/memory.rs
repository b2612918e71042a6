//! An upper bound of the memory that training needs, computed before training.

use crate::{
    Hyperparameters, IndexKind, Metric, PredictorType,
    hyperparameters::KD_TREE_MAX_DIM,
    index::{CODES, integer_bytes, tree_bytes_per_row},
    kmeans::{self, MAX_POINTS_PER_CENTROID},
    parallel, transform,
};

/// The part that does not depend on the data: buffers of the threads, and the allocator's overhead.
const OVERHEAD_BYTES: u64 = 1 << 20;

const F32: u64 = size_of::<f32>() as u64;
const F64: u64 = size_of::<f64>() as u64;
const NUMBER: u64 = size_of::<u32>() as u64;
const USIZE: u64 = size_of::<usize>() as u64;

/// A sum of products of counts; `None` after an overflow.
struct Bytes(Option<u64>);

impl Bytes {
    fn add(&mut self, factors: &[u64]) {
        let product = factors.iter().try_fold(1u64, |product, &factor| product.checked_mul(factor));
        self.0 = self.0.zip(product).and_then(|(sum, product)| sum.checked_add(product));
    }

    /// Adds the memory for training and filling lists, without their values.
    fn add_lists(&mut self, n: u64, dim: u64, n_lists: u64) {
        let n_points = n_lists.saturating_mul(MAX_POINTS_PER_CENTROID as u64);
        if n_points < n {
            self.add(&[n_points, USIZE]);
            self.add(&[n_points, dim, F32]);
        }
        self.add(&[n_points.min(n), 2 * NUMBER]); // their order, and the list of each
        self.add(&[n_lists.checked_next_multiple_of(16).unwrap_or(u64::MAX), dim, kmeans::BYTES_PER_NUMBER]);
        self.add(&[n, 2 * NUMBER]); // the list of each row, the rows of each list
        self.add(&[n_lists, 8 * USIZE]);
    }
}

impl Hyperparameters {
    /// Returns an upper bound of the memory that [`Model::train`](crate::Model::train) needs at any time for a dataset of
    /// this shape, in bytes; `None` on overflow. Includes the model and temporary data, not the dataset itself.
    ///
    /// Allocates nothing. Use it to reject training that cannot succeed before it starts.
    #[must_use]
    pub fn model_bytes(&self, n_samples: usize, feature_dim: usize) -> Option<u64> {
        let n = n_samples.min(self.sample_size()) as u64;
        let (projection, transformed_dim) = transform::shape(feature_dim, self)?;
        let dim = transformed_dim as u64;
        let n_threads = parallel::count() as u64;
        let mut bytes = Bytes(Some(OVERHEAD_BYTES));
        if n < n_samples as u64 {
            bytes.add(&[n, USIZE]); // numbers of the drawn rows
        }
        bytes.add(&[n, F64]); // labels
        if self.predictor_type() == PredictorType::Classifier {
            bytes.add(&[n, F64 + NUMBER]); // classes, and the class of each row
        }
        bytes.add(&[n, dim, F32]); // transformed rows
        if let Some(projection) = projection {
            bytes.add(&[projection.bytes(feature_dim)?, 2]); // vectors may grow to twice the size
            bytes.add(&[n_threads, (feature_dim as u64).checked_next_power_of_two()?, 3 * F32]);
        }
        match self.index() {
            IndexKind::IvfFlat { n_lists, .. } => {
                bytes.add_lists(n, dim, n_lists as u64);
                bytes.add(&[n, dim, F32]); // a copy of the rows in the lists
            }
            IndexKind::IvfPq { n_lists, m, .. } => {
                let m = m as u64;
                bytes.add_lists(n, dim, n_lists as u64);
                let n_points = n.min((CODES * MAX_POINTS_PER_CENTROID) as u64);
                bytes.add(&[n_points, USIZE + 2 * NUMBER]); // numbers, order, and the centroid of each
                bytes.add(&[n_points, dim / m, F32]); // a part of their residuals
                bytes.add(&[CODES as u64, dim / m, kmeans::BYTES_PER_NUMBER]);
                bytes.add(&[CODES as u64, dim, 2 * F32]); // codebooks, as stored and as laid out for searches
                bytes.add(&[n, m, 2]); // codes, before and in the lists
                bytes.add(&[n_threads, 256, dim / m + 1, F32]);
            }
            _ if self.metric() == Metric::L2
                && transformed_dim <= KD_TREE_MAX_DIM
                && self.index() != IndexKind::Flat =>
            {
                bytes.add(&[n, tree_bytes_per_row(transformed_dim) as u64]);
            }
            _ => bytes.add(&[integer_bytes(n, dim, n_threads)?]),
        }
        bytes.0
    }
}
