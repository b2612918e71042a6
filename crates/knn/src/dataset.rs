//! Training samples with labels.

use ndarray::{ArrayView1, ArrayView2};

/// Borrowed samples and their labels.
///
/// Shape: `n_samples × feature_dim` features, `n_samples` labels; at least one sample of at least one feature; every
/// number finite. The constructor checks all of this.
#[derive(Debug, Clone, Copy)]
pub struct Dataset<'a> {
    features: ArrayView2<'a, f32>,
    labels: ArrayView1<'a, f64>,
}

/// An error of [`Dataset::new`].
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// There is no sample or no feature.
    #[error("the dataset is {n_samples} samples × {feature_dim} features; it needs at least 1 × 1")]
    Empty {
        /// Rows given.
        n_samples: usize,
        /// Columns given.
        feature_dim: usize,
    },
    /// The number of labels is not the number of samples.
    #[error("there are {n_labels} labels for {n_samples} samples; there must be one for each")]
    LabelCount {
        /// Rows given.
        n_samples: usize,
        /// Labels given.
        n_labels: usize,
    },
    /// There are more samples than a row number can count.
    #[error("there are {n_samples} samples; the maximum is {}", u32::MAX)]
    TooMany {
        /// Rows given.
        n_samples: usize,
    },
    /// A feature is NaN or infinite.
    #[error("feature {feature} of row {row} is {value}; every feature must be a finite number")]
    FeatureNotFinite {
        /// Row, counted from 0.
        row: usize,
        /// Column, counted from 0.
        feature: usize,
        /// The feature.
        value: f32,
    },
    /// A label is NaN or infinite.
    #[error("the label of row {row} is {value}; every label must be a finite number")]
    LabelNotFinite {
        /// Row, counted from 0.
        row: usize,
        /// The label.
        value: f64,
    },
}

impl<'a> Dataset<'a> {
    /// Creates a dataset from views of features and labels.
    ///
    /// # Errors
    /// [`DatasetError`] if the shapes do not fit or a number is not finite.
    pub fn new(features: ArrayView2<'a, f32>, labels: ArrayView1<'a, f64>) -> Result<Self, DatasetError> {
        let (n_samples, feature_dim) = features.dim();
        if n_samples == 0 || feature_dim == 0 {
            return Err(DatasetError::Empty { n_samples, feature_dim });
        }
        if labels.len() != n_samples {
            return Err(DatasetError::LabelCount { n_samples, n_labels: labels.len() });
        }
        if u32::try_from(n_samples).is_err() {
            return Err(DatasetError::TooMany { n_samples });
        }
        // Iterating over a slice is many times faster than with indices, which are only needed for the error.
        if !features.as_slice().is_some_and(|values| values.iter().all(|v| v.is_finite()))
            && let Some(((row, feature), &value)) = features.indexed_iter().find(|(_, v)| !v.is_finite())
        {
            return Err(DatasetError::FeatureNotFinite { row, feature, value });
        }
        if !labels.as_slice().is_some_and(|values| values.iter().all(|v| v.is_finite()))
            && let Some((row, &value)) = labels.indexed_iter().find(|(_, v)| !v.is_finite())
        {
            return Err(DatasetError::LabelNotFinite { row, value });
        }
        Ok(Self { features, labels })
    }

    /// Returns the features, one row for each sample.
    #[must_use]
    pub fn features(&self) -> ArrayView2<'a, f32> {
        self.features
    }

    /// Returns the labels, in row order.
    #[must_use]
    pub fn labels(&self) -> ArrayView1<'a, f64> {
        self.labels
    }

    /// Returns the number of samples; at least one.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.features.nrows()
    }

    /// Returns the number of features of a sample; at least one.
    #[must_use]
    pub fn feature_dim(&self) -> usize {
        self.features.ncols()
    }
}
