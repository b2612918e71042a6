//! Memory of training and reading: never more than estimated.
//!
//! A separate binary, because it counts the allocations of the whole process; its tests run one after the other.

#![allow(clippy::unwrap_used, reason = "a panic is a failed test, in its helpers too")]

use std::sync::{Mutex, PoisonError};

use mysfits_knn::{
    Dataset, Hyperparameters, HyperparametersBuilder, Index, IndexKind, Metric, Model, Projection,
    ProjectionKind,
};
use ndarray::{Array1, Array2};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

static ALONE: Mutex<()> = Mutex::new(());

/// The result, and by how many bytes the memory in use grew at most on the way to it.
fn measured<T>(make: impl FnOnce() -> T) -> (T, u64) {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let result = make();
    (result, ALLOCATOR.peak_usage().saturating_sub(before) as u64)
}

/// The least of several measurements, where kilobytes count: the test harness and starting threads allocate some
/// whenever it suits them, which can only add to what is measured.
fn measured_alone<T>(make: impl Fn() -> T) -> (T, u64) {
    let (mut result, mut least) = measured(&make);
    for _ in 0..4 {
        let (again, peak) = measured(&make);
        (result, least) = (again, least.min(peak));
    }
    (result, least)
}

fn check_estimate(n_samples: usize, feature_dim: usize, distinct: usize, parameters: HyperparametersBuilder) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let parameters = parameters.check().unwrap();
    let features = Array2::from_shape_fn((n_samples, feature_dim), |(row, i)| {
        let row = row % distinct;
        ((row * 7919 + i * 104_729 + row * row * (31 + i)) % 65_521) as f32
    });
    let labels = Array1::from_shape_fn(n_samples, |row| row as f64);
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    let estimate = parameters.model_bytes(n_samples, feature_dim).unwrap();
    let (model, peak) = measured(|| {
        let model = Model::train(dataset, &parameters).unwrap();
        // The matrix of a projection is made when it is first used, which is in training.
        model.predict(&vec![0.0; feature_dim]).unwrap();
        model
    });
    assert!(peak <= estimate, "{parameters:?}: {peak} bytes, {estimate} estimated");
    // An estimate that refuses what would fit is as bad as none: beyond what is always added, at most four times.
    assert!(estimate <= 4 * peak + (2 << 20), "{parameters:?}: {peak} bytes, {estimate} estimated");
    assert!(model.n_samples() <= n_samples);
}

#[test]
fn training_takes_no_more_than_was_estimated() {
    let classifier = Hyperparameters::classifier(5);
    let regressor = Hyperparameters::regressor(5);
    for metric in Metric::ALL {
        check_estimate(50_000, 40, 50_000, classifier.metric(metric).index(IndexKind::Flat));
        let lists = IndexKind::IvfFlat { n_lists: 300, n_probe: 5 };
        check_estimate(20_000, 24, 20_000, classifier.metric(metric).index(lists));
    }
    check_estimate(50_000, 40, 50_000, classifier.sample_size(20_000));
    // Many lists, and few: those are learned from a sample.
    check_estimate(12_000, 10, 12_000, regressor.index(IndexKind::IvfFlat { n_lists: 3_000, n_probe: 5 }));
    check_estimate(200_000, 10, 200_000, regressor.index(IndexKind::IvfFlat { n_lists: 8, n_probe: 5 }));
    for m in [2, 8] {
        check_estimate(4_000, 15, 4_000, classifier.index(IndexKind::IvfPq { n_lists: 20, n_probe: 5, m }));
    }
}

#[test]
fn trees_take_no_more_than_was_estimated() {
    for feature_dim in 1..=8 {
        for distinct in [100_000, 65_537, 500] {
            check_estimate(100_000, feature_dim, distinct, Hyperparameters::classifier(5));
        }
    }
}

#[test]
fn projections_take_no_more_than_was_estimated() {
    for kind in ProjectionKind::ALL {
        for (n_samples, feature_dim, target_dim) in [(2_000, 784, 64), (300, 5_000, 700), (9_000, 100, 30)] {
            let projection = Projection { kind, target_dim, seed: 1 };
            let parameters = Hyperparameters::regressor(5).projection(projection);
            check_estimate(n_samples, feature_dim, n_samples, parameters);
        }
    }
}

#[test]
fn estimate_allocates_nothing_and_never_panics() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let lists = usize::try_from(u32::MAX).unwrap();
    // The first query for the number of threads starts them.
    Hyperparameters::regressor(5).check().unwrap().model_bytes(1, 1).unwrap();
    let kinds = [
        IndexKind::Auto,
        IndexKind::IvfFlat { n_lists: lists, n_probe: lists },
        IndexKind::IvfPq { n_lists: lists, n_probe: 1, m: 96 },
    ];
    let ((), peak) = measured_alone(|| {
        for kind in kinds {
            let parameters = Hyperparameters::classifier(5).index(kind);
            let project = |kind| parameters.projection(Projection { kind, target_dim: lists, seed: 0 });
            for parameters in [parameters, project(ProjectionKind::Sign), project(ProjectionKind::Fjlt)] {
                let parameters = parameters.check().unwrap();
                for n_samples in [0, 1, usize::MAX] {
                    for feature_dim in [0, 1, 5, 1 << 33, usize::MAX - 3, usize::MAX] {
                        let estimate = parameters.model_bytes(n_samples, feature_dim);
                        let numbers = n_samples.min(lists) as u128 * feature_dim as u128;
                        let least = if parameters.projection().is_some() { 0 } else { 4 * numbers };
                        assert!(estimate.is_none_or(|bytes| u128::from(bytes) >= least));
                    }
                }
            }
        }
    });
    assert!(peak < 4096, "{peak}");
    let parameters = Hyperparameters::regressor(5).check().unwrap();
    assert_eq!(parameters.model_bytes(usize::MAX, usize::MAX), None);
    // A million rows of a hundred numbers take 400 MB, and 200 MB as integers.
    let bytes = parameters.model_bytes(1_000_000, 100).unwrap();
    assert!((600_000_000..650_000_000).contains(&bytes), "{bytes}");
}

/// The matrix is created with the first sample, so that a claimed width allocates nothing.
#[test]
fn projection_allocates_nothing_before_the_first_sample() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let projection = Projection { kind: ProjectionKind::Sign, target_dim: 2, seed: 1 };
    for kind in ProjectionKind::ALL {
        let parameters =
            Hyperparameters::regressor(1).projection(Projection { kind, ..projection }).check().unwrap();
        let (model, peak) = measured_alone(|| {
            let index = Index::Rows(Array2::zeros((1, 2)));
            Model::from_index(index, vec![0.0], &parameters, 50_000_000)
        });
        assert!(model.is_ok() && peak < 4096, "{kind}: {peak}");
    }
}
