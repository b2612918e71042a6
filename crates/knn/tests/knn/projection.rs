//! Fewer features: lengths and distances stay about what they were, and the seed says how.

use expect_test::expect;
use mysfits_knn::{Hyperparameters, Metric, Model, Projection, ProjectionKind, TrainError};
use ndarray::{Array2, ArrayView2};
use proptest::prelude::*;

use crate::support::{check_threads_do_not_matter, checksum, clustered, random, recall, rows_of, train};

fn projection(kind: ProjectionKind, target_dim: usize, seed: u64) -> Projection {
    Projection { kind, target_dim, seed }
}

/// What the projection makes of rows, as the model keeps them.
fn projected(rows: &Array2<f32>, projection: Projection) -> Array2<f32> {
    let model = train(rows, Hyperparameters::regressor(1).projection(projection)).unwrap();
    assert_eq!((model.feature_dim(), model.index().dim()), (rows.ncols(), projection.target_dim));
    model.features().unwrap().to_owned()
}

fn squared_distance(rows: ArrayView2<'_, f32>, a: usize, b: usize) -> f64 {
    rows.row(a).iter().zip(rows.row(b)).map(|(a, b)| f64::from(a - b).powi(2)).sum()
}

/// Squared distances are kept on average, and scatter as the theory says: by a factor of a variance of about 2 / target;
/// signs of vectors with few numbers scatter less.
#[test]
fn distances_are_preserved_on_average() {
    let (dense, _) = clustered(60, 0, 300);
    // The worst case of a sparse matrix: vectors of one number that is not zero.
    let sparse = Array2::from_shape_fn((60, 300), |(row, i)| if i == row * 4 { 3.0 } else { 0.0 });
    for kind in ProjectionKind::ALL {
        for rows in [&dense, &sparse] {
            let (mut factors, target_dim) = (Vec::new(), 60);
            for seed in 0..40 {
                let projected = projected(rows, projection(kind, target_dim, seed));
                for pair in 0..30 {
                    let (a, b) = (2 * pair, 2 * pair + 1);
                    let was = squared_distance(rows.view(), a, b);
                    factors.push(squared_distance(projected.view(), a, b) / was);
                }
            }
            let n = factors.len() as f64;
            let mean = factors.iter().sum::<f64>() / n;
            let variance = factors.iter().map(|f| (f - mean).powi(2)).sum::<f64>() / n;
            assert!((mean - 1.0).abs() < 0.03, "{kind}: {mean}");
            let expected = 2.0 / target_dim as f64;
            assert!(variance < 1.5 * expected && variance > 0.4 * expected, "{kind}: {variance} {expected}");
        }
    }
}

#[test]
fn neighbours_stay_neighbours() {
    let (features, queries) = clustered(1_000, 100, 256);
    let exact = train(&features, Hyperparameters::classifier(10)).unwrap();
    for kind in ProjectionKind::ALL {
        let mut previous = 0.0;
        for (target_dim, at_least) in [(4, 0.05), (16, 0.2), (64, 0.4), (192, 0.6)] {
            let parameters = Hyperparameters::classifier(10).projection(projection(kind, target_dim, 1));
            let recall = recall(&train(&features, parameters).unwrap(), &exact, queries.view());
            assert!(recall > at_least && recall > previous, "{kind} to {target_dim}: {recall}");
            previous = recall;
        }
    }
}

#[test]
fn queries_are_projected_like_rows() {
    let (features, _) = clustered(200, 0, 30);
    for kind in ProjectionKind::ALL {
        for metric in Metric::ALL {
            let parameters =
                Hyperparameters::classifier(1).metric(metric).projection(projection(kind, 11, 2));
            let model = train(&features, parameters).unwrap();
            let batch = model.neighbours_batch(features.view()).unwrap();
            for (row, sample) in features.rows().into_iter().enumerate() {
                let found = model.neighbours(sample.as_slice().unwrap()).unwrap();
                assert_eq!(found, batch[row]);
                match metric {
                    Metric::L2 => assert_eq!((rows_of(&found), found[0].score), (vec![row], 0.0)),
                    // Scaled after they are projected: else they would not have the length 1.
                    Metric::Cosine => assert!((found[0].score - 1.0).abs() < 1e-5, "{found:?}"),
                    Metric::InnerProduct => {}
                }
            }
        }
    }
}

#[test]
fn matrix_depends_on_the_seed_only() {
    let unit = Array2::from_shape_fn((200, 200), |(row, i)| f32::from(u8::from(row == i)));
    for (kind, expected) in [
        (
            ProjectionKind::Sign,
            expect!["[-0.2236068, -0.2236068, 0.2236068, 0.2236068, 0.2236068, 0.2236068] a74e9ba0b9e8e8e5"],
        ),
        (
            ProjectionKind::Fjlt,
            expect![
                "[-0.24170196, -0.06522378, -0.12098091, -0.09524585, 0.06725912, 0.07778587] 644f500ab4f756cc"
            ],
        ),
    ] {
        let parameters = Hyperparameters::regressor(1).projection(projection(kind, 20, 9));
        let model = check_threads_do_not_matter(&unit, parameters);
        let matrix = model.features().unwrap();
        let values = matrix.as_slice().unwrap();
        expected.assert_eq(&format!("{:?} {:016x}", &values[..6], checksum(values)));
        assert_ne!(projected(&unit, projection(kind, 20, 10)), matrix);
    }
    // What signs are, all of the same size.
    let signs = projected(&unit, projection(ProjectionKind::Sign, 20, 9));
    let scale = 1.0 / 20f32.sqrt();
    assert!(signs.iter().all(|v| v.abs() == scale));
    let n_minus = signs.iter().filter(|v| **v < 0.0).count();
    assert!((1_850..2_150).contains(&n_minus), "{n_minus}");
}

#[test]
fn invalid_target_dims_are_refused() {
    let features = Array2::zeros((3, 5));
    let refused = |target_dim| {
        let projection = projection(ProjectionKind::Sign, target_dim, 0);
        train(&features, Hyperparameters::regressor(1).projection(projection)).map(|_| ()).unwrap_err()
    };
    assert_eq!(refused(5), TrainError::TargetDim { target_dim: 5, feature_dim: 5 });
    expect!["target_dim is 6; it must be at least 1 and less than feature_dim, 5"]
        .assert_eq(&refused(6).to_string());
    let none = Hyperparameters::regressor(1).projection(projection(ProjectionKind::Fjlt, 0, 0)).check();
    expect![[r#"invalid value for "target_dim": 0 (expected 1 to 4294967295)"#]]
        .assert_eq(&none.unwrap_err().to_string());
}

#[test]
fn projected_models_take_unprojected_samples() {
    let (features, _) = clustered(50, 0, 10);
    let parameters = Hyperparameters::regressor(1).projection(projection(ProjectionKind::Fjlt, 3, 0));
    let model: Model = train(&features, parameters).unwrap();
    assert_eq!(
        model.predict(&[0.0; 3]).unwrap_err().to_string(),
        "a sample has 3 features; the model has 10"
    );
    assert!(model.predict(&[0.0; 10]).is_ok());
}

proptest! {
    /// Projections are linear, up to rounding, and finite numbers stay finite.
    #[test]
    fn projections_are_linear(
        kind in prop::sample::select(&ProjectionKind::ALL),
        dim in 2..=70usize,
        target in 1..=69usize,
        seed: u64,
    ) {
        let target = target.min(dim - 1);
        let mut random = random(seed);
        let mut rows = Array2::from_shape_fn((5, dim), |_| random() * 8.0 - 4.0);
        for i in 0..dim {
            rows[[2, i]] = 2.0 * rows[[0, i]] - rows[[1, i]];
            rows[[3, i]] = if i % 2 == 0 { f32::MAX } else { f32::MIN };
            rows[[4, i]] = f32::MAX;
        }
        let projected = projected(&rows, projection(kind, target, seed));
        prop_assert!(projected.iter().all(|v| v.is_finite()));
        for i in 0..target {
            let expected = 2.0 * projected[[0, i]] - projected[[1, i]];
            prop_assert!((projected[[2, i]] - expected).abs() < 1e-3, "{} {}", projected[[2, i]], expected);
        }
    }
}
