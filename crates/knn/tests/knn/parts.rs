//! Indexes put together from parts, as an artifact holds them: honest ones give the model back, and nothing that they
//! can lie about passes or panics.

use expect_test::{Expect, expect};
use mysfits_knn::{
    Hyperparameters, HyperparametersBuilder, Index, IndexError, IndexKind, IndexView, InvertedList, IvfFlat,
    IvfPq, Metric, Model, Projection, ProjectionKind,
};
use ndarray::{Array2, Axis, ShapeBuilder as _, Slice, array};
use proptest::prelude::*;

use crate::support::{clustered, train};

fn owned(view: IndexView<'_>) -> Index {
    match view {
        IndexView::Rows(rows) => Index::Rows(rows.to_owned()),
        IndexView::IvfFlat(lists) => Index::IvfFlat(
            IvfFlat::new(lists.dim(), lists.n_probe(), lists.centroids().to_vec(), lists.lists().to_vec())
                .unwrap(),
        ),
        IndexView::IvfPq(lists) => {
            let (centroids, codebooks) = (lists.centroids().to_vec(), lists.codebooks().to_vec());
            let parts = lists.lists().to_vec();
            Index::IvfPq(
                IvfPq::new(lists.dim(), lists.m(), lists.n_probe(), centroids, codebooks, parts).unwrap(),
            )
        }
    }
}

fn checked(parameters: HyperparametersBuilder) -> Hyperparameters {
    parameters.check().unwrap()
}

#[track_caller]
fn check_refused<T, E: std::fmt::Display>(result: Result<T, E>, expected: Expect) {
    expected.assert_eq(&result.map_or_else(|error| error.to_string(), |_| panic!("it was accepted")));
}

#[test]
fn model_from_parts_equals_the_model() {
    let (features, queries) = clustered(700, 60, 10);
    let kinds = [
        IndexKind::Auto,
        IndexKind::IvfFlat { n_lists: 12, n_probe: 3 },
        IndexKind::IvfPq { n_lists: 6, n_probe: 2, m: 4 },
    ];
    for kind in kinds {
        for metric in Metric::ALL {
            if matches!(kind, IndexKind::IvfPq { .. }) && metric != Metric::L2 {
                continue;
            }
            let parameters = Hyperparameters::classifier(7).metric(metric).index(kind);
            let project = |kind| parameters.projection(Projection { kind, target_dim: 5, seed: 3 });
            for parameters in [parameters, project(ProjectionKind::Sign), project(ProjectionKind::Fjlt)] {
                let model = train(&features, parameters).unwrap();
                let index = owned(model.index());
                assert!(index.view() == model.index());
                let back =
                    Model::from_index(index, model.labels().to_vec(), model.hyperparameters(), 10).unwrap();
                assert_eq!(back.hyperparameters(), model.hyperparameters());
                assert_eq!((back.feature_dim(), back.n_samples()), (10, 700));
                assert_eq!(
                    back.neighbours_batch(queries.view()).unwrap(),
                    model.neighbours_batch(queries.view()).unwrap()
                );
                assert_eq!(back.predict_batch(queries.view()), model.predict_batch(queries.view()));
            }
        }
    }
}

#[test]
fn from_index_reports_the_real_index_kind() {
    let rows = Array2::from_shape_vec((3, 2).f(), vec![0.0, 1.0, 2.0, 5.0, 6.0, 7.0]).unwrap();
    assert!(rows.as_slice().is_none());
    let parameters =
        checked(Hyperparameters::regressor(1).index(IndexKind::IvfFlat { n_lists: 9, n_probe: 1 }));
    let model = Model::from_index(Index::Rows(rows.clone()), vec![1.0, 2.0, -0.0], &parameters, 2).unwrap();
    assert_eq!(model.hyperparameters().index(), IndexKind::Auto);
    assert_eq!(model.features().unwrap(), rows);
    assert_eq!(model.predict(&[2.0, 7.0]).unwrap().to_bits(), 0);
    // Lists need not be in order.
    let list = |rows: &[u32], values: &[f32]| InvertedList { rows: rows.to_vec(), values: values.to_vec() };
    let lists = vec![list(&[2, 0], &[2.0, 0.0]), list(&[], &[]), list(&[1], &[1.0])];
    let lists = IvfFlat::new(1, 3, vec![1.0, 100.0, 1.0], lists).unwrap();
    let parameters = checked(Hyperparameters::regressor(3).index(IndexKind::Flat));
    let model = Model::from_index(Index::IvfFlat(lists), vec![5.0, 6.0, 7.0], &parameters, 1).unwrap();
    assert_eq!(model.hyperparameters().index(), IndexKind::IvfFlat { n_lists: 3, n_probe: 3 });
    let found: Vec<(usize, f32)> =
        model.neighbours(&[1.0]).unwrap().iter().map(|n| (n.row, n.score)).collect();
    assert_eq!(found, [(1, 0.0), (0, 1.0), (2, 1.0)]);
}

#[test]
fn from_index_reads_the_rows_of_any_array_layout() {
    let numbers = || Array2::from_shape_fn((6, 4), |(row, i)| (10 * row + i) as f32);
    let mut reversed = numbers();
    reversed.invert_axis(Axis(0));
    let sliced = |mut array: Array2<f32>, rows: Slice, columns: Slice| {
        array.slice_axis_inplace(Axis(0), rows);
        array.slice_axis_inplace(Axis(1), columns);
        array
    };
    let all = Slice::from(..);
    let arrays = [
        numbers(),
        // The same layout as an array that owns just these rows, but with memory before and behind them.
        sliced(numbers(), (1..3).into(), all),
        sliced(numbers(), (..2).into(), all),
        sliced(numbers(), (4..).into(), all),
        sliced(numbers(), (3..4).into(), (1..3).into()),
        sliced(numbers(), (1..5).into(), (1..3).into()),
        sliced(numbers(), all.step_by(2), all),
        sliced(numbers(), all, Slice::from(1..).step_by(2)),
        numbers().reversed_axes(),
        sliced(numbers().reversed_axes(), (1..3).into(), (2..).into()),
        Array2::from_shape_vec((3, 2).f(), vec![0.0, 1.0, 2.0, 5.0, 6.0, 7.0]).unwrap(),
        reversed,
    ];
    let parameters = checked(Hyperparameters::regressor(1));
    for rows in arrays {
        let (n_samples, dim) = rows.dim();
        let expected = rows.as_standard_layout().to_owned();
        let labels: Vec<f64> = (0..n_samples).map(|row| row as f64).collect();
        let model = Model::from_index(Index::Rows(rows), labels, &parameters, dim).unwrap();
        assert_eq!(model.features().unwrap(), expected);
        for (row, sample) in expected.rows().into_iter().enumerate() {
            let found = model.neighbours(&sample.to_vec()).unwrap();
            assert_eq!((found[0].row, found[0].label, found[0].score), (row, row as f64, 0.0));
        }
    }
}

#[test]
fn inconsistent_lists_are_refused() {
    let list = |rows: &[u32], values: &[f32]| InvertedList { rows: rows.to_vec(), values: values.to_vec() };
    let honest = || vec![list(&[1, 0], &[1.0, 1.0, 2.0, 2.0]), list(&[2], &[3.0, 3.0])];
    let centroids = || vec![0.0, 0.0, 1.0, 1.0];
    let refused = |dim, n_probe, centroids, lists| IvfFlat::new(dim, n_probe, centroids, lists);
    assert!(refused(2, 1, centroids(), honest()).is_ok());
    check_refused(
        refused(0, 1, centroids(), honest()),
        expect!["the index's dimension is 0; it must be at least 1"],
    );
    check_refused(
        refused(2, 0, centroids(), honest()),
        expect!["the index's n_probe is 0; it must be at least 1"],
    );
    check_refused(
        refused(2, 1, vec![], vec![]),
        expect!["the index's number of lists is 0; it must be at least 1"],
    );
    check_refused(
        refused(2, 1, centroids(), vec![list(&[], &[]), list(&[], &[])]),
        expect!["the index's number of rows is 0; it must be at least 1"],
    );
    check_refused(
        refused(2, 1, vec![0.0; 3], honest()),
        expect!["the index's centroids are 3 numbers; they must be 2 times 2"],
    );
    check_refused(
        refused(usize::MAX, 1, centroids(), honest()),
        expect!["the index's centroids are 4 numbers; they must be 2 times 18446744073709551615"],
    );
    check_refused(
        refused(2, 1, vec![0.0, f32::NAN, 1.0, 1.0], honest()),
        expect!["number 1 of the index's centroids is NaN; every number must be finite"],
    );
    check_refused(
        refused(2, 1, centroids(), vec![list(&[0], &[1.0, 1.0]), list(&[1], &[1.0, f32::INFINITY])]),
        expect!["number 1 of the index's vectors is inf; every number must be finite"],
    );
    check_refused(
        refused(2, 1, centroids(), vec![list(&[0, 1], &[1.0; 4]), list(&[2], &[1.0])]),
        expect!["list 1 holds 1 values for 1 rows of 2"],
    );
    check_refused(
        refused(2, 1, centroids(), vec![list(&[0, 1], &[1.0; 4]), list(&[1], &[1.0; 2])]),
        expect!["list 1 holds row 1; the rows of all lists must be the numbers below 3, each once"],
    );
    check_refused(
        refused(2, 1, centroids(), vec![list(&[0, u32::MAX], &[1.0; 4]), list(&[2], &[1.0; 2])]),
        expect!["list 0 holds row 4294967295; the rows of all lists must be the numbers below 3, each once"],
    );
}

#[test]
fn inconsistent_codes_are_refused() {
    let lists = || vec![InvertedList { rows: vec![0], values: vec![7, 255] }];
    let make = |dim, m, codebooks| IvfPq::new(dim, m, 1, vec![0.0; 4], codebooks, lists());
    assert!(make(4, 2, vec![0.0; 1024]).is_ok());
    check_refused(
        make(4, 0, vec![0.0; 1024]),
        expect!["rows of 4 numbers cannot be coded in 0 bytes; the bytes must divide the numbers"],
    );
    check_refused(
        make(4, 3, vec![0.0; 1024]),
        expect!["rows of 4 numbers cannot be coded in 3 bytes; the bytes must divide the numbers"],
    );
    check_refused(make(4, 4, vec![0.0; 1024]), expect!["list 0 holds 2 values for 1 rows of 4"]);
    check_refused(
        make(4, 2, vec![0.0; 1023]),
        expect!["the index's codebooks are 1023 numbers; they must be 256 times 4"],
    );
    let mut codebooks = vec![0.0; 1024];
    codebooks[1000] = f32::NEG_INFINITY;
    check_refused(
        make(4, 2, codebooks),
        expect!["number 1000 of the index's codebooks is -inf; every number must be finite"],
    );
}

#[test]
fn labels_and_widths_that_do_not_fit_are_refused() {
    let rows = || Index::Rows(array![[1.0, 2.0], [3.0, 4.0]]);
    let plain = checked(Hyperparameters::regressor(1));
    let make = |labels: &[f64], parameters: &Hyperparameters, feature_dim| {
        Model::from_index(rows(), labels.to_vec(), parameters, feature_dim)
    };
    assert!(make(&[1.0, 2.0], &plain, 2).is_ok());
    check_refused(
        make(&[1.0], &plain, 2),
        expect!["there are 1 labels for the index's 2 rows; there must be one for each"],
    );
    check_refused(
        make(&[1.0, f64::NAN], &plain, 2),
        expect!["number 1 of the index's labels is NaN; every number must be finite"],
    );
    check_refused(
        make(&[1.0, 2.0], &plain, 0),
        expect!["the index's number of features is 0; it must be at least 1"],
    );
    check_refused(
        make(&[1.0, 2.0], &plain, 3),
        expect!["the index's rows are 2 wide; samples of 3 features are 3 wide after projection and padding"],
    );
    let empty = Index::Rows(Array2::zeros((0, 2)));
    check_refused(
        Model::from_index(empty, vec![], &plain, 2),
        expect!["the index's number of rows is 0; it must be at least 1"],
    );
    let empty = Index::Rows(Array2::zeros((2, 0)));
    check_refused(
        Model::from_index(empty, vec![0.0; 2], &plain, 0),
        expect!["the index's dimension is 0; it must be at least 1"],
    );
    let infinite = Index::Rows(array![[1.0, f32::INFINITY]]);
    check_refused(
        Model::from_index(infinite, vec![0.0], &plain, 2),
        expect!["number 1 of the index's vectors is inf; every number must be finite"],
    );
    let tree = checked(Hyperparameters::regressor(1).metric(Metric::Cosine).index(IndexKind::KdTree));
    check_refused(
        make(&[1.0, 2.0], &tree, 2),
        expect![
            "a kd-tree needs the metric L2 and at most 8 features; this model has COSINE and 2: use the flat index"
        ],
    );

    let projected = |kind, target_dim| {
        checked(Hyperparameters::regressor(1).projection(Projection { kind, target_dim, seed: 0 }))
    };
    let sign = ProjectionKind::Sign;
    assert!(make(&[1.0, 2.0], &projected(sign, 2), 9).is_ok());
    check_refused(
        make(&[1.0, 2.0], &projected(sign, 3), 9),
        expect!["the index's rows are 2 wide; samples of 9 features are 3 wide after projection and padding"],
    );
    check_refused(
        make(&[1.0, 2.0], &projected(sign, 2), 2),
        expect!["target_dim is 2; it must be at least 1 and less than feature_dim, 2"],
    );
    for kind in ProjectionKind::ALL {
        for feature_dim in [usize::MAX, usize::MAX / 4, 1 << 40] {
            assert!(make(&[1.0, 2.0], &projected(kind, 2), feature_dim).is_err(), "{kind} {feature_dim}");
        }
    }
    let lists = vec![InvertedList { rows: vec![0], values: vec![0, 0] }];
    let index = IvfPq::new(2, 2, 1, vec![0.0; 2], vec![0.0; 512], lists).unwrap();
    let coded = |metric, feature_dim| {
        let parameters = checked(Hyperparameters::regressor(1).metric(metric));
        Model::from_index(Index::IvfPq(index.clone()), vec![0.0], &parameters, feature_dim)
    };
    assert!(coded(Metric::L2, 1).is_ok() && coded(Metric::L2, 2).is_ok());
    check_refused(
        coded(Metric::L2, usize::MAX),
        expect![
            "there is no memory for 18446744073709551615 rows of 2 numbers: lower sample_size, or use a projection"
        ],
    );
    check_refused(coded(Metric::Cosine, 2), expect!["invalid metric for IvfPq: COSINE (expected L2)"]);
}

/// Row numbers, some of them right.
fn hostile_lists(width: usize) -> impl Strategy<Value = Vec<InvertedList<u8>>> {
    let row = prop_oneof![0..6u32, any::<u32>()];
    let list = (prop::collection::vec(row, 0..4), prop::bool::weighted(0.9), 0..9usize).prop_map(
        move |(rows, whole, n)| {
            let n = if whole { rows.len() * width } else { n };
            InvertedList { values: vec![n as u8; n], rows }
        },
    );
    let any = prop::collection::vec(list, 0..4);
    // And lists that are right, so that what comes behind them is reached.
    let honest = (1..5u32, 1..4usize).prop_map(move |(n, n_lists)| {
        let mut lists = vec![InvertedList::default(); n_lists];
        for row in 0..n {
            lists[row as usize % n_lists].rows.push(row);
            lists[row as usize % n_lists].values.extend(vec![row as u8; width]);
        }
        lists
    });
    prop_oneof![any, honest]
}

fn number() -> impl Strategy<Value = f32> + Clone {
    prop_oneof![9 => prop::num::f32::NORMAL | prop::num::f32::ZERO, 1 => prop::num::f32::ANY]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// Parts of all kinds: an error, or a model that answers.
    #[test]
    fn hostile_parts_never_panic(
        (dim, m, lists) in (0..5usize, 1..4usize).prop_flat_map(|(dim, m)| {
            (Just(dim * m), Just(m), hostile_lists(m))
        }),
        off_by in prop_oneof![8 => Just(0usize), 1 => 1..3usize],
        n_probe in prop_oneof![0..4usize, Just(usize::MAX)],
        numbers in prop::collection::vec(number(), 64),
        k in 1..6usize,
        metric in prop::sample::select(&Metric::ALL),
        feature_dim in prop_oneof![8 => 0..13usize, 1 => any::<usize>()],
        target_dim in prop::option::weighted(0.3, prop_oneof![1..5usize, 1..=u32::MAX as usize]),
    ) {
        let n_rows = lists.iter().map(|list| list.rows.len()).sum::<usize>();
        let centroids: Vec<f32> =
            numbers.iter().cycle().take((lists.len() * dim).saturating_sub(off_by)).copied().collect();
        let floats = |list: &InvertedList<u8>| InvertedList {
            rows: list.rows.clone(),
            values: numbers.iter().cycle().take(list.values.len() / m * dim).copied().collect(),
        };
        let flat = IvfFlat::new(dim, n_probe, centroids.clone(), lists.iter().map(floats).collect());
        let codebooks = numbers.iter().map(|v| v / 2.0).cycle().take(dim * 256).collect();
        let coded = IvfPq::new(dim, m, n_probe, centroids, codebooks, lists);
        let rows = Array2::from_shape_fn((n_rows, dim), |(row, i)| numbers[(row * dim + i) % 64]);
        let indexes =
            [Some(Index::Rows(rows)), flat.ok().map(Index::IvfFlat), coded.ok().map(Index::IvfPq)];
        for index in indexes.into_iter().flatten() {
            let mut parameters = Hyperparameters::classifier(k).metric(metric);
            if let Some(target_dim) = target_dim {
                let kind = if k % 2 == 0 { ProjectionKind::Sign } else { ProjectionKind::Fjlt };
                parameters = parameters.projection(Projection { kind, target_dim, seed: 1 });
            }
            let labels = numbers[..n_rows.min(64)].iter().copied().map(f64::from).collect();
            let feature_dim = if target_dim.is_some() { feature_dim } else { feature_dim.max(dim) };
            if let Ok(model) = Model::from_index(index, labels, &checked(parameters), feature_dim) {
                let query = vec![1.5; feature_dim];
                let found = model.neighbours(&query).unwrap();
                prop_assert_eq!(found.len(), k.min(n_rows));
                prop_assert_eq!(model.predict(&query).unwrap(), model.predict_from(&found).unwrap());
            }
        }
    }
}

#[test]
fn errors_are_comparable() {
    let refused = IvfFlat::new(1, 1, vec![0.0], vec![InvertedList { rows: vec![3], values: vec![1.0] }]);
    assert_eq!(refused.unwrap_err(), IndexError::Row { list: 0, row: 3, n_samples: 1 });
}
