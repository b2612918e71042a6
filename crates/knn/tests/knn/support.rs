//! Data for tests, the same every time.

use mysfits_knn::{Dataset, HyperparametersBuilder, Metric, Model, Neighbour, TrainError};
use ndarray::{Array1, Array2, ArrayView2, Axis, Slice};

/// A linear congruential generator: numbers in `0.0..1.0`.
pub(crate) fn random(seed: u64) -> impl FnMut() -> f32 {
    let mut state = seed ^ 0x2545_f491_4f6c_dd1d;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 24) as f32
    }
}

/// Training rows and queries around the same centres, which are as far from each other as rows are from them: lists and
/// codes find something to learn, and no list is the only right one.
pub(crate) fn clustered(n: usize, n_queries: usize, dim: usize) -> (Array2<f32>, Array2<f32>) {
    let mut random = random(dim as u64);
    let centres = Array2::from_shape_fn((40, dim), |_| random() * 10.0);
    let mut rows = Array2::zeros((n + n_queries, dim));
    for mut row in rows.rows_mut() {
        let centre = centres.row((random() * 40.0) as usize);
        // Most of the spread is along a few directions, as in measured data.
        let common = random() * 4.0;
        for (i, (value, centre)) in row.iter_mut().zip(centre).enumerate() {
            *value = centre + common * (1.0 + (i % 3) as f32) / 3.0 + (random() + random() - 1.0) * 2.0;
        }
    }
    let part = |range: Slice| rows.slice_axis(Axis(0), range).to_owned();
    (part((..n).into()), part((n..).into()))
}

/// Some labels.
pub(crate) fn labels(n: usize) -> Array1<f64> {
    Array1::from_shape_fn(n, |row| (row % 5) as f64)
}

pub(crate) fn train(features: &Array2<f32>, parameters: HyperparametersBuilder) -> Result<Model, TrainError> {
    let labels = labels(features.nrows());
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    Model::train(dataset, &parameters.check().unwrap())
}

pub(crate) fn rows_of(neighbours: &[Neighbour]) -> Vec<usize> {
    neighbours.iter().map(|n| n.row).collect()
}

/// The share of the true neighbours that were found.
pub(crate) fn recall(model: &Model, exact: &Model, queries: ArrayView2<'_, f32>) -> f64 {
    let (found, expected) =
        (model.neighbours_batch(queries).unwrap(), exact.neighbours_batch(queries).unwrap());
    let mut n_found = 0;
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found.len(), expected.len());
        n_found += found.iter().filter(|n| expected.iter().any(|e| e.row == n.row)).count();
    }
    n_found as f64 / expected.iter().map(Vec::len).sum::<usize>() as f64
}

/// Checks that neighbours are nearest first, equally near ones by row number.
pub(crate) fn check_order(neighbours: &[Neighbour], metric: Metric) {
    for pair in neighbours.windows(2) {
        let (a, b) = match metric {
            Metric::L2 => (pair[0].score, pair[1].score),
            Metric::InnerProduct | Metric::Cosine => (-pair[0].score, -pair[1].score),
        };
        // What overflowed to NaN comes last.
        assert!(a < b || b.is_nan() || (a == b && pair[0].row < pair[1].row), "{pair:?}");
        assert!(!a.is_nan() || (b.is_nan() && pair[0].row < pair[1].row), "{pair:?}");
    }
}

/// A checksum of numbers, bit for bit (FNV-1a): what another platform must find too.
pub(crate) fn checksum(values: &[f32]) -> u64 {
    values
        .iter()
        .flat_map(|value| value.to_bits().to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Trains in pools of several sizes, and checks that the models are the same.
pub(crate) fn check_threads_do_not_matter(
    features: &Array2<f32>,
    parameters: HyperparametersBuilder,
) -> Model {
    let trained = |n_threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| train(features, parameters).unwrap())
    };
    let model = trained(1);
    for n_threads in [2, 5] {
        assert!(trained(n_threads).index() == model.index(), "{n_threads} threads");
    }
    model
}
