//! Every index against brute force: ids, order, measures and labels, where ties are the rule and where they are not.

use mysfits_knn::{Dataset, Grid, GridAxis, Hyperparameters, IndexKind, Metric, Model};
use ndarray::{Array1, Array2};
use proptest::prelude::*;

/// Answers and labels from a fixed linear congruential generator: 1..=8 and 0..=11.
fn survey(n: usize) -> (Array2<f32>, Array1<f64>) {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut below = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((u128::from(state) * u128::from(n)) >> 64) as f32
    };
    let features = Array2::from_shape_fn((n, 5), |_| below(8) + 1.0);
    let labels = Array1::from_shape_fn(n, |_| f64::from(below(12)));
    (features, labels)
}

/// The k nearest rows by whole-number arithmetic that shares nothing with the crate: `(squared distance, row)` sorted.
fn brute_force(rows: &[[i32; 5]], query: [i32; 5], k: usize) -> Vec<(i32, usize)> {
    let mut all: Vec<(i32, usize)> = rows
        .iter()
        .enumerate()
        .map(|(row, r)| ((0..5).map(|i| (r[i] - query[i]).pow(2)).sum(), row))
        .collect();
    if k < all.len() {
        all.select_nth_unstable(k);
        all.truncate(k);
    }
    all.sort_unstable();
    all
}

#[test]
fn all_entries_have_the_neighbours_and_labels_of_brute_force() {
    let (features, labels) = survey(100_000);
    let whole: Vec<[i32; 5]> =
        features.rows().into_iter().map(|r| std::array::from_fn(|i| r[i] as i32)).collect();
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    let model = Model::train(dataset, &Hyperparameters::classifier(10).check().unwrap()).unwrap();
    let grid = Grid::new([GridAxis { min: 1, count: 8 }; 5]).unwrap();
    let table = model.tabulate(&grid).unwrap();
    let points = grid.points();
    assert_eq!(points.nrows(), 32_768);
    let neighbours = model.neighbours_batch(points.view()).unwrap();
    let predicted = model.predict_batch(points.view()).unwrap();

    for (index, point) in points.rows().into_iter().enumerate() {
        let query: [i32; 5] = std::array::from_fn(|i| point[i] as i32);
        let expected = brute_force(&whole, query, 10);
        let found: Vec<(i32, usize)> = neighbours[index].iter().map(|n| (n.score as i32, n.row)).collect();
        assert_eq!(found, expected, "{query:?}");

        let mut counts = [0; 12];
        for &(_, row) in &expected {
            counts[labels[row] as usize] += 1;
        }
        let most = counts.iter().max().unwrap();
        let winner = counts.iter().position(|c| c == most).unwrap() as f64; // the first, hence the lowest label
        assert_eq!(predicted[index], winner, "{query:?}");
        assert_eq!(table.predict(index), winner, "{query:?}");
        assert_eq!(Model::votes(&neighbours[index])[0].label, winner, "{query:?}");
        assert_eq!(grid.index(&query), Some(index));
    }
}

#[test]
fn k_may_exceed_the_rows_of_a_tie() {
    let (features, labels) = survey(3_000);
    let whole: Vec<[i32; 5]> =
        features.rows().into_iter().map(|r| std::array::from_fn(|i| r[i] as i32)).collect();
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    for k in [1, 2, 31, 32, 33, 100, 1024] {
        let model = Model::train(dataset, &Hyperparameters::classifier(k).check().unwrap()).unwrap();
        for query in [[1, 1, 1, 1, 1], [4, 5, 4, 5, 4], [8, 1, 8, 1, 8], [-100, 0, 3, 90, 7]] {
            let found: Vec<(i32, usize)> = model
                .neighbours(&query.map(|v| v as f32))
                .unwrap()
                .iter()
                .map(|n| (n.score as i32, n.row))
                .collect();
            assert_eq!(found, brute_force(&whole, query, k), "k {k}, {query:?}");
        }
    }
}

#[test]
fn few_distinct_points_with_many_rows_each() {
    let features = Array2::from_shape_fn((10_000, 3), |(row, i)| ((row >> i) & 1) as f32);
    let labels = Array1::from_shape_fn(10_000, |row| (row % 3) as f64);
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    let model = |index| {
        Model::train(dataset, &Hyperparameters::classifier(1_000).index(index).check().unwrap()).unwrap()
    };
    let (flat, tree) = (model(IndexKind::Flat), model(IndexKind::KdTree));
    for query in [[0.0, 0.0, 0.0], [0.5, 0.5, 0.5], [1.0, 0.0, 9.0]] {
        assert_eq!(flat.neighbours(&query).unwrap(), tree.neighbours(&query).unwrap());
    }
}

/// A reference that measures in the plainest way and sorts everything.
fn reference(features: &Array2<f32>, metric: Metric, query: &[f32], k: usize) -> Vec<usize> {
    let scaled = |v: &[f32]| -> Vec<f32> {
        let length = v.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt();
        if metric != Metric::Cosine || length == 0.0 {
            return v.to_vec();
        }
        v.iter().map(|&x| (f64::from(x) / length) as f32).collect()
    };
    let query = scaled(query);
    let mut all: Vec<(f64, usize)> = features
        .rows()
        .into_iter()
        .enumerate()
        .map(|(row, values)| {
            let values = scaled(values.as_slice().unwrap());
            let pairs = values.iter().zip(&query).map(|(&a, &b)| (f64::from(a), f64::from(b)));
            let key = match metric {
                Metric::L2 => pairs.map(|(a, b)| (a - b) * (a - b)).sum::<f64>(),
                Metric::InnerProduct | Metric::Cosine => -pairs.map(|(a, b)| a * b).sum::<f64>(),
            } + 0.0; // a product of -0.0 is as near as one of 0.0
            (key, row)
        })
        .collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    all.into_iter().take(k).map(|(_, row)| row).collect()
}

fn data(
    value: impl Strategy<Value = f32> + Clone + 'static,
) -> impl Strategy<Value = (Array2<f32>, Vec<f32>)> {
    (1..=64usize, 1..=120usize).prop_flat_map(move |(dim, n)| {
        let rows = prop::collection::vec(value.clone(), n * dim)
            .prop_map(move |values| Array2::from_shape_vec((n, dim), values).unwrap());
        (rows, prop::collection::vec(value.clone(), dim))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// On whole numbers all sums are exact, so ids and order must equal the reference's, ties included.
    #[test]
    fn integer_data_in_any_dimension_equals_the_reference(
        (features, query) in data((-4i32..=4).prop_map(|v| v as f32)),
        k in 1..=150usize,
        metric in prop::sample::select(&[Metric::L2, Metric::InnerProduct]),
    ) {
        let labels = Array1::from_shape_fn(features.nrows(), |row| (row % 5) as f64);
        let dataset = Dataset::new(features.view(), labels.view()).unwrap();
        let parameters = Hyperparameters::classifier(k).metric(metric).check().unwrap();
        let model = Model::train(dataset, &parameters).unwrap();
        let found: Vec<usize> = model.neighbours(&query).unwrap().iter().map(|n| n.row).collect();
        prop_assert_eq!(found, reference(&features, metric, &query, k));
    }

    /// On any finite floats, from the smallest to the largest, the tree gives bit for bit what the scan gives.
    #[test]
    fn tree_and_scan_give_equal_bits(
        (features, query) in data(prop_oneof![
            prop::num::f32::NORMAL | prop::num::f32::ZERO | prop::num::f32::SUBNORMAL,
            -1.0f32..1.0,
            (0i32..3).prop_map(|v| v as f32),
        ]),
        k in 1..=150usize,
    ) {
        let mut features = features;
        // Each of the tree's dimensions equally often.
        let dim = query.len().min(1 + query.len() % 8);
        features.slice_axis_inplace(ndarray::Axis(1), (..dim).into());
        let features = features.as_standard_layout().to_owned();
        let query = &query[..features.ncols()];
        let labels = Array1::zeros(features.nrows());
        let dataset = Dataset::new(features.view(), labels.view()).unwrap();
        let model = |index| {
            Model::train(dataset, &Hyperparameters::regressor(k).index(index).check().unwrap()).unwrap()
        };
        prop_assert_eq!(
            model(IndexKind::KdTree).neighbours(query).unwrap(),
            model(IndexKind::Flat).neighbours(query).unwrap()
        );
    }

    /// Cosine scales both sides: the order follows the angles up to the last bits of a float.
    #[test]
    fn cosine_measures_angles((features, query) in data(-100.0f32..100.0), k in 1..=20usize) {
        let labels = Array1::zeros(features.nrows());
        let dataset = Dataset::new(features.view(), labels.view()).unwrap();
        let parameters = Hyperparameters::regressor(k).metric(Metric::Cosine).check().unwrap();
        let neighbours = Model::train(dataset, &parameters).unwrap().neighbours(&query).unwrap();
        let expected = reference(&features, Metric::Cosine, &query, k);
        prop_assert_eq!(neighbours.len(), expected.len());
        for pair in neighbours.windows(2) {
            prop_assert!(pair[0].score > pair[1].score
                || (pair[0].score == pair[1].score && pair[0].row < pair[1].row));
        }
        for (neighbour, row) in neighbours.iter().zip(expected) {
            let cosine = |row: usize| {
                let dot: f64 = (0..query.len()).map(|i| f64::from(features[[row, i]]) * f64::from(query[i])).sum();
                let length = |v: &mut dyn Iterator<Item = f32>| {
                    v.map(|x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt()
                };
                dot / (length(&mut features.row(row).iter().copied()) * length(&mut query.iter().copied()))
            };
            let (found, best) = (cosine(neighbour.row), cosine(row));
            prop_assert!((found - best).abs() < 1e-5 && (f64::from(neighbour.score) - found).abs() < 1e-5);
        }
    }

    /// A batch is searched block by block, equal samples once; a sample alone is searched alone: the same bits.
    #[test]
    fn batch_equals_single_queries(
        (features, _) in data(prop_oneof![
            prop::num::f32::NORMAL | prop::num::f32::ZERO | prop::num::f32::SUBNORMAL,
            -1.0f32..1.0,
        ]),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..150),
        k in 1..=20usize,
        metric in prop::sample::select(&Metric::ALL),
    ) {
        let labels = Array1::from_shape_fn(features.nrows(), |row| (row % 7) as f64);
        let dataset = Dataset::new(features.view(), labels.view()).unwrap();
        let parameters = Hyperparameters::classifier(k).metric(metric).check().unwrap();
        let model = Model::train(dataset, &parameters).unwrap();
        let order: Vec<usize> = order.iter().map(|index| index.index(features.nrows())).collect();
        let batch = features.select(ndarray::Axis(0), &order);
        let bits = |neighbours: &[mysfits_knn::Neighbour]| -> Vec<_> {
            neighbours.iter().map(|n| (n.row, n.label, n.score.to_bits() & !(u32::from(n.score.is_nan()) << 31))).collect()
        };
        let (found, predicted) = (model.neighbours_batch(batch.view()).unwrap(), model.predict_batch(batch.view()).unwrap());
        for ((sample, found), predicted) in batch.rows().into_iter().zip(found).zip(predicted) {
            let sample = sample.as_slice().unwrap();
            prop_assert_eq!(bits(&model.neighbours(sample).unwrap()), bits(&found));
            prop_assert_eq!(model.predict(sample).unwrap(), predicted);
        }
    }

    /// Another `k` than the model's gives what a model with that `k` gives.
    #[test]
    fn neighbours_k_equals_a_model_with_that_k(
        (features, query) in data((0i32..4).prop_map(|v| v as f32)),
        (k, other) in (1..=20usize, 1..=150usize),
    ) {
        let labels = Array1::zeros(features.nrows());
        let dataset = Dataset::new(features.view(), labels.view()).unwrap();
        let model = |k| Model::train(dataset, &Hyperparameters::classifier(k).check().unwrap()).unwrap();
        prop_assert_eq!(model(k).neighbours_k(&query, other), model(other).neighbours(&query));
        prop_assert!(model(k).neighbours_k(&query, 0).is_err() && model(k).neighbours_k(&query, 1025).is_err());
    }
}
