//! The greenhouse against a real endpoint of SageMaker's k-NN, on this machine: on good days and on bad ones.

use std::time::{Duration, Instant};

use greenhouse::{ATTEMPTS, Adviser, AskError, PATIENCE, Windows};
use mysfits_knn::{Dataset, Hyperparameters, Model};
use mysfits_sagemaker::{
    LocalEndpoint,
    faults::{Faults, Rate},
};
use ndarray::array;

/// A model of four remembered days; closed when it is cold or dry, open when it is warm and damp.
fn model(open: f64) -> Model {
    let days = array![[5.0, 80.0], [12.0, 40.0], [24.0, 85.0], [28.0, 70.0]];
    let windows = array![0.0, 0.0, open, open];
    let dataset = Dataset::new(days.view(), windows.view()).unwrap();
    Model::train(dataset, &Hyperparameters::classifier(1).check().unwrap()).unwrap()
}

/// An endpoint of its own for each test, at a free port, until it is dropped.
fn endpoint() -> (LocalEndpoint, Adviser) {
    let local = LocalEndpoint::start("greenhouse", model(1.0)).unwrap();
    let adviser = Adviser::new(local.url());
    (local, adviser)
}

#[test]
fn the_model_decides() {
    let (_local, adviser) = endpoint();
    assert_eq!(adviser.windows(4.0, 75.0), Windows::Closed);
    assert_eq!(adviser.windows(26.0, 80.0), Windows::Open);
}

#[test]
fn a_failure_now_and_then_is_not_noticed() {
    let (local, adviser) = endpoint();
    let every_second = Rate::new(0.5).unwrap();
    local.endpoint().set_faults(Faults { model_error: every_second, ..Faults::NONE });
    for _ in 0..10 {
        assert_eq!(adviser.windows(26.0, 80.0), Windows::Open);
    }
}

#[test]
fn without_an_endpoint_the_windows_stay_closed() {
    let (local, adviser) = endpoint();
    local.endpoint().set_faults(Faults { unavailable: Rate::ALWAYS, ..Faults::NONE });
    assert!(matches!(adviser.ask(26.0, 80.0), Err(AskError::Away(ureq::Error::StatusCode(503)))));
    drop(local);
    assert_eq!(adviser.windows(26.0, 80.0), Windows::Closed);
}

#[test]
fn a_slow_endpoint_is_given_up_in_time() {
    let (local, adviser) = endpoint();
    local.endpoint().set_faults(Faults { latency: Duration::from_secs(60), ..Faults::NONE });
    let begun = Instant::now();
    assert!(adviser.ask(26.0, 80.0).is_err());
    // Generous, for the machine may have other things to do.
    assert!(begun.elapsed() < PATIENCE * ATTEMPTS + Duration::from_secs(10));
}

#[test]
fn a_model_that_is_none_of_ours_is_not_followed() {
    let (local, adviser) = endpoint();
    local.endpoint().replace_model(model(7.0));
    assert!(matches!(adviser.ask(26.0, 80.0), Err(AskError::Strange(7.0))));
}
