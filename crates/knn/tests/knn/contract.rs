//! Rejected arguments and their messages; sampling, regression, serialized tables, evaluation.

use expect_test::expect;
use mysfits_knn::{
    CancellationToken, Dataset, DecisionTable, Evaluation, Grid, GridAxis, Hyperparameters, IndexKind,
    Metric, Model, PredictError, Projection, ProjectionKind,
};
use ndarray::{Array1, Array2, array};

fn small() -> (Array2<f32>, Array1<f64>) {
    (array![[1.0, 1.0], [1.0, 2.0], [8.0, 8.0], [8.0, 7.0]], array![3.0, 3.0, 5.0, 4.0])
}

fn trained(parameters: mysfits_knn::HyperparametersBuilder) -> Model {
    let (features, labels) = small();
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    Model::train(dataset, &parameters.check().unwrap()).unwrap()
}

#[track_caller]
fn check_refused<T: std::fmt::Debug, E: std::fmt::Display>(
    result: Result<T, E>,
    expected: expect_test::Expect,
) {
    expected.assert_eq(&result.map_or_else(|error| error.to_string(), |ok| panic!("{ok:?}")));
}

#[test]
fn bad_data_is_refused_by_place() {
    let labels = array![0.0, 1.0];
    let dataset = |features: Array2<f32>, labels: &Array1<f64>| {
        Dataset::new(features.view(), labels.view()).map(|_| ()).map_err(|e| e.to_string())
    };
    check_refused(
        dataset(Array2::zeros((0, 5)), &labels),
        expect!["the dataset is 0 samples × 5 features; it needs at least 1 × 1"],
    );
    check_refused(
        dataset(Array2::zeros((2, 0)), &labels),
        expect!["the dataset is 2 samples × 0 features; it needs at least 1 × 1"],
    );
    check_refused(
        dataset(Array2::zeros((3, 1)), &labels),
        expect!["there are 2 labels for 3 samples; there must be one for each"],
    );
    check_refused(
        dataset(array![[0.0, 1.0], [2.0, f32::NAN]], &labels),
        expect!["feature 1 of row 1 is NaN; every feature must be a finite number"],
    );
    check_refused(
        dataset(array![[0.0], [1.0]], &array![0.0, f64::INFINITY]),
        expect!["the label of row 1 is inf; every label must be a finite number"],
    );
}

#[test]
fn bad_hyperparameters_are_refused_by_name_and_range() {
    check_refused(
        Hyperparameters::classifier(0).check(),
        expect![[r#"invalid value for "k": 0 (expected 1 to 1024)"#]],
    );
    check_refused(
        Hyperparameters::regressor(1025).check(),
        expect![[r#"invalid value for "k": 1025 (expected 1 to 1024)"#]],
    );
    check_refused(
        Hyperparameters::classifier(1).sample_size(0).check(),
        expect![[r#"invalid value for "sample_size": 0 (expected 1 to 4294967295)"#]],
    );
    let with = |index| Hyperparameters::classifier(1).index(index);
    check_refused(
        with(IndexKind::IvfFlat { n_lists: 0, n_probe: 5 }).check(),
        expect![[r#"invalid value for "n_lists": 0 (expected 1 to 4294967295)"#]],
    );
    check_refused(
        with(IndexKind::IvfPq { n_lists: 1 << 40, n_probe: 5, m: 4 }).check(),
        expect![[r#"invalid value for "n_lists": 1099511627776 (expected 1 to 4294967295)"#]],
    );
    check_refused(
        with(IndexKind::IvfFlat { n_lists: 1, n_probe: 0 }).check(),
        expect![[r#"invalid value for "n_probe": 0 (expected 1 to 4294967295)"#]],
    );
    for m in [0, 5, 97, usize::MAX] {
        assert!(with(IndexKind::IvfPq { n_lists: 1, n_probe: 1, m }).check().is_err(), "{m}");
    }
    check_refused(
        with(IndexKind::IvfPq { n_lists: 1, n_probe: 1, m: 5 }).check(),
        expect![[
            r#"invalid value for "m": 5 (expected one of [1, 2, 3, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 96])"#
        ]],
    );
    check_refused(
        with(IndexKind::IvfPq { n_lists: 1, n_probe: 1, m: 4 }).metric(Metric::InnerProduct).check(),
        expect!["invalid metric for IvfPq: INNER_PRODUCT (expected L2)"],
    );
}

#[test]
fn too_few_rows_for_lists_or_codes_are_refused() {
    let refused = |n_samples, sample_size, index| {
        let (features, labels) = (Array2::zeros((n_samples, 2)), Array1::zeros(n_samples));
        let dataset = Dataset::new(features.view(), labels.view()).unwrap();
        let parameters = Hyperparameters::classifier(1).index(index).sample_size(sample_size);
        Model::train(dataset, &parameters.check().unwrap())
    };
    let lists = |n_lists| IndexKind::IvfFlat { n_lists, n_probe: 1 };
    assert!(refused(9, 9, lists(9)).is_ok());
    check_refused(
        refused(9, 100, lists(10)),
        expect!["n_lists is 10; it must be at most the number of rows, 9: lower it, or raise sample_size"],
    );
    check_refused(
        refused(9, 5, lists(9)),
        expect!["n_lists is 9; it must be at most the number of rows, 5: lower it, or raise sample_size"],
    );
    let codes = IndexKind::IvfPq { n_lists: 2, n_probe: 1, m: 2 };
    assert!(refused(300, 256, codes).is_ok());
    check_refused(
        refused(300, 255, codes),
        expect![
            "product quantization needs at least 256 rows to train its codes; there are 255: raise sample_size, or use IvfFlat"
        ],
    );
}

#[test]
fn estimates_the_cost_of_a_batch() {
    let model = |n: usize, dim, parameters: mysfits_knn::HyperparametersBuilder| {
        let (features, labels) =
            (Array2::from_shape_fn((n, dim), |(row, i)| (row * (i + 1) % 11) as f32), Array1::zeros(n));
        let dataset = Dataset::new(features.view(), labels.view()).unwrap();
        Model::train(dataset, &parameters.check().unwrap()).unwrap()
    };
    let classifier = Hyperparameters::classifier(10);
    let flat = model(20_000, 40, classifier);
    assert_eq!(flat.estimated_cost(0), 0);
    assert!(flat.estimated_cost(1) >= 20_000 * 40);
    assert_eq!(flat.estimated_cost(10), 10 * flat.estimated_cost(1));
    assert_eq!(flat.estimated_cost(usize::MAX), usize::MAX);
    let tree = model(20_000, 5, classifier);
    assert!(tree.estimated_cost(1) < 20_000 * 5);
    let lists = IndexKind::IvfFlat { n_lists: 100, n_probe: 2 };
    assert!(model(20_000, 40, classifier.index(lists)).estimated_cost(1) < flat.estimated_cost(1));
    let projection = Projection { kind: ProjectionKind::Sign, target_dim: 1_000, seed: 1 };
    assert!(model(10, 2_000, classifier.projection(projection)).estimated_cost(1) >= 2_000 * 1_000);
}

#[test]
fn a_cancelled_batch_ends_between_blocks() {
    let (features, labels) = (Array2::<f32>::zeros((50_000, 64)), Array1::zeros(50_000));
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    let model = Model::train(dataset, &Hyperparameters::classifier(1).check().unwrap()).unwrap();
    let samples = Array2::from_shape_fn((4_096, 64), |(row, _)| row as f32);
    let token = CancellationToken::new();
    token.cancel();
    assert_eq!(model.predict_batch_with(samples.view(), &token), Err(PredictError::Cancelled));
    assert_eq!(model.neighbours_batch_with(samples.view(), &token), Err(PredictError::Cancelled));
    // Cancelled by another thread while it runs: most of the work is not done.
    let token = CancellationToken::new();
    std::thread::scope(|scope| {
        let batch = scope.spawn(|| model.predict_batch_with(samples.view(), &token));
        token.cancel();
        assert_eq!(batch.join().unwrap(), Err(PredictError::Cancelled));
    });
    let few = samples.slice_axis(ndarray::Axis(0), (0..2).into());
    assert_eq!(model.predict_batch_with(few, &CancellationToken::new()), Ok(vec![0.0, 0.0]));
}

#[test]
fn bad_queries_are_errors_never_panics() {
    for index in [IndexKind::Flat, IndexKind::KdTree] {
        let model = trained(Hyperparameters::classifier(3).index(index));
        check_refused(model.predict(&[1.0]), expect!["a sample has 1 features; the model has 2"]);
        check_refused(model.predict(&[]), expect!["a sample has 0 features; the model has 2"]);
        check_refused(
            model.neighbours(&[1.0, f32::NAN]),
            expect!["feature 1 of row 0 is NaN; every feature must be a finite number"],
        );
        check_refused(
            model.predict_batch(array![[1.0, 2.0], [f32::NEG_INFINITY, 1.0]].view()),
            expect!["feature 0 of row 1 is -inf; every feature must be a finite number"],
        );
        check_refused(
            model.predict_batch(Array2::zeros((1, 3)).view()),
            expect!["a sample has 3 features; the model has 2"],
        );
        assert!(model.predict_batch(Array2::zeros((0, 2)).view()).unwrap().is_empty());
    }
}

#[test]
fn impossible_kd_trees_are_refused() {
    let features = Array2::zeros((2, 9));
    let dataset = Dataset::new(features.view(), ndarray::ArrayView1::from(&[0.0, 1.0])).unwrap();
    check_refused(
        Model::train(dataset, &Hyperparameters::classifier(1).index(IndexKind::KdTree).check().unwrap()),
        expect![
            "a kd-tree needs the metric L2 and at most 8 features; this model has L2 and 9: use the flat index"
        ],
    );
    let (features, labels) = small();
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    let parameters = Hyperparameters::classifier(1).metric(Metric::Cosine).index(IndexKind::KdTree);
    check_refused(
        Model::train(dataset, &parameters.check().unwrap()),
        expect![
            "a kd-tree needs the metric L2 and at most 8 features; this model has COSINE and 2: use the flat index"
        ],
    );
}

#[test]
fn all_rows_vote_if_there_are_fewer_than_k() {
    let model = trained(Hyperparameters::classifier(100));
    assert_eq!(model.neighbours(&[0.0, 0.0]).unwrap().len(), 4);
    assert_eq!(model.predict(&[9.0, 9.0]).unwrap(), 3.0);
}

#[test]
fn equal_votes_prefer_the_lower_label() {
    // TopK are rows 2 (label 5) and 3 (label 4), one vote each.
    assert_eq!(trained(Hyperparameters::classifier(2)).predict(&[8.0, 8.0]).unwrap(), 4.0);
}

#[test]
fn regressor_predicts_the_mean() {
    let model = trained(Hyperparameters::regressor(3));
    assert_eq!(model.predict(&[8.0, 8.0]).unwrap(), 4.0);
    assert_eq!(model.predict_from(&model.neighbours(&[8.0, 8.0]).unwrap()), Some(4.0));
    assert!(model.classes().is_empty());
}

#[test]
fn keeps_labels_above_two_to_the_24() {
    const IDS: [f64; 3] = [16_777_217.0, 1_000_000_007.0, 20_240_131_123_456.0];
    let (features, labels) = (array![[0.0, 0.0], [5.0, 5.0], [9.0, 9.0]], Array1::from_vec(IDS.to_vec()));
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    let model = Model::train(dataset, &Hyperparameters::classifier(1).check().unwrap()).unwrap();
    assert_eq!(model.classes(), IDS);
    assert_eq!(model.predict_batch(features.view()).unwrap(), IDS);
    assert_eq!(model.neighbours(&[5.0, 5.0]).unwrap()[0].label, IDS[1]);
    let table = model.tabulate(&Grid::new([GridAxis { min: 0, count: 10 }; 2]).unwrap()).unwrap();
    assert_eq!(DecisionTable::from_bytes(&table.to_bytes()).unwrap().predict(99), IDS[2]);
}

#[test]
fn computes_means_in_f64() {
    let mean_of = |values: [f64; 3]| {
        let (features, labels) = (array![[0.0], [1.0], [2.0]], Array1::from_vec(values.to_vec()));
        let dataset = Dataset::new(features.view(), labels.view()).unwrap();
        let model = Model::train(dataset, &Hyperparameters::regressor(3).check().unwrap()).unwrap();
        let predicted = model.predict(&[0.0]).unwrap();
        assert_eq!(model.predict_from(&model.neighbours(&[0.0]).unwrap()), Some(predicted));
        predicted
    };
    // As numpy.mean gives them.
    assert_eq!(mean_of([0.1, 0.2, 0.4]), 0.233_333_333_333_333_36);
    assert_eq!(mean_of([16_777_217.0, 16_777_217.0, 16_777_220.0]), 16_777_218.0);
    assert!(mean_of([f64::MAX; 3]) > 0.99 * f64::MAX, "the sum overflows, the mean does not");
    assert!(mean_of([f64::MAX; 3]).is_finite());
}

#[test]
fn negative_and_positive_zero_are_one_number() {
    let features = array![[0.0], [-0.0], [0.0], [1.0]];
    let labels = array![-0.0, 0.0, 1.0, 1.0];
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    for index in [IndexKind::Flat, IndexKind::KdTree] {
        let model =
            Model::train(dataset, &Hyperparameters::classifier(3).index(index).check().unwrap()).unwrap();
        assert_eq!(model.classes(), [0.0, 1.0]);
        let rows: Vec<usize> = model.neighbours(&[-0.0]).unwrap().iter().map(|n| n.row).collect();
        assert_eq!(rows, [0, 1, 2]);
        assert_eq!(model.predict(&[0.0]).unwrap().to_bits(), 0.0f64.to_bits());
    }
}

#[test]
fn trains_with_a_sample_of_the_rows() {
    let (features, labels) = small();
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    let model =
        Model::train(dataset, &Hyperparameters::classifier(1).sample_size(2).check().unwrap()).unwrap();
    assert_eq!(model.n_samples(), 2);
}

#[test]
fn grids_are_checked() {
    check_refused(
        Grid::new([]),
        expect![
            "a grid needs at least one axis, and every axis at least one value that an f32 holds exactly"
        ],
    );
    check_refused(
        Grid::new([GridAxis { min: 0, count: 1 << 13 }; 2]),
        expect!["the grid has more than 16777216 points"],
    );
    let grid = Grid::new([GridAxis { min: -1, count: 2 }, GridAxis { min: 5, count: 3 }]).unwrap();
    assert_eq!(grid.len(), 6);
    let expected = array![[-1.0, 5.0], [-1.0, 6.0], [-1.0, 7.0], [0.0, 5.0], [0.0, 6.0], [0.0, 7.0]];
    assert_eq!(grid.points(), expected);
    for (point, index) in
        [([0, 6], Some(4)), ([1, 6], None), ([0, 8], None), ([i32::MIN, 5], None), ([i32::MAX, 5], None)]
    {
        assert_eq!(grid.index(&point), index, "{point:?}");
    }
    assert_eq!(grid.index(&[0]), None);
}

#[test]
fn tables_are_read_from_their_bytes_and_from_no_others() {
    let grid = Grid::new([GridAxis { min: 0, count: 9 }; 2]).unwrap();
    let table = trained(Hyperparameters::classifier(2)).tabulate(&grid).unwrap();
    let bytes = table.to_bytes();
    assert_eq!(DecisionTable::from_bytes(&bytes).unwrap(), table);
    for length in 0..bytes.len() {
        assert!(DecisionTable::from_bytes(&bytes[..length]).is_err(), "{length}");
    }
    let broken = |at: usize, with: &[u8]| {
        let mut broken = bytes.clone();
        broken[at..at + with.len()].copy_from_slice(with);
        DecisionTable::from_bytes(&broken)
    };
    check_refused(
        broken(0, b"K"),
        expect!["these 137 bytes are not a decision table: the magic bytes are missing"],
    );
    check_refused(
        broken(8, &[255; 4]),
        expect!["these 137 bytes are not a decision table: they end too early"],
    );
    check_refused(
        broken(16, &[255; 4]),
        expect!["these 137 bytes are not a decision table: the axes are invalid"],
    );
    check_refused(
        broken(28, &[200, 0, 0, 0]),
        expect!["these 137 bytes are not a decision table: they end too early"],
    );
    check_refused(
        broken(bytes.len() - 1, &[3]),
        expect!["these 137 bytes are not a decision table: a cell refers to an unknown class"],
    );
    check_refused(
        broken(32, &9.0f64.to_le_bytes()),
        expect![
            "these 137 bytes are not a decision table: the classes are not at most 256 ascending numbers"
        ],
    );
    check_refused(
        trained(Hyperparameters::regressor(2)).tabulate(&grid),
        expect!["a decision table holds classes; the model is a regressor"],
    );
}

#[test]
fn evaluation_counts_by_class() {
    let evaluation = Evaluation::new(&[0.0, 2.0, 2.0, 1.0], &[0.0, 2.0, 1.0, 2.0]).unwrap();
    assert_eq!(evaluation.n_samples(), 4);
    assert_eq!(evaluation.accuracy(), 0.5);
    assert_eq!(evaluation.mean_squared_error(), 0.5);
    assert_eq!(evaluation.classes(), [0.0, 1.0, 2.0]);
    let confusion: Vec<&[usize]> = evaluation.confusion().collect();
    assert_eq!(confusion, [[1, 0, 0], [0, 0, 1], [0, 1, 1]]);
    let recall: Vec<f64> = evaluation.class_metrics().map(|class| class.recall).collect();
    assert_eq!(recall, [1.0, 0.0, 0.5]);
    assert_eq!(evaluation.macro_f1(), 0.5);
    check_refused(
        Evaluation::new(&[1.0], &[]),
        expect!["there are 1 predictions for 0 labels; there must be equally many, and at least one"],
    );
}

#[test]
fn evaluation_of_batches_equals_evaluation_of_the_whole() {
    let (predicted, actual) = ([0.0, 5.0, 1.0, 2.0, -0.0, 3.0], [0.0, 1.0, 5.0, 2.0, 0.0, 4.0]);
    let whole = Evaluation::new(&predicted, &actual).unwrap();
    for n in 1..6 {
        let mut batches = Evaluation::new(&predicted[..n], &actual[..n]).unwrap();
        batches.add(&predicted[n..], &actual[n..]).unwrap();
        assert_eq!(batches, whole);
    }
    assert_eq!(whole.classes(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
}

#[test]
fn evaluation_of_too_many_labels_has_no_classes() {
    let labels: Vec<f64> = (0..=1 << 16).map(f64::from).collect();
    let mut evaluation = Evaluation::new(&labels[..1_025], &labels[..1_025]).unwrap();
    assert_eq!(
        (evaluation.macro_f1(), evaluation.classes().len(), evaluation.confusion().len()),
        (1.0, 1_025, 0)
    );
    evaluation.add(&labels, &labels).unwrap();
    assert!(
        evaluation.accuracy() == 1.0 && evaluation.macro_f1().is_nan() && evaluation.classes().is_empty()
    );
}

#[test]
fn names_are_parsed_as_they_are_displayed() {
    for metric in Metric::ALL {
        assert_eq!(metric.to_string().parse(), Ok(metric));
    }
    check_refused(
        "l2".parse::<Metric>(),
        expect![[r#"invalid metric: "l2" (expected one of L2, INNER_PRODUCT, COSINE)"#]],
    );
}

#[test]
fn evaluation_refuses_numbers_that_are_not_finite() {
    check_refused(
        Evaluation::new(&[f64::NAN, 1.0], &[1.0, f64::NAN]),
        expect!["the prediction of row 0 is NaN; every prediction must be a finite number"],
    );
    check_refused(
        Evaluation::new(&[1.0, 2.0], &[1.0, f64::NEG_INFINITY]),
        expect!["the label of row 1 is -inf; every label must be a finite number"],
    );
}
