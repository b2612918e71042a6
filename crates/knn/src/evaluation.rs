//! Evaluation of predictions: accuracy, mean squared error, confusion matrix, precision, recall and F1.

use std::fmt;

/// The most distinct labels for which there are metrics by class: more are no classification.
const MAX_CLASSES: usize = 1 << 16;
/// The most distinct labels for which there is a confusion matrix.
const MAX_MATRIX_CLASSES: usize = 1024;

/// Predictions compared with true labels, in one batch or several.
///
/// ```
/// use mysfits_knn::Evaluation;
///
/// let mut evaluation = Evaluation::new(&[0.0, 1.0], &[0.0, 1.0])?;
/// evaluation.add(&[1.0, 1.0], &[1.0, 0.0])?;
/// assert_eq!(evaluation.accuracy(), 0.75);
/// let recall: Vec<f64> = evaluation.class_metrics().map(|class| class.recall).collect();
/// assert_eq!(recall, [0.5, 1.0]);
/// # Ok::<(), mysfits_knn::EvaluationError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluation {
    n_samples: usize,
    n_correct: usize,
    squared_error: f64,
    /// The labels that occur, ascending; empty if there are more than [`MAX_CLASSES`].
    classes: Vec<f64>,
    /// In the order of `classes`.
    counts: Vec<ClassCounts>,
    /// Row-major, `classes × classes`, by true label, then predicted label; empty if there are more than
    /// [`MAX_MATRIX_CLASSES`].
    confusion: Vec<usize>,
    has_too_many_classes: bool,
}

/// Metrics of one class of an [`Evaluation`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ClassMetrics {
    /// The label.
    pub label: f64,
    /// The share of correct predictions among the predictions of this label; NaN if it is never predicted.
    pub precision: f64,
    /// The share of correct predictions among the rows with this label; NaN if there is no such row.
    pub recall: f64,
    /// The F1 score, the harmonic mean of precision and recall; 0 if there is no correct prediction.
    pub f1: f64,
}

/// An error of [`Evaluation::new`] or [`Evaluation::add`].
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluationError {
    /// There are no rows, or the number of predictions is not the number of labels.
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

/// How often a label is predicted correctly, predicted, and true.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct ClassCounts {
    correct: usize,
    predicted: usize,
    actual: usize,
}

impl Evaluation {
    /// Compares predictions with the true labels of the same rows.
    ///
    /// # Errors
    /// [`EvaluationError`] if there are not equally many, or none, or if a number is not finite.
    pub fn new(predicted: &[f64], actual: &[f64]) -> Result<Self, EvaluationError> {
        let mut evaluation = Self::default();
        evaluation.add(predicted, actual)?;
        Ok(evaluation)
    }

    /// Adds the predictions and true labels of further rows.
    ///
    /// # Errors
    /// [`EvaluationError`], as for [`new`](Self::new); then nothing is added.
    pub fn add(&mut self, predicted: &[f64], actual: &[f64]) -> Result<(), EvaluationError> {
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
        self.n_samples += predicted.len();
        self.insert_classes(predicted.iter().chain(actual));
        for (predicted, actual) in predicted.iter().zip(actual) {
            self.n_correct += usize::from(predicted == actual);
            self.squared_error += (predicted - actual).powi(2);
            if self.classes.is_empty() {
                continue;
            }
            let [column, row] = [predicted, actual].map(|label| self.classes.partition_point(|c| c < label));
            self.counts[column].predicted += 1;
            self.counts[row].actual += 1;
            self.counts[row].correct += usize::from(row == column);
            if let Some(count) = self.confusion.get_mut(row * self.classes.len() + column) {
                *count += 1;
            }
        }
        Ok(())
    }

    /// Adds the labels that are new, and keeps the counts of the others.
    fn insert_classes<'a>(&mut self, labels: impl Iterator<Item = &'a f64>) {
        if self.has_too_many_classes {
            return;
        }
        let is_known = |label: &&f64| self.classes.binary_search_by(|c| c.total_cmp(label)).is_ok();
        // Adding zero turns -0.0 into 0.0: they are the same label.
        let mut new: Vec<f64> = labels.filter(|label| !is_known(label)).map(|label| label + 0.0).collect();
        if new.is_empty() {
            return;
        }
        new.extend(&self.classes);
        new.sort_unstable_by(f64::total_cmp);
        new.dedup();
        if new.len() > MAX_CLASSES {
            *self = Self {
                n_samples: self.n_samples,
                n_correct: self.n_correct,
                squared_error: self.squared_error,
                has_too_many_classes: true,
                ..Self::default()
            };
            return;
        }
        let old = std::mem::replace(&mut self.classes, new);
        let n_classes = self.classes.len();
        let position: Vec<usize> =
            old.iter().map(|label| self.classes.partition_point(|c| c < label)).collect();
        let counts = std::mem::replace(&mut self.counts, vec![ClassCounts::default(); n_classes]);
        for (counts, &position) in counts.into_iter().zip(&position) {
            self.counts[position] = counts;
        }
        let cells = if n_classes <= MAX_MATRIX_CLASSES { n_classes.pow(2) } else { 0 };
        let confusion = std::mem::replace(&mut self.confusion, vec![0; cells]);
        if cells > 0 {
            for (counts, &row) in confusion.chunks_exact(old.len().max(1)).zip(&position) {
                for (&count, &column) in counts.iter().zip(&position) {
                    self.confusion[row * n_classes + column] = count;
                }
            }
        }
    }

    /// Returns the number of compared rows; at least one.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.n_samples
    }

    /// Returns the share of rows whose prediction equals the label, in `0.0..=1.0`.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        self.n_correct as f64 / self.n_samples as f64
    }

    /// Returns the mean of the squared differences.
    #[must_use]
    pub fn mean_squared_error(&self) -> f64 {
        self.squared_error / self.n_samples as f64
    }

    /// Returns the labels that occur, true or predicted, ascending; empty if there are more than 65,536.
    #[must_use]
    pub fn classes(&self) -> &[f64] {
        &self.classes
    }

    /// Returns the metrics of each label, in the order of [`classes`](Self::classes).
    #[must_use]
    pub fn class_metrics(&self) -> impl ExactSizeIterator<Item = ClassMetrics> {
        self.classes.iter().zip(&self.counts).map(|(&label, counts)| {
            let [correct, predicted, actual] =
                [counts.correct, counts.predicted, counts.actual].map(|count| count as f64);
            ClassMetrics {
                label,
                precision: correct / predicted,
                recall: correct / actual,
                f1: 2.0 * correct / (predicted + actual),
            }
        })
    }

    /// Returns the mean of the F1 scores of all labels; NaN if there are more than 65,536 labels.
    #[must_use]
    pub fn macro_f1(&self) -> f64 {
        self.class_metrics().map(|class| class.f1).sum::<f64>() / self.classes.len() as f64
    }

    /// Returns the rows of the confusion matrix, one for each true label: how often it was predicted as each label. Rows and
    /// columns are in the order of [`classes`](Self::classes).
    ///
    /// Empty if there are more than 1,024 labels.
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
    /// Writes the accuracy, the mean squared error and the number of samples on one line.
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
