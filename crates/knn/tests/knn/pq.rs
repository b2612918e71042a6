//! Lists of coded rows: how near the measures are to the true ones, and what is found by them.

use expect_test::expect;
use mysfits_knn::{
    Hyperparameters, IndexKind, IndexView, IvfPq, Metric, Model, PQ_M, Projection, ProjectionKind,
};
use ndarray::{Array2, Axis};
use proptest::prelude::*;

use crate::support::{check_order, check_threads_do_not_matter, checksum, clustered, random, recall, train};

fn codes(model: &Model) -> &IvfPq {
    match model.index() {
        IndexView::IvfPq(codes) => codes,
        other => panic!("{other:?}"),
    }
}

/// The rows as their codes say, by row number; shares nothing with the crate's search.
fn decoded(pq: &IvfPq) -> Vec<Vec<f64>> {
    let (dim, part) = (pq.dim(), pq.dim() / pq.m());
    let mut rows = vec![Vec::new(); pq.n_samples()];
    for (number, list) in pq.lists().iter().enumerate() {
        for (&row, code) in list.rows.iter().zip(list.values.chunks_exact(pq.m())) {
            rows[row as usize] = (0..dim)
                .map(|i| {
                    let centroid = f64::from(pq.centroids()[number * dim + i]);
                    let residual = ((i / part) * 256 + usize::from(code[i / part])) * part + i % part;
                    centroid + f64::from(pq.codebooks()[residual])
                })
                .collect();
        }
    }
    rows
}

#[test]
fn longer_codes_have_a_higher_recall() {
    let (features, queries) = clustered(3_000, 150, 16);
    let exact = train(&features, Hyperparameters::classifier(10).index(IndexKind::Flat)).unwrap();
    let mut previous = 0.0;
    for (m, at_least) in [(1, 0.05), (4, 0.35), (8, 0.6), (16, 0.85)] {
        let kind = IndexKind::IvfPq { n_lists: 20, n_probe: 20, m };
        let model = train(&features, Hyperparameters::classifier(10).index(kind)).unwrap();
        let recall = recall(&model, &exact, queries.view());
        assert!(recall >= at_least && recall > previous, "m {m}: {recall}");
        previous = recall;
    }
}

#[test]
fn scores_are_squared_distances_to_the_coded_rows() {
    let (features, queries) = clustered(1_500, 30, 12);
    let kind = IndexKind::IvfPq { n_lists: 13, n_probe: 13, m: 4 };
    let model = train(&features, Hyperparameters::regressor(25).index(kind)).unwrap();
    assert_eq!(model.hyperparameters().index(), kind);
    assert!(model.features().is_none());
    let pq = codes(&model);
    assert_eq!((pq.m(), pq.dim(), pq.n_probe(), pq.codebooks().len()), (4, 12, 13, 4 * 256 * 3));
    let rows = decoded(pq);
    for query in queries.rows() {
        let distance =
            |row: &[f64]| -> f64 { row.iter().zip(query).map(|(&r, &q)| (r - f64::from(q)).powi(2)).sum() };
        let mut expected: Vec<f64> = rows.iter().map(|row| distance(row)).collect();
        let found = model.neighbours(query.as_slice().unwrap()).unwrap();
        check_order(&found, Metric::L2);
        for neighbour in &found {
            let truth = expected[neighbour.row];
            assert!(
                (f64::from(neighbour.score) - truth).abs() <= 1e-5 * truth.max(1.0),
                "{neighbour:?} {truth}"
            );
        }
        expected.sort_by(f64::total_cmp);
        for (neighbour, expected) in found.iter().zip(expected) {
            assert!((f64::from(neighbour.score) - expected).abs() <= 1e-4 * expected.max(1.0));
        }
    }
}

#[test]
fn each_row_has_its_nearest_code() {
    let (features, _) = clustered(800, 0, 6);
    let kind = IndexKind::IvfPq { n_lists: 4, n_probe: 1, m: 3 };
    let model = train(&features, Hyperparameters::regressor(1).index(kind)).unwrap();
    let pq = codes(&model);
    for (number, list) in pq.lists().iter().enumerate() {
        for (&row, code) in list.rows.iter().zip(list.values.chunks_exact(3)) {
            for (part, &code) in code.iter().enumerate() {
                let distance = |code: usize| -> f64 {
                    let difference = |i: usize| {
                        let at = part * 2 + i;
                        let residual = features[[row as usize, at]] - pq.centroids()[number * 6 + at];
                        f64::from(residual) - f64::from(pq.codebooks()[(part * 256 + code) * 2 + i])
                    };
                    difference(0).powi(2) + difference(1).powi(2)
                };
                let nearest = (0..256).map(distance).fold(f64::INFINITY, f64::min);
                assert!(distance(code.into()) <= nearest + 1e-6);
            }
        }
    }
}

#[test]
fn up_to_256_distinct_residuals_are_coded_exactly() {
    // Eight answers to a question: a code for each, so that the coded rows are the rows.
    let mut random = random(3);
    let features = Array2::from_shape_fn((2_000, 4), |_| (random() * 8.0).floor());
    let queries = Array2::from_shape_fn((50, 4), |_| (random() * 8.0).floor());
    let exact = train(&features, Hyperparameters::classifier(20).index(IndexKind::Flat)).unwrap();
    let kind = IndexKind::IvfPq { n_lists: 1, n_probe: 1, m: 4 };
    let model = train(&features, Hyperparameters::classifier(20).index(kind)).unwrap();
    let found = model.neighbours_batch(queries.view()).unwrap();
    for (found, expected) in found.iter().zip(exact.neighbours_batch(queries.view()).unwrap()) {
        for (found, expected) in found.iter().zip(expected) {
            assert!((found.score - expected.score).abs() < 1e-3, "{found:?} {expected:?}");
        }
    }
}

#[test]
fn rows_and_queries_are_padded_to_a_multiple_of_the_code_length() {
    let (features, queries) = clustered(600, 40, 5);
    let exact = train(&features, Hyperparameters::classifier(5).index(IndexKind::Flat)).unwrap();
    let kind = IndexKind::IvfPq { n_lists: 4, n_probe: 4, m: 4 };
    let model = train(&features, Hyperparameters::classifier(5).index(kind)).unwrap();
    assert_eq!((model.feature_dim(), codes(&model).dim()), (5, 8));
    assert!(decoded(codes(&model)).iter().all(|row| row[5..].iter().all(|v| v.abs() < 1e-6)));
    assert!(recall(&model, &exact, queries.view()) > 0.8);
    assert!(model.predict(&[1.0; 8]).is_err());
}

#[test]
fn target_dim_is_raised_if_there_are_enough_features() {
    let (features, queries) = clustered(400, 10, 20);
    let kind = IndexKind::IvfPq { n_lists: 2, n_probe: 2, m: 8 };
    for projection in ProjectionKind::ALL {
        for (feature_dim, target_dim, raised, dim) in [(20, 10, 16, 16), (20, 16, 16, 16), (15, 10, 10, 16)] {
            let features = features.slice_axis(Axis(1), (..feature_dim).into()).to_owned();
            let projection = Projection { kind: projection, target_dim, seed: 5 };
            let parameters = Hyperparameters::classifier(5).index(kind).projection(projection);
            let model = train(&features, parameters).unwrap();
            let done = Projection { target_dim: raised, ..projection };
            assert_eq!(model.hyperparameters().projection(), Some(done));
            assert_eq!((model.feature_dim(), codes(&model).dim()), (feature_dim, dim));
            let queries = queries.slice_axis(Axis(1), (..feature_dim).into());
            assert_eq!(model.predict_batch(queries).unwrap().len(), 10);
        }
    }
}

#[test]
fn codes_depend_on_the_seed_only() {
    let (features, _) = clustered(700, 0, 6);
    let kind = IndexKind::IvfPq { n_lists: 3, n_probe: 2, m: 2 };
    let parameters = Hyperparameters::regressor(3).index(kind).seed(11);
    let pq = check_threads_do_not_matter(&features, parameters);
    let pq = codes(&pq);
    let first: Vec<&[u8]> = pq.lists().iter().map(|list| &list.values[..4]).collect();
    expect!["[[238, 135, 99, 175], [146, 39, 214, 254], [69, 204, 150, 197]] a3d70cf66a1e3dad"]
        .assert_eq(&format!("{first:?} {:016x}", checksum(pq.codebooks())));
    let other = train(&features, parameters.seed(12)).unwrap();
    assert_ne!(codes(&other).codebooks(), pq.codebooks());
}

#[test]
fn all_code_lengths_are_supported() {
    let (features, queries) = clustered(260, 5, 7);
    for m in PQ_M {
        let kind = IndexKind::IvfPq { n_lists: 2, n_probe: 1, m };
        let model = train(&features, Hyperparameters::classifier(3).index(kind)).unwrap();
        assert_eq!((codes(&model).m(), codes(&model).dim()), (m, 7usize.next_multiple_of(m)));
        assert_eq!(model.neighbours_batch(queries.view()).unwrap()[0].len(), 3);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// The largest and the smallest numbers, and their differences, which no f32 can hold.
    #[test]
    fn any_finite_numbers_can_be_coded(
        value in prop::collection::vec(prop::num::f32::NORMAL | prop::num::f32::ZERO | prop::num::f32::SUBNORMAL, 520),
        n_lists in 1..=256usize,
        m in prop::sample::select(&[1usize, 2, 4]),
        k in 1..=300usize,
        metric in prop::sample::select(&[1.0f32, f32::MAX, f32::MIN_POSITIVE]),
    ) {
        let features = Array2::from_shape_fn((260, 2), |(row, i)| value[row * 2 + i]);
        let kind = IndexKind::IvfPq { n_lists, n_probe: 2, m };
        let model = train(&features, Hyperparameters::classifier(k).index(kind)).unwrap();
        let found = model.neighbours(&[value[0], metric]).unwrap();
        prop_assert_eq!(found.len(), k.min(260));
        check_order(&found, Metric::L2);
        prop_assert!(found.iter().all(|n| !n.score.is_nan()));
        prop_assert!(model.predict(&[value[1], -metric]).is_ok());
    }
}
