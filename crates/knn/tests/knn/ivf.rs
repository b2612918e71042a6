//! Lists of rows: what is found, what is missed, what is learned.

use expect_test::expect;
use mysfits_knn::{Hyperparameters, IndexKind, IndexView, IvfFlat, Metric, Model};
use ndarray::Array2;
use proptest::prelude::*;

use crate::support::{check_order, check_threads_do_not_matter, checksum, clustered, recall, rows_of, train};

fn lists(model: &Model) -> &IvfFlat {
    match model.index() {
        IndexView::IvfFlat(lists) => lists,
        other => panic!("{other:?}"),
    }
}

#[test]
fn recall_grows_with_n_probe_and_is_exact_with_all_lists() {
    let (features, queries) = clustered(3_000, 200, 16);
    for metric in Metric::ALL {
        let parameters = Hyperparameters::classifier(10).metric(metric);
        let exact = train(&features, parameters.index(IndexKind::Flat)).unwrap();
        let mut previous = 0.0;
        for (n_probe, at_least) in [(1, 0.2f64), (2, 0.3), (5, 0.5), (15, 0.8), (54, 1.0)] {
            let model =
                train(&features, parameters.index(IndexKind::IvfFlat { n_lists: 54, n_probe })).unwrap();
            let recall = recall(&model, &exact, queries.view());
            // Long rows have the highest inner products with all queries, wherever they lie.
            let at_least = if metric == Metric::InnerProduct { at_least } else { at_least.max(0.9) };
            assert!(recall >= at_least && recall >= previous, "{metric}, {n_probe} probes: {recall}");
            previous = recall;
        }
        // More probes than lists are all lists, bit for bit what the scan gives.
        for n_probe in [54, 1_000] {
            let model =
                train(&features, parameters.index(IndexKind::IvfFlat { n_lists: 54, n_probe })).unwrap();
            let expected = exact.neighbours_batch(queries.view()).unwrap();
            assert_eq!(model.neighbours_batch(queries.view()).unwrap(), expected, "{metric}");
            assert_eq!(model.predict_batch(queries.view()), exact.predict_batch(queries.view()));
        }
    }
}

#[test]
fn each_row_is_in_the_list_of_its_nearest_centroid() {
    let (features, _) = clustered(2_000, 0, 12);
    for metric in Metric::ALL {
        let kind = IndexKind::IvfFlat { n_lists: 30, n_probe: 3 };
        let model = train(&features, Hyperparameters::regressor(1).metric(metric).index(kind)).unwrap();
        assert_eq!(
            (model.n_samples(), model.feature_dim(), model.hyperparameters().index()),
            (2_000, 12, kind)
        );
        assert!(model.features().is_none());
        let ivf = lists(&model);
        assert_eq!((ivf.n_samples(), ivf.dim(), ivf.n_probe(), ivf.lists().len()), (2_000, 12, 3, 30));
        let mut seen = vec![false; 2_000];
        let mut n_misplaced = 0;
        for (number, list) in ivf.lists().iter().enumerate() {
            assert!(!list.rows.is_empty() && list.rows.is_sorted_by(|a, b| a < b));
            for (&row, values) in list.rows.iter().zip(list.values.chunks_exact(12)) {
                assert!(!std::mem::replace(&mut seen[row as usize], true));
                let original = features.row(row as usize);
                if metric != Metric::Cosine {
                    assert_eq!(values, original.as_slice().unwrap());
                }
                let farness = |centroid: &[f32]| -> f64 {
                    let pairs = centroid.iter().zip(values).map(|(&c, &v)| (f64::from(c), f64::from(v)));
                    match metric {
                        Metric::L2 => pairs.map(|(c, v)| (c - v).powi(2)).sum(),
                        Metric::InnerProduct | Metric::Cosine => -pairs.map(|(c, v)| c * v).sum::<f64>(),
                    }
                };
                let nearest = ivf.centroids().chunks_exact(12).map(farness).fold(f64::INFINITY, f64::min);
                let own = farness(&ivf.centroids()[number * 12..][..12]);
                n_misplaced += usize::from(own > nearest + 1e-4 * nearest.abs());
            }
        }
        assert!(seen.into_iter().all(|seen| seen) && n_misplaced == 0, "{metric}: {n_misplaced}");
        // Spherical k-means: of a long centroid all would be near.
        if metric != Metric::L2 {
            for centroid in ivf.centroids().chunks_exact(12) {
                let length = centroid.iter().map(|v| v * v).sum::<f32>().sqrt();
                assert!((length - 1.0).abs() < 1e-5, "{length}");
            }
        }
    }
}

#[test]
fn more_lists_are_scanned_if_the_probed_ones_hold_too_few_rows() {
    let (features, queries) = clustered(100, 20, 4);
    let parameters = Hyperparameters::classifier(40);
    let exact = train(&features, parameters.index(IndexKind::Flat)).unwrap();
    // Of 100 lists of one row each, one is probed; 40 rows are wanted.
    let kind = |n_lists| IndexKind::IvfFlat { n_lists, n_probe: 1 };
    let model = train(&features, parameters.index(kind(100))).unwrap();
    assert!(lists(&model).lists().iter().all(|list| list.rows.len() == 1));
    assert_eq!(
        model.neighbours_batch(queries.view()).unwrap(),
        exact.neighbours_batch(queries.view()).unwrap()
    );
    // More than there are rows are all rows, in order.
    let parameters = Hyperparameters::classifier(1_000);
    let exact = train(&features, parameters.index(IndexKind::Flat)).unwrap();
    let model = train(&features, parameters.index(kind(7))).unwrap();
    let query = queries.row(0).to_vec();
    assert_eq!(model.neighbours(&query).unwrap().len(), 100);
    assert_eq!(model.neighbours(&query), exact.neighbours(&query));
}

#[test]
fn fewer_distinct_points_than_lists() {
    let features = Array2::from_shape_fn((600, 3), |(row, i)| ((row >> i) & 1) as f32);
    let parameters = Hyperparameters::classifier(80);
    let exact = train(&features, parameters.index(IndexKind::Flat)).unwrap();
    let model = train(&features, parameters.index(IndexKind::IvfFlat { n_lists: 64, n_probe: 1 })).unwrap();
    for query in [[0.0, 0.0, 0.0], [0.9, 0.1, 1.0]] {
        assert_eq!(model.neighbours(&query).unwrap()[..75], exact.neighbours(&query).unwrap()[..75]);
    }
    // All rows are one point: the centroids that it is split into are next to it.
    let same = Array2::from_elem((300, 2), 7.0);
    let model = train(&same, parameters.index(IndexKind::IvfFlat { n_lists: 17, n_probe: 1 })).unwrap();
    assert_eq!(rows_of(&model.neighbours(&[0.0, 0.0]).unwrap()), (0..80).collect::<Vec<_>>());
}

#[test]
fn lists_depend_on_the_seed_only() {
    let (features, _) = clustered(3_000, 0, 9);
    // Few lists, so that they are learned from a sample of the rows.
    let parameters =
        Hyperparameters::regressor(3).index(IndexKind::IvfFlat { n_lists: 5, n_probe: 2 }).seed(11);
    let model = check_threads_do_not_matter(&features, parameters);
    let sizes: Vec<usize> = lists(&model).lists().iter().map(|list| list.rows.len()).collect();
    expect!["[380, 692, 634, 746, 548] 9019f57da69c6891"]
        .assert_eq(&format!("{sizes:?} {:016x}", checksum(lists(&model).centroids())));
    let other = train(&features, parameters.seed(12)).unwrap();
    assert_ne!(lists(&other).centroids(), lists(&model).centroids());
}

#[test]
fn centroids_are_better_than_the_rows_they_start_from() {
    let (features, _) = clustered(2_000, 0, 8);
    let parameters = Hyperparameters::regressor(1).index(IndexKind::IvfFlat { n_lists: 40, n_probe: 1 });
    let model = train(&features, parameters).unwrap();
    let within = |centroids: &[f32]| -> f64 {
        let distance = |row: &[f32], centroid: &[f32]| -> f32 {
            row.iter().zip(centroid).map(|(a, b)| (a - b) * (a - b)).sum()
        };
        features
            .rows()
            .into_iter()
            .map(|row| {
                centroids.chunks(8).map(|c| distance(row.as_slice().unwrap(), c)).fold(f32::MAX, f32::min)
            })
            .map(f64::from)
            .sum()
    };
    let rows = within(&features.as_slice().unwrap()[..40 * 8]);
    let learned = within(lists(&model).centroids());
    assert!(learned < 0.8 * rows, "{learned} {rows}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Whatever the numbers: what is found is found among the rows, measured exactly, in order, and enough of it.
    #[test]
    fn found_rows_have_exact_scores(
        (dim, values, query) in (1..=20usize).prop_flat_map(|dim| {
            let value = prop_oneof![
                prop::num::f32::NORMAL | prop::num::f32::ZERO | prop::num::f32::SUBNORMAL,
                -1.0f32..1.0,
                (-2i32..3).prop_map(|v| v as f32),
            ];
            (Just(dim), prop::collection::vec(value.clone(), dim..=dim * 60), prop::collection::vec(value, dim))
        }),
        lists in 1..=60usize,
        n_probe in 1..=20usize,
        k in 1..=70usize,
        metric in prop::sample::select(&Metric::ALL),
        seed: u64,
    ) {
        let n = values.len() / dim;
        let features = Array2::from_shape_vec((n, dim), values[..n * dim].to_vec()).unwrap();
        let n_lists = lists.min(n);
        let parameters = Hyperparameters::regressor(k).metric(metric).seed(seed);
        let all = train(&features, Hyperparameters::regressor(1024).metric(metric).index(IndexKind::Flat)).unwrap();
        let all = all.neighbours(&query).unwrap();
        let model = train(&features, parameters.index(IndexKind::IvfFlat { n_lists, n_probe })).unwrap();
        let found = model.neighbours(&query).unwrap();
        prop_assert_eq!(found.len(), k.min(n));
        check_order(&found, metric);
        for neighbour in &found {
            let measure = all.iter().find(|n| n.row == neighbour.row).unwrap().score;
            prop_assert!(measure.to_bits() == neighbour.score.to_bits() || measure.is_nan());
        }
        if n_probe >= n_lists {
            prop_assert_eq!(rows_of(&found), rows_of(&all[..k.min(n)]));
        }
    }
}
