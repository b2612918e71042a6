//! Models and tables that do not answer the questionnaire.

use std::sync::Arc;

use expect_test::{Expect, expect};
use mysfits_domain::Entry;
use mysfits_knn::{Dataset, Grid, GridAxis, Hyperparameters, HyperparametersBuilder, Metric, Model};
use mysfits_model::{IncompatibleModel, RecommendationModel, RecommendationTable};
use ndarray::{Array1, Array2};

/// A model of one row of `feature_dim` ones for each label.
fn model(parameters: HyperparametersBuilder, feature_dim: usize, labels: &[f64]) -> Arc<Model> {
    let features = Array2::ones((labels.len(), feature_dim));
    let labels = Array1::from_vec(labels.to_vec());
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    Arc::new(Model::train(dataset, &parameters.check().unwrap()).unwrap())
}

#[track_caller]
fn check_incompatible<T: std::fmt::Debug>(result: Result<T, IncompatibleModel>, expected: Expect) {
    expected.assert_eq(&result.unwrap_err().to_string());
}

#[test]
fn a_model_of_other_questions_is_refused() {
    for feature_dim in [4, 6] {
        assert!(
            RecommendationModel::new(model(Hyperparameters::classifier(1), feature_dim, &[0.0])).is_err()
        );
    }
    let four = model(Hyperparameters::classifier(1), 4, &[0.0]);
    check_incompatible(
        RecommendationModel::new(four),
        expect!["the model has 4 features; the questionnaire has 5 questions"],
    );
}

#[test]
fn a_model_with_an_unknown_label_is_refused() {
    let model = |label| model(Hyperparameters::classifier(1), 5, &[0.0, 11.0, label]);
    assert!(RecommendationModel::new(model(7.0)).is_ok());
    check_incompatible(
        RecommendationModel::new(model(12.0)),
        expect!["label 12 stands for no mysfit; it must be a whole number from 0 to 11"],
    );
    check_incompatible(
        RecommendationModel::new(model(-1.0)),
        expect!["label -1 stands for no mysfit; it must be a whole number from 0 to 11"],
    );
    check_incompatible(
        RecommendationModel::new(model(0.5)),
        expect!["label 0.5 stands for no mysfit; it must be a whole number from 0 to 11"],
    );
}

#[test]
fn a_regressor_is_refused() {
    let regressor = model(Hyperparameters::regressor(2), 5, &[3.0, 4.0]);
    check_incompatible(
        RecommendationModel::new(regressor),
        expect!["the model is a regressor; only a classifier predicts mysfits"],
    );
}

#[test]
fn a_table_over_another_grid_is_refused() {
    let zero_to_seven = Grid::new([GridAxis { min: 0, count: 8 }; 5]).unwrap();
    let table = model(Hyperparameters::classifier(1), 5, &[0.0]).tabulate(&zero_to_seven).unwrap();
    check_incompatible(
        RecommendationTable::new(table),
        expect![
            "the axes of the decision table are [GridAxis { min: 0, count: 8 }, GridAxis { min: 0, count: 8 }, GridAxis { min: 0, count: 8 }, GridAxis { min: 0, count: 8 }, GridAxis { min: 0, count: 8 }]; they must be those of the entries"
        ],
    );
}

#[test]
fn a_table_with_an_unknown_label_is_refused() {
    let table = model(Hyperparameters::classifier(1), 5, &[12.0])
        .tabulate(&Grid::new([GridAxis { min: 1, count: 8 }; 5]).unwrap())
        .unwrap();
    check_incompatible(
        RecommendationTable::new(table),
        expect!["label 12 stands for no mysfit; it must be a whole number from 0 to 11"],
    );
}

#[test]
fn refuses_models_with_another_metric_than_l2() {
    for metric in [Metric::Cosine, Metric::InnerProduct] {
        let model = model(Hyperparameters::classifier(1).metric(metric), 5, &[0.0]);
        let error = RecommendationModel::new(model).unwrap_err();
        assert_eq!(error, IncompatibleModel::Metric { found: metric });
    }
    check_incompatible(
        RecommendationModel::new(model(Hyperparameters::classifier(1).metric(Metric::Cosine), 5, &[0.0])),
        expect![
            "the metric of the model is COSINE; it must be L2, because explanations give Euclidean distances"
        ],
    );
}

#[test]
fn recommends_what_the_model_predicts_for_every_entry() {
    let model = RecommendationModel::new(crate::support::model().into()).unwrap();
    let read = RecommendationTable::new(model.table().decision_table().clone()).unwrap();
    for entry in Entry::all() {
        let label = model.table().label(entry);
        assert_eq!(model.knn().predict(&entry.features()), Ok(f64::from(label.get())), "{entry:?}");
        assert_eq!(read.label(entry), label, "{entry:?}");
    }
}
