//! The scores of a model on the test channel.

use mysfits_knn::{Evaluation, PredictorType};

/// Returns the names and values of the container's scores, in its order. Tuning uses the first.
///
/// The macro F1 score is the mean over the classes. As in the container, the classes are 0 to the highest label, and a class
/// that never occurs makes the score NaN (0 / 0): the container logs NaN for covtype, whose labels are 1 to 7. If a label is
/// negative or not whole, for which no log is known, the classes are the labels that occur. The score is NaN if there are too
/// many labels.
pub(super) fn scores(predictor_type: PredictorType, evaluation: &Evaluation) -> Vec<(&'static str, f64)> {
    if predictor_type == PredictorType::Regressor {
        return vec![("mse", evaluation.mean_squared_error())];
    }
    let classes = evaluation.classes();
    let are_numbered = classes.iter().all(|label| *label >= 0.0 && label.fract() == 0.0);
    let lacks_a_class = are_numbered && classes.last().is_some_and(|last| *last >= classes.len() as f64);
    let macro_f1 = if lacks_a_class { f64::NAN } else { evaluation.macro_f1() };
    vec![("accuracy", evaluation.accuracy()), ("macro_f_1.000", macro_f1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn macro_f1(predicted: &[f64], actual: &[f64]) -> f64 {
        scores(PredictorType::Classifier, &Evaluation::new(predicted, actual).unwrap())[1].1
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
    fn scores_do_not_depend_on_the_batches() {
        let (predicted, actual) = ([0.0, 1.0, 1.0, 2.0, -0.0, 3.0], [0.0, 1.0, 2.0, 2.0, 0.0, 4.0]);
        // 0: 2 of 2 and 2; 1: 1 of 2 and 1; 2: 1 of 1 and 2; 3: 0 of 1 and 0; 4: 0 of 0 and 1.
        let macro_f1 = (1.0 + 2.0 / 3.0 + 2.0 / 3.0) / 5.0;
        for batch in 1..=6 {
            let mut evaluation = Evaluation::default();
            for (predicted, actual) in predicted.chunks(batch).zip(actual.chunks(batch)) {
                evaluation.add(predicted, actual).unwrap();
            }
            let expected = [("accuracy", 4.0 / 6.0), ("macro_f_1.000", macro_f1)];
            assert_eq!(scores(PredictorType::Classifier, &evaluation), expected);
            assert_eq!(scores(PredictorType::Regressor, &evaluation), [("mse", 2.0 / 6.0)]);
        }
    }

    #[test]
    fn too_many_labels_have_an_accuracy_and_no_f1() {
        let labels: Vec<f64> = (0..=1 << 16).map(f64::from).collect();
        let evaluation = Evaluation::new(&labels, &labels).unwrap();
        let [(_, accuracy), (_, macro_f1)] = *scores(PredictorType::Classifier, &evaluation).as_slice()
        else {
            panic!("two scores")
        };
        assert!(accuracy == 1.0 && macro_f1.is_nan());
    }
}
