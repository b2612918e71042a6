//! Search strategies: which combination of hyperparameters is tried next.
//!
//! *Random* draws each parameter uniformly on its scale. *Grid* tries all combinations of categorical values, in order, the last
//! parameter changing fastest. A combination is tried again only when drawing finds no other.
//!
//! *Bayesian* differs from the service, whose model is not published. Here the first combinations are random. Then, of 256 random
//! ones, it takes the one with the highest sum of mean and standard deviation of a Gaussian process with a fixed kernel over the
//! last 128 combinations; those that still run count as average ones. The service fits its kernel, and can start from other
//! tuning jobs.
//!
//! *Seeds.* The same `RandomSeed` gives the same sequence of Random and Grid, however many jobs run in parallel, and of Bayesian
//! if one job runs at a time: what it proposes depends on which jobs have ended. Without a seed, sequences differ.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};

use super::{
    gaussian_process::GaussianProcess,
    ranges::{Combination, ParameterRanges},
};

/// Fills the key after the seed, so that this stream is independent of others with the same seed.
const STREAM_ID: [u8; 24] = *b"local-sagemaker: tuning ";
/// Bayesian draws this many combinations at random before it estimates.
const N_RANDOM: usize = 3;
/// The combinations of which Bayesian takes the best.
const N_CANDIDATES: usize = 256;
/// The combinations that Bayesian estimates from.
const MAX_POINTS: usize = 128;
/// How often a combination is drawn that was not tried before.
const MAX_DRAWS: usize = 64;

/// A strategy, with the API's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strategy {
    Bayesian,
    Random,
    Grid,
}

/// The objective of a combination that was tried; higher is better.
#[derive(Debug, Clone)]
pub(super) struct Observation {
    pub(super) point: Vec<f64>,
    pub(super) objective: f64,
}

/// A search in the ranges of one definition.
#[derive(Debug)]
pub(super) struct Search {
    strategy: Strategy,
    ranges: ParameterRanges,
    random: ChaCha8Rng,
    /// The points of all combinations so far.
    tried: Vec<Vec<f64>>,
}

impl Search {
    /// Creates a search; those of several definitions with the same seed are independent.
    pub(super) fn new(strategy: Strategy, ranges: ParameterRanges, seed: u64, definition: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..].copy_from_slice(&STREAM_ID);
        let mut random = ChaCha8Rng::from_seed(key);
        random.set_stream(definition);
        Self { strategy, ranges, random, tried: Vec::new() }
    }

    pub(super) fn ranges(&self) -> &ParameterRanges {
        &self.ranges
    }

    /// Returns the next combination; `None` if the grid has no more.
    pub(super) fn next(&mut self, observed: &[Observation]) -> Option<Combination> {
        let next = match self.strategy {
            Strategy::Grid => self.ranges.grid(self.tried.len() as u64)?,
            Strategy::Bayesian if observed.len() >= N_RANDOM => self.best_candidate(observed),
            Strategy::Random | Strategy::Bayesian => self.draw_new(),
        };
        self.tried.push(next.point.clone());
        Some(next)
    }

    fn draw(&mut self) -> Combination {
        let point: Vec<f64> = (0..self.ranges.len()).map(|_| unit(&mut self.random)).collect();
        self.ranges.at(&point)
    }

    fn draw_new(&mut self) -> Combination {
        let mut drawn = self.draw();
        for _ in 1..MAX_DRAWS {
            if !self.tried.contains(&drawn.point) {
                break;
            }
            drawn = self.draw();
        }
        drawn
    }

    fn best_candidate(&mut self, observed: &[Observation]) -> Combination {
        let n = observed.len() as f64;
        let mean = observed.iter().map(|seen| seen.objective).sum::<f64>() / n;
        let variance = observed.iter().map(|seen| (seen.objective - mean).powi(2)).sum::<f64>() / n;
        let deviation = if variance > 0.0 { variance.sqrt() } else { 1.0 };
        let value = |point: &Vec<f64>| {
            let seen = observed.iter().find(|seen| seen.point == *point);
            seen.map_or(0.0, |seen| (seen.objective - mean) / deviation)
        };
        let points = self.tried[self.tried.len().saturating_sub(MAX_POINTS)..].to_vec();
        let values: Vec<f64> = points.iter().map(value).collect();
        let distance = |a: &[f64], b: &[f64]| self.ranges.distance(a, b);
        let process = GaussianProcess::new(&values, |i, j| distance(&points[i], &points[j]));
        let mut best = (f64::NEG_INFINITY, self.draw_new());
        for _ in 0..N_CANDIDATES {
            let candidate = self.draw();
            if self.tried.contains(&candidate.point) {
                continue;
            }
            let distances = points.iter().map(|point| self.ranges.distance(&candidate.point, point));
            let (mean, deviation) = process.predict(distances);
            if mean + deviation > best.0 {
                best = (mean + deviation, candidate);
            }
        }
        best.1
    }
}

/// Returns a uniform number in `0.0..1.0`, in steps of 2^-53.
fn unit(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn ranges(input: &Value) -> ParameterRanges {
        ParameterRanges::new(input.as_object().unwrap(), "ParameterRanges").unwrap()
    }

    fn integer(min: i64, max: i64, scaling: &str) -> Value {
        let range = json!({
            "Name": "k", "MinValue": min.to_string(), "MaxValue": max.to_string(), "ScalingType": scaling,
        });
        json!({ "IntegerParameterRanges": [range] })
    }

    fn drawn(strategy: Strategy, input: &Value, seed: u64, n: usize) -> Vec<String> {
        let mut search = Search::new(strategy, ranges(input), seed, 0);
        let next = || search.next(&[]).map(|combination| combination.values["k"].clone());
        std::iter::from_fn(next).take(n).collect()
    }

    #[test]
    fn the_same_seed_draws_the_same_sequence() {
        let range = integer(1, 1000, "Linear");
        let draw = |seed| drawn(Strategy::Random, &range, seed, 20);
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn random_tries_every_value_before_one_again() {
        for scaling in ["Linear", "Logarithmic"] {
            let mut values = drawn(Strategy::Random, &integer(1, 10, scaling), 1, 10);
            values.sort_by_key(|value| value.parse::<i64>().unwrap());
            let expected: Vec<String> = (1..=10).map(|value: i64| value.to_string()).collect();
            assert_eq!(values, expected, "{scaling}");
            assert_eq!(drawn(Strategy::Random, &integer(1, 2, scaling), 1, 5).len(), 5);
        }
    }

    #[test]
    fn scales_share_the_values_evenly() {
        let below_32 = |scaling| {
            let mut search = Search::new(Strategy::Random, ranges(&integer(1, 1024, scaling)), 3, 0);
            let values = (0..1000).map(|_| search.draw().values["k"].parse::<u32>().unwrap());
            values.filter(|value| (1..=1024).contains(value) && *value < 32).count()
        };
        assert!((15..50).contains(&below_32("Linear")));
        assert!((450..550).contains(&below_32("Logarithmic")));
        // More than a hundredfold.
        assert!((450..550).contains(&below_32("Auto")));
        let continuous = |scaling: &str| {
            let range =
                json!({ "Name": "k", "MinValue": "0.5", "MaxValue": "0.999", "ScalingType": scaling });
            let ranges = ranges(&json!({ "ContinuousParameterRanges": [range] }));
            let mut search = Search::new(Strategy::Random, ranges, 3, 0);
            let values = (0..1000).map(|_| search.draw().values["k"].parse::<f64>().unwrap());
            values.filter(|value| (0.5..=0.999).contains(value) && *value > 0.95).count()
        };
        assert!((70..130).contains(&continuous("Linear")));
        assert!((550..680).contains(&continuous("ReverseLogarithmic")));
    }

    #[test]
    fn a_grid_is_every_combination_once() {
        let categories = |name: &str, values: &[&str]| json!({ "Name": name, "Values": values });
        let input = json!({ "CategoricalParameterRanges": [
            categories("k", &["1", "5", "9"]), categories("m", &["L2", "COSINE"]),
        ] });
        let mut search = Search::new(Strategy::Grid, ranges(&input), 0, 0);
        let combinations: Vec<String> = std::iter::from_fn(|| search.next(&[]))
            .map(|Combination { values, .. }| format!("{} {}", values["k"], values["m"]))
            .collect();
        assert_eq!(combinations, ["1 L2", "1 COSINE", "5 L2", "5 COSINE", "9 L2", "9 COSINE"]);
        assert_eq!(ranges(&input).n_combinations(), Some(6));
    }

    #[test]
    fn bayesian_finds_the_best_value_sooner_than_random() {
        // The objective has its maximum at 700.
        let objective = |k: f64| -(k - 700.0).abs();
        let best_after_30 = |strategy, seed| {
            let mut search = Search::new(strategy, ranges(&integer(1, 1000, "Linear")), seed, 0);
            let mut observed: Vec<Observation> = Vec::new();
            for _ in 0..30 {
                let Combination { values, point } = search.next(&observed).unwrap();
                observed.push(Observation { point, objective: objective(values["k"].parse().unwrap()) });
            }
            observed.iter().map(|seen| seen.objective).fold(f64::NEG_INFINITY, f64::max)
        };
        let mean = |strategy| (0..20).map(|seed| best_after_30(strategy, seed)).sum::<f64>() / 20.0;
        let (bayesian, random) = (mean(Strategy::Bayesian), mean(Strategy::Random));
        assert!(bayesian > random / 2.0, "{bayesian} {random}");
    }

    #[test]
    fn ranges_that_cannot_be_searched_are_refused() {
        let message = |input: &Value| {
            ParameterRanges::new(input.as_object().unwrap(), "ParameterRanges").unwrap_err().message
        };
        let continuous = |scaling: &str| {
            let range = json!({ "Name": "x", "MinValue": "0", "MaxValue": "1", "ScalingType": scaling });
            json!({ "ContinuousParameterRanges": [range] })
        };
        for (input, expected) in [
            (json!({}), "at least one range"),
            (integer(2, 1, "Linear"), "MinValue 2 is greater than MaxValue 1"),
            (integer(0, 9, "Logarithmic"), "MinValue greater than 0"),
            (integer(0, 9, "ReverseLogarithmic"), "continuous ranges only"),
            (integer(0, 9, "Cubic"), "enum value set"),
            (continuous("ReverseLogarithmic"), "0 <= x < 1"),
            (json!({ "AutoParameters": [] }), "ParameterRanges.AutoParameters is not emulated here"),
            (json!({ "CategoricalParameterRanges": [{ "Name": "x", "Values": [] }] }), "1 to 30 Values"),
        ] {
            assert!(message(&input).contains(expected), "{}", message(&input));
        }
    }
}
