//! The two backends agree, and what cannot answer our questions is refused before it serves.

use std::sync::Arc;

use expect_test::{Expect, expect};
use mysfits_api::{
    BoxFuture, Embedded, InProcess, RecommendError, Recommended, Recommender, UnfitModel, mark, router,
};
use mysfits_domain::{Entry, Recommendation};
use mysfits_knn::{Dataset, Grid, GridAxis, Hyperparameters, HyperparametersBuilder, Metric, Model};
use ndarray::{Array1, Array2};

use crate::support::{ATLANTIS, VALID, ask, label, random_model, request, run};

#[test]
fn table_and_model_agree_on_every_entry() {
    for (n_samples, k) in [(400, 10), (7, 3), (1, 1)] {
        let model = random_model(n_samples, k);
        let table = model.tabulate(&Embedded::lattice().unwrap()).unwrap();
        let (embedded, in_process) = (Embedded::new(&table).unwrap(), InProcess::new(model).unwrap());
        run(async {
            for entry in Entry::all() {
                let looked_up = embedded.recommend(entry, false).await.unwrap();
                let asked = in_process.recommend(entry, false).await.unwrap();
                assert_eq!(looked_up.recommendation, asked.recommendation, "{entry:?}");
                assert_eq!((looked_up.backend, asked.backend), ("embedded", "model"));
                assert_eq!(looked_up.recommendation.recommended_mysfit, embedded.mysfit(entry));
            }
        });
    }
}

#[test]
fn backends_are_told_apart_by_name() {
    let model = random_model(1, 1);
    let table = model.tabulate(&Embedded::lattice().unwrap()).unwrap();
    assert_eq!(Embedded::new(&table).unwrap().name(), "embedded");
    assert_eq!(InProcess::new(model).unwrap().name(), "model");
}

/// A model of one row of `feature_dim` ones for each label.
fn model(parameters: HyperparametersBuilder, feature_dim: usize, labels: &[f64]) -> Arc<Model> {
    let features = Array2::ones((labels.len(), feature_dim));
    let labels = Array1::from_vec(labels.to_vec());
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    Arc::new(Model::train(dataset, &parameters.check().unwrap()).unwrap())
}

#[track_caller]
fn check_unfit<T: std::fmt::Debug>(result: Result<T, UnfitModel>, expected: Expect) {
    expected.assert_eq(&result.unwrap_err().to_string());
}

#[test]
fn a_model_of_other_questions_is_refused() {
    for feature_dim in [4, 6] {
        assert!(InProcess::new(model(Hyperparameters::classifier(1), feature_dim, &[0.0])).is_err());
    }
    let four = model(Hyperparameters::classifier(1), 4, &[0.0]);
    check_unfit(InProcess::new(four), expect!["the model has 4 features; the questionnaire has 5 questions"]);
}

#[test]
fn a_model_with_a_label_that_stands_for_nobody_is_refused() {
    let model = |label| model(Hyperparameters::classifier(1), 5, &[0.0, 11.0, label]);
    assert!(InProcess::new(model(7.0)).is_ok());
    check_unfit(
        InProcess::new(model(12.0)),
        expect!["label 12 stands for no mysfit; it must be a whole number from 0 to 11"],
    );
    check_unfit(
        InProcess::new(model(-1.0)),
        expect!["label -1 stands for no mysfit; it must be a whole number from 0 to 11"],
    );
    check_unfit(
        InProcess::new(model(0.5)),
        expect!["label 0.5 stands for no mysfit; it must be a whole number from 0 to 11"],
    );
}

#[test]
fn a_regressor_is_refused() {
    // It would answer with a mean of labels, and who is 3.7?
    let regressor = model(Hyperparameters::regressor(2), 5, &[3.0, 4.0]);
    check_unfit(
        InProcess::new(regressor),
        expect!["the model is a regressor; only a classifier's answer is a mysfit"],
    );
}

#[test]
fn a_table_over_another_lattice_is_refused() {
    let zero_to_seven = Grid::new([GridAxis { min: 0, count: 8 }; 5]).unwrap();
    let table = model(Hyperparameters::classifier(1), 5, &[0.0]).tabulate(&zero_to_seven).unwrap();
    check_unfit(
        Embedded::new(&table),
        expect![
            "the decision table is not over the entries: its axes are [GridAxis { min: 0, count: 8 }, GridAxis { min: 0, count: 8 }, GridAxis { min: 0, count: 8 }, GridAxis { min: 0, count: 8 }, GridAxis { min: 0, count: 8 }]"
        ],
    );
}

#[test]
fn a_table_with_a_label_that_stands_for_nobody_is_refused() {
    let table =
        model(Hyperparameters::classifier(1), 5, &[12.0]).tabulate(&Embedded::lattice().unwrap()).unwrap();
    check_unfit(
        Embedded::new(&table),
        expect!["label 12 stands for no mysfit; it must be a whole number from 0 to 11"],
    );
}

#[test]
fn refuses_models_with_another_metric_than_l2() {
    for metric in [Metric::Cosine, Metric::InnerProduct] {
        let model = model(Hyperparameters::classifier(1).metric(metric), 5, &[0.0]);
        let error = InProcess::new(model.clone()).unwrap_err();
        assert_eq!(error, UnfitModel::Metric { found: metric });
        assert_eq!(Embedded::from_model(model).unwrap_err(), error);
    }
    check_unfit(
        InProcess::new(model(Hyperparameters::classifier(1).metric(Metric::Cosine), 5, &[0.0])),
        expect![
            "the metric of the model is COSINE; it must be L2, because explanations give Euclidean distances"
        ],
    );
}

#[test]
fn table_of_a_model_is_the_models() {
    let model = random_model(400, 10);
    let table = model.tabulate(&Embedded::lattice().unwrap()).unwrap();
    let (from_model, from_table) = (Embedded::from_model(model).unwrap(), Embedded::new(&table).unwrap());
    for entry in Entry::all() {
        assert_eq!(from_model.mysfit(entry), from_table.mysfit(entry), "{entry:?}");
    }
    check_unfit(
        Embedded::from_model(self::model(Hyperparameters::classifier(1), 4, &[0.0])),
        expect!["the model has 4 features; the questionnaire has 5 questions"],
    );
}

/// A backend of a third party, whose name no header can hold.
struct Nameless;

impl Recommender for Nameless {
    fn name(&self) -> &'static str {
        "größer\n"
    }

    fn recommend(&self, _: Entry, _: bool) -> BoxFuture<'_, Result<Recommended, RecommendError>> {
        let recommendation = Recommendation { recommended_mysfit: label(8).mysfit().id, explanation: None };
        Box::pin(std::future::ready(Ok(Recommended::by(self.name(), recommendation))))
    }
}

#[test]
fn backend_name_that_is_no_header_value_is_left_out() {
    let answer = ask(router(Nameless), request("POST", "/recommendations", VALID));
    assert_eq!(answer.header(mark::BACKEND), "");
    assert_eq!(answer.ok()["recommendedMysfit"], ATLANTIS);
}
