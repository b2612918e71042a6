//! What brute force finds: the answers, by a way that shares nothing with the code under test.
//!
//! Where several rows are equally near, or several labels have equal votes, AWS does not say who wins. Those answers are
//! not decided here either: [`Expected::predicted`] is then none.

use serde::Serialize;

use crate::suite::Fixture;

/// What is known of the answer to a sample.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Expected {
    /// The label that most of the neighbours have; none if a tie decides.
    pub predicted: Option<f64>,
    /// Squared Euclidean distances to the `k` nearest rows, nearest first.
    pub distances: Vec<f64>,
    /// The labels of the `k` nearest rows, in groups of equally near ones, each group in ascending order. The last group
    /// is missing if it has more rows than there is room for.
    pub labels: Vec<Vec<f64>>,
}

/// Returns what is known of the answers of `model` to `samples`.
#[must_use]
pub fn expected(model: &Fixture, samples: &[Vec<f64>]) -> Vec<Expected> {
    samples.iter().map(|sample| of(model, sample)).collect()
}

fn of(model: &Fixture, sample: &[f64]) -> Expected {
    let mut all: Vec<(f64, f64)> = model
        .rows
        .iter()
        .filter_map(|row| {
            let (label, features) = row.split_last()?;
            Some((features.iter().zip(sample).map(|(a, b)| (a - b) * (a - b)).sum(), *label))
        })
        .collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let k = model.k.min(all.len());
    let groups: Vec<&[(f64, f64)]> = all.chunk_by(|a, b| a.0 == b.0).collect();
    let mut labels = Vec::new();
    let mut n_labels = 0;
    for group in groups {
        if n_labels + group.len() > k {
            break;
        }
        n_labels += group.len();
        labels.push(group.iter().map(|(_, label)| *label).collect());
    }
    let predicted = (n_labels == k).then(|| vote(&labels)).flatten();
    Expected { predicted, distances: all[..k].iter().map(|(distance, _)| *distance).collect(), labels }
}

/// Returns the label that is more frequent than any other.
fn vote(labels: &[Vec<f64>]) -> Option<f64> {
    let mut sorted = labels.concat();
    sorted.sort_by(f64::total_cmp);
    let counts: Vec<(usize, f64)> = sorted.chunk_by(|a, b| a == b).map(|run| (run.len(), run[0])).collect();
    let most = counts.iter().map(|(count, _)| *count).max()?;
    let mut winners = counts.iter().filter(|(count, _)| *count == most);
    let (winner, other) = (winners.next(), winners.next());
    winner.filter(|_| other.is_none()).map(|(_, label)| *label)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::suite::Suite;

    fn model(k: usize, rows: &[[f64; 2]]) -> Fixture {
        Fixture { k, rows: rows.iter().map(|row| row.to_vec()).collect() }
    }

    #[test]
    fn neighbours_are_nearest_first_and_distances_squared() {
        let [answer] = &expected(&model(2, &[[5.0, 7.0], [1.0, 8.0], [2.0, 8.0]]), &[vec![0.0]])[..] else {
            panic!("one sample, one answer")
        };
        let labels = vec![vec![8.0], vec![8.0]];
        assert_eq!(*answer, Expected { predicted: Some(8.0), distances: vec![1.0, 4.0], labels });
    }

    #[test]
    fn a_tie_of_votes_decides_nothing() {
        let answer = expected(&model(2, &[[1.0, 7.0], [2.0, 8.0]]), &[vec![0.0]]);
        assert_eq!(answer[0].predicted, None);
        assert_eq!(answer[0].labels, [[7.0], [8.0]]);
    }

    #[test]
    fn a_tie_of_distances_at_the_end_decides_nothing() {
        let answer = expected(&model(2, &[[1.0, 7.0], [2.0, 7.0], [-2.0, 8.0]]), &[vec![0.0]]);
        assert_eq!(answer[0].predicted, None);
        assert_eq!(answer[0].labels, [[7.0]]);
        assert_eq!(answer[0].distances, [1.0, 4.0]);
    }

    #[test]
    fn a_tie_of_distances_inside_is_a_group() {
        let answer = expected(&model(3, &[[1.0, 7.0], [-1.0, 2.0], [2.0, 7.0], [9.0, 0.0]]), &[vec![0.0]]);
        assert_eq!(answer[0].predicted, Some(7.0));
        assert_eq!(answer[0].labels, [vec![2.0, 7.0], vec![7.0]]);
    }

    #[test]
    fn ties_decide_few_of_the_suites_samples_and_none_of_its_single_cases() {
        let suite = Suite::load().unwrap();
        let answers = expected(&suite.model, &suite.samples.take(50_000));
        let tied = answers.iter().filter(|answer| answer.predicted.is_none()).count();
        assert!(tied < 6000, "{tied}");
        assert!(tied > 0, "ties are part of the cases");
        for case in &suite.cases {
            let samples = case.expect.samples.clone().unwrap_or_default();
            let answers = expected(&suite.model, &samples);
            assert!(answers.iter().all(|answer| answer.predicted.is_some()), "{}", case.name);
        }
    }
}
