//! How good predictions are.

use std::fmt;

/// Predictions held against the truth.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    classes: Vec<f64>,
    /// Row-major, `classes × classes`: true label down, predicted label across.
    confusion: Vec<usize>,
    n_samples: usize,
    n_correct: usize,
    squared_error: f64,
}

/// An error of [`Evaluation::new`].
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluationError {
    /// There are no rows, or not one prediction for each label.
    #[error(
        "there are {n_predicted} predictions for {n_actual} labels; there must be equally many, and at least one"
    )]
    Count {
        /// Predictions given.
        n_predicted: usize,
        /// Labels given.
        n_actual: usize,
    },
    /// A prediction is NaN or infinite.
    #[error("the prediction of row {row} is {value}; every prediction must be a finite number")]
    PredictionNotFinite {
        /// Row, counted from 0.
        row: usize,
        /// The prediction.
        value: f64,
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

impl Evaluation {
    /// Compares predictions with the true labels of the same rows.
    ///
    /// # Errors
    /// [`EvaluationError`] if there are not equally many, or none, or if a number is not finite.
    pub fn new(predicted: &[f64], actual: &[f64]) -> Result<Self, EvaluationError> {
        if predicted.len() != actual.len() || predicted.is_empty() {
            let (n_predicted, n_actual) = (predicted.len(), actual.len());
            return Err(EvaluationError::Count { n_predicted, n_actual });
        }
        if let Some((row, value)) = first_not_finite(predicted) {
            return Err(EvaluationError::PredictionNotFinite { row, value });
        }
        if let Some((row, value)) = first_not_finite(actual) {
            return Err(EvaluationError::LabelNotFinite { row, value });
        }
        let mut classes = predicted.to_vec();
        classes.extend_from_slice(actual);
        classes.sort_unstable_by(f64::total_cmp);
        classes.dedup();
        // A regression has as many "classes" as values; a matrix of them would be large and say nothing.
        let is_classification = classes.len() <= 1024;
        let position = |label: &f64| classes.partition_point(|c| c < label);
        let mut confusion = vec![0; if is_classification { classes.len().pow(2) } else { 0 }];
        let (mut n_correct, mut squared_error) = (0, 0.0);
        for (p, a) in predicted.iter().zip(actual) {
            n_correct += usize::from(p == a);
            squared_error += (p - a).powi(2);
            if is_classification {
                confusion[position(a) * classes.len() + position(p)] += 1;
            }
        }
        if !is_classification {
            classes.clear();
        }
        Ok(Self { classes, confusion, n_samples: predicted.len(), n_correct, squared_error })
    }

    /// How many rows were compared; at least one.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.n_samples
    }

    /// The share of rows whose prediction equals the label, in `0.0..=1.0`.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        self.n_correct as f64 / self.n_samples as f64
    }

    /// The mean of the squared differences.
    #[must_use]
    pub fn mean_squared_error(&self) -> f64 {
        self.squared_error / self.n_samples as f64
    }

    /// The labels that occur, true or predicted, ascending: rows and columns of the confusion matrix.
    ///
    /// Empty beyond 1,024 of them, which is no classification any more.
    #[must_use]
    pub fn classes(&self) -> &[f64] {
        &self.classes
    }

    /// The confusion matrix by rows, one for each true label: how often it was predicted as each label.
    #[must_use]
    pub fn confusion(&self) -> impl ExactSizeIterator<Item = &[usize]> {
        self.confusion.chunks_exact(self.classes.len().max(1))
    }
}

/// Returns the position and value of the first NaN or infinity.
fn first_not_finite(values: &[f64]) -> Option<(usize, f64)> {
    values.iter().copied().enumerate().find(|(_, value)| !value.is_finite())
}

impl fmt::Display for Evaluation {
    /// A line with the accuracy and the mean squared error.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "accuracy {:.4}, mean squared error {:.4}, {} samples",
            self.accuracy(),
            self.mean_squared_error(),
            self.n_samples
        )
    }
}
