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
        classes: Option<BTreeMap<u32, Counts>>,
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
    pub(super) fn add(&mut self, predicted: &[f32], actual: &[f32]) {
        for (&predicted, &actual) in predicted.iter().zip(actual) {
            match self {
                Self::Regressor { n_rows, squared_error } => {
                    *n_rows += 1;
                    *squared_error += (f64::from(predicted) - f64::from(actual)).powi(2);
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
    /// The accuracy is the share of right predictions. The macro F1 score is the mean over all labels, right or predicted,
    /// of 2 hits / (predicted + right), NaN where there are too many labels; the container's own log shows NaN. The mean
    /// squared error is that of the predictions as they are answered.
    pub(super) fn named(&self) -> Vec<(&'static str, f64)> {
        match self {
            Self::Regressor { n_rows, squared_error } => vec![("mse", squared_error / *n_rows as f64)],
            Self::Classifier { n_rows, n_correct, classes } => {
                let f1 =
                    |counts: &Counts| 2.0 * counts.hits as f64 / (counts.predicted + counts.actual) as f64;
                let macro_f1 = classes
                    .as_ref()
                    .map_or(f64::NAN, |all| all.values().map(f1).sum::<f64>() / all.len() as f64);
                vec![("accuracy", *n_correct as f64 / *n_rows as f64), ("macro_f_1.000", macro_f1)]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_those_of_the_whole_however_it_is_cut() {
        let (predicted, actual) = ([0.0, 1.0, 1.0, 2.0, -0.0, 5.0], [0.0, 1.0, 2.0, 2.0, 0.0, 7.0]);
        // 0: 2 of 2 and 2; 1: 1 of 2 and 1; 2: 1 of 1 and 2; 5: 0 of 1 and 0; 7: 0 of 0 and 1.
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
            assert_eq!(scores.named(), [("mse", 5.0 / 6.0)]);
        }
    }

    #[test]
    fn too_many_labels_have_an_accuracy_and_no_f1() {
        let labels: Vec<f32> = (0..=MAX_CLASSES).map(|i| i as f32).collect();
        let mut scores = Scores::new(PredictorType::Classifier);
        scores.add(&labels, &labels);
        let [(_, accuracy), (_, macro_f1)] = *scores.named().as_slice() else { panic!("two scores") };
        assert!(accuracy == 1.0 && macro_f1.is_nan());
    }
}
