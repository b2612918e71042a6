//! How good a model is on the test channel, added up batch by batch.

use std::collections::BTreeMap;

use mysfits_knn::PredictorType;

/// With more labels than these there is no F1 score: that is no classification, and counting would take memory without
/// end.
const MAX_CLASSES: usize = 1 << 16;

/// What is known of the rows so far.
pub(super) enum Scores {
    Classifier {
        n_rows: u64,
        n_correct: u64,
        /// By the label's bits; none any more if there are too many labels.
        classes: Option<BTreeMap<u64, Counts>>,
    },
    Regressor {
        n_rows: u64,
        squared_error: f64,
    },
}

/// How often a label was right and predicted, predicted, and right.
#[derive(Default)]
pub(super) struct Counts {
    hits: u64,
    predicted: u64,
    actual: u64,
}

impl Scores {
    pub(super) fn new(predictor_type: PredictorType) -> Self {
        match predictor_type {
            PredictorType::Classifier => {
                Self::Classifier { n_rows: 0, n_correct: 0, classes: Some(BTreeMap::new()) }
            }
            PredictorType::Regressor => Self::Regressor { n_rows: 0, squared_error: 0.0 },
        }
    }

    /// Adds a batch: predictions, and the labels of the same rows.
    pub(super) fn add(&mut self, predicted: &[f64], actual: &[f64]) {
        for (&predicted, &actual) in predicted.iter().zip(actual) {
            match self {
                Self::Regressor { n_rows, squared_error } => {
                    *n_rows += 1;
                    *squared_error += (predicted - actual).powi(2);
                }
                Self::Classifier { n_rows, n_correct, classes } => {
                    *n_rows += 1;
                    *n_correct += u64::from(predicted == actual);
                    let Some(counts) = classes else { continue };
                    // Adding zero makes one label of 0.0 and -0.0.
                    let [predicted, actual] = [predicted, actual].map(|label| (label + 0.0).to_bits());
                    counts.entry(predicted).or_default().predicted += 1;
                    let right = counts.entry(actual).or_default();
                    right.actual += 1;
                    right.hits += u64::from(predicted == actual);
                    if counts.len() > MAX_CLASSES {
                        *classes = None;
                    }
                }
            }
        }
    }

    /// The container's scores by name, in its order; the first is the one that tuning looks at.
    ///
    /// The accuracy is the share of right predictions. The macro F1 score is the mean over the classes of
    /// 2 hits / (predicted + right). As in the container, the classes are 0 to the highest label, right or predicted. A
    /// class that never occurs makes the score NaN (0 / 0): the container logs NaN for covtype, whose labels are 1 to 7.
    /// If a label is negative or not whole, of which no log is known, the classes are the labels that occur. The score is
    /// NaN if there are too many labels. The mean squared error is that of the predictions in `f64`.
    pub(super) fn named(&self) -> Vec<(&'static str, f64)> {
        match self {
            Self::Regressor { n_rows, squared_error } => vec![("mse", squared_error / *n_rows as f64)],
            Self::Classifier { n_rows, n_correct, classes } => {
                let f1 =
                    |counts: &Counts| 2.0 * counts.hits as f64 / (counts.predicted + counts.actual) as f64;
                let macro_f1 = match classes {
                    Some(all) if !lacks_a_class(all.keys().copied().map(f64::from_bits)) => {
                        all.values().map(f1).sum::<f64>() / all.len() as f64
                    }
                    _ => f64::NAN,
                };
                vec![("accuracy", *n_correct as f64 / *n_rows as f64), ("macro_f_1.000", macro_f1)]
            }
        }
    }
}

/// Returns whether distinct labels are classes, whole numbers from 0, of which one below the highest does not occur.
fn lacks_a_class(labels: impl ExactSizeIterator<Item = f64> + Clone) -> bool {
    let n_labels = labels.len() as f64;
    let are_classes = labels.clone().all(|label| label >= 0.0 && label.fract() == 0.0);
    are_classes && labels.fold(0.0, f64::max) >= n_labels
}

#[cfg(test)]
mod tests {
    use super::*;

    fn macro_f1(predicted: &[f64], actual: &[f64]) -> f64 {
        let mut scores = Scores::new(PredictorType::Classifier);
        scores.add(predicted, actual);
        scores.named()[1].1
    }

    #[test]
    fn macro_f1_is_nan_if_a_class_below_the_highest_never_occurs() {
        // As in covtype, whose labels are 1 to 7: class 0 is neither predicted nor right.
        assert!(macro_f1(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0]).is_nan());
        assert!(macro_f1(&[0.0, 1.0, 3.0], &[0.0, 1.0, 3.0]).is_nan());
        // A class that is only predicted, or only right, has an F1 of 0.
        assert_eq!(macro_f1(&[0.0, 1.0], &[0.0, 2.0]), 1.0 / 3.0);
        // Neither negative nor fractional labels are classes.
        assert_eq!(macro_f1(&[-1.0, 5.0], &[-1.0, 5.0]), 1.0);
        assert_eq!(macro_f1(&[0.5, 5.0], &[0.5, 5.0]), 1.0);
    }

    #[test]
    fn scores_are_those_of_the_whole_however_it_is_cut() {
        let (predicted, actual) = ([0.0, 1.0, 1.0, 2.0, -0.0, 3.0], [0.0, 1.0, 2.0, 2.0, 0.0, 4.0]);
        // 0: 2 of 2 and 2; 1: 1 of 2 and 1; 2: 1 of 1 and 2; 3: 0 of 1 and 0; 4: 0 of 0 and 1.
        let macro_f1 = (1.0 + 2.0 / 3.0 + 2.0 / 3.0) / 5.0;
        for batch in 1..=6 {
            let mut scores = Scores::new(PredictorType::Classifier);
            for (predicted, actual) in predicted.chunks(batch).zip(actual.chunks(batch)) {
                scores.add(predicted, actual);
            }
            assert_eq!(scores.named(), [("accuracy", 4.0 / 6.0), ("macro_f_1.000", macro_f1)]);
            let mut scores = Scores::new(PredictorType::Regressor);
            for (predicted, actual) in predicted.chunks(batch).zip(actual.chunks(batch)) {
                scores.add(predicted, actual);
            }
            assert_eq!(scores.named(), [("mse", 2.0 / 6.0)]);
        }
    }

    #[test]
    fn too_many_labels_have_an_accuracy_and_no_f1() {
        let labels: Vec<f64> = (0..=MAX_CLASSES).map(|i| i as f64).collect();
        let mut scores = Scores::new(PredictorType::Classifier);
        scores.add(&labels, &labels);
        let [(_, accuracy), (_, macro_f1)] = *scores.named().as_slice() else { panic!("two scores") };
        assert!(accuracy == 1.0 && macro_f1.is_nan());
    }
}
