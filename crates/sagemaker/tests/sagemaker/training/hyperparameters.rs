//! Each hyperparameter at the edges of its range and beyond, alone and beside others.

use expect_test::expect;
use mysfits_knn::PredictorType;
use serde_json::{Value, json};

use super::fixture::{OptMl, check_accepted, check_refused};

#[test]
fn missing_required_hyperparameters_are_reported() {
    let mut job = OptMl::with_samples();
    for name in ["k", "sample_size", "predictor_type"] {
        job = job.unset(name);
    }
    expect![[r#"
        Customer Error: No value(s) were specified for 'k' which are required hyperparameter(s) (caused by ValidationError): it must be a whole number from 1 to 1024
        No value(s) were specified for 'predictor_type' which are required hyperparameter(s) (caused by ValidationError): it must be 'classifier' or 'regressor'
        No value(s) were specified for 'sample_size' which are required hyperparameter(s) (caused by ValidationError): it must be the number of samples that are drawn from the training data"#]].assert_eq(&job.refusal());
}

#[test]
fn k_is_from_1_to_1024() {
    check_accepted(&[("k", "1")]);
    check_accepted(&[("k", "1024")]);
    check_accepted(&[("k", " 7 ")]);
    check_refused(
        &[("k", "0")],
        expect![
            "Customer Error: The value '0' is not valid for the 'k' hyperparameter which expects one of the following: a whole number from 1 to 1024"
        ],
    );
    check_refused(
        &[("k", "1025")],
        expect![
            "Customer Error: The value '1025' is not valid for the 'k' hyperparameter which expects one of the following: a whole number from 1 to 1024"
        ],
    );
    check_refused(
        &[("k", "-1")],
        expect![
            "Customer Error: The value '-1' is not valid for the 'k' hyperparameter which expects one of the following: a whole number from 1 to 1024"
        ],
    );
    check_refused(
        &[("k", "99999999999999999999999999999999999999999999")],
        expect![
            "Customer Error: The value '99999999999999999999999999999999999999999999' is not valid for the 'k' hyperparameter which expects one of the following: a whole number from 1 to 1024"
        ],
    );
    check_refused(
        &[("k", "ten")],
        expect![
            "Customer Error: The value 'ten' is not valid for the 'k' hyperparameter which expects one of the following: a whole number from 1 to 1024"
        ],
    );
    check_refused(
        &[("k", "10.0")],
        expect![
            "Customer Error: The value '10.0' is not valid for the 'k' hyperparameter which expects one of the following: a whole number from 1 to 1024"
        ],
    );
    check_refused(
        &[("k", "")],
        expect![
            "Customer Error: The value '' is not valid for the 'k' hyperparameter which expects one of the following: a whole number from 1 to 1024"
        ],
    );
}

#[test]
fn predictor_type_is_one_of_two() {
    assert_eq!(OptMl::with_samples().train().hyperparameters().predictor_type(), PredictorType::Classifier);
    let job = OptMl::with_samples().set("predictor_type", "regressor");
    assert_eq!(job.train().hyperparameters().predictor_type(), PredictorType::Regressor);
    check_refused(
        &[("predictor_type", "Classifier")],
        expect![
            "Customer Error: The value 'Classifier' is not valid for the 'predictor_type' hyperparameter which accepts one of the following: 'classifier', 'regressor'"
        ],
    );
}

#[test]
fn feature_dim_is_that_of_the_data_or_auto() {
    assert_eq!(OptMl::with_samples().set("feature_dim", "auto").train().feature_dim(), 2);
    assert_eq!(OptMl::with_samples().unset("feature_dim").train().feature_dim(), 2, "the default is auto");
    check_refused(
        &[("feature_dim", "0")],
        expect![
            "Customer Error: The value '0' is not valid for the 'feature_dim' hyperparameter which expects one of the following: a whole number, at least 1"
        ],
    );
    check_refused(
        &[("feature_dim", "wide")],
        expect![
            "Customer Error: The value 'wide' is not valid for the 'feature_dim' hyperparameter which expects one of the following: a whole number, at least 1"
        ],
    );
    check_refused(
        &[("feature_dim", "3")],
        expect![[r#"
            Customer Error: Incorrect configuration or train dataset provided. The value of feature_dim hyperparameter '3' doesn't match train data dimensionality '2'. Please set feature_dim to the number of features in train dataset.

            Caused by: input/data/train/a.csv: line 1 has 2 features beside its label; feature_dim is 3"#]],
    );
    check_refused(
        &[("feature_dim", "1")],
        expect![[r#"
            Customer Error: Incorrect configuration or train dataset provided. The value of feature_dim hyperparameter '1' doesn't match train data dimensionality '2'. Please set feature_dim to the number of features in train dataset.

            Caused by: input/data/train/a.csv: line 1 has 2 features beside its label; feature_dim is 1"#]],
    );
    check_refused(
        &[("feature_dim", "18446744073709551616")],
        expect![[r#"
            Customer Error: Incorrect configuration or train dataset provided. The value of feature_dim hyperparameter '18446744073709551615' doesn't match train data dimensionality '2'. Please set feature_dim to the number of features in train dataset.

            Caused by: input/data/train/a.csv: line 1 has 2 features beside its label; feature_dim is 18446744073709551615"#]],
    );
}

#[test]
fn sample_size_may_exceed_the_number_of_rows() {
    assert_eq!(OptMl::with_samples().set("sample_size", "1").train().n_samples(), 1);
    assert_eq!(OptMl::with_samples().set("sample_size", "4").train().n_samples(), 4);
    assert_eq!(OptMl::with_samples().set("sample_size", "20000000000000000000000").train().n_samples(), 4);
    check_refused(
        &[("sample_size", "0")],
        expect![
            "Customer Error: The value '0' is not valid for the 'sample_size' hyperparameter which expects one of the following: a whole number, at least 1"
        ],
    );
}

#[test]
fn internal_ones_are_accepted() {
    check_accepted(&[
        ("_tuning_objective_metric", "test:accuracy"),
        ("_num_gpus", "auto"),
        ("_num_kv_servers", "1"),
        ("_kvstore", "dist_async"),
        ("_log_level", "debug"),
        ("_enable_profiler", "true"),
        ("_seed", "18446744073709551615"),
        ("epochs", "3"),
        ("mini_batch_size", "1"),
    ]);
    check_refused(
        &[("mini_batch_size", "0")],
        expect![
            "Customer Error: The value '0' is not valid for the 'mini_batch_size' hyperparameter which expects one of the following: a whole number, at least 1"
        ],
    );
    check_refused(
        &[("epochs", "0")],
        expect![
            "Customer Error: The value '0' is not valid for the 'epochs' hyperparameter which expects one of the following: a whole number, at least 1"
        ],
    );
    check_refused(
        &[("_seed", "-1")],
        expect![
            "Customer Error: The value '-1' is not valid for the '_seed' hyperparameter which expects one of the following: a whole number, at least 0"
        ],
    );
}

#[test]
fn unknown_names_are_rejected_with_a_similar_name() {
    check_refused(
        &[("mini_batch_siz", "5")],
        expect![
            "Customer Error: Additional hyperparameters are not allowed ('mini_batch_siz' was unexpected) (caused by ValidationError): did you mean mini_batch_size?"
        ],
    );
    check_refused(
        &[("K", "5")],
        expect![
            "Customer Error: Additional hyperparameters are not allowed ('K' was unexpected) (caused by ValidationError): did you mean k?"
        ],
    );
    check_refused(
        &[("learning_rate", "0.1")],
        expect![
            "Customer Error: Additional hyperparameters are not allowed ('learning_rate' was unexpected) (caused by ValidationError): remove it"
        ],
    );
    check_refused(
        &[(&"x".repeat(300), "1")],
        expect![
            "Customer Error: Additional hyperparameters are not allowed ('xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…' was unexpected) (caused by ValidationError): remove it"
        ],
    );
    check_refused(
        &[("", "1")],
        expect![
            "Customer Error: Additional hyperparameters are not allowed ('' was unexpected) (caused by ValidationError): remove it"
        ],
    );
}

#[test]
fn values_that_are_not_strings_are_rejected() {
    let refusal = |value: Value| OptMl::with_samples().set("k", value).refusal();
    expect![[r#"Customer Error: Hyperparameter k: 10 is not a string; every value is one: write "10""#]]
        .assert_eq(&refusal(json!(10)));
    expect!["Customer Error: Hyperparameter k: null is not a string; every value is one"]
        .assert_eq(&refusal(json!(null)));
    expect![[r#"Customer Error: Hyperparameter k: ["10"] is not a string; every value is one"#]]
        .assert_eq(&refusal(json!(["10"])));
}

#[test]
fn all_problems_are_reported_together() {
    check_refused(
        &[
            ("k", "0"),
            ("predictor_type", "knn"),
            ("index_metric", "L1"),
            ("learning_rate", "1"),
            ("epochs", "x"),
        ],
        expect![[r#"
            Customer Error: Additional hyperparameters are not allowed ('learning_rate' was unexpected) (caused by ValidationError): remove it
            The value '0' is not valid for the 'k' hyperparameter which expects one of the following: a whole number from 1 to 1024
            The value 'knn' is not valid for the 'predictor_type' hyperparameter which accepts one of the following: 'classifier', 'regressor'
            The value 'L1' is not valid for the 'index_metric' hyperparameter which accepts one of the following: 'L2', 'INNER_PRODUCT', 'COSINE'
            The value 'x' is not valid for the 'epochs' hyperparameter which expects one of the following: a whole number, at least 1"#]],
    );
}

#[test]
fn long_reasons_are_cut_between_problems() {
    let mut job = OptMl::with_samples();
    for i in 0..40 {
        job = job.set(&format!("a_hyperparameter_{i:02}"), "1");
    }
    let reason = job.refusal();
    assert!(reason.chars().count() <= 1024, "{}", reason.chars().count());
    let (problems, rest) = reason.rsplit_once('\n').unwrap();
    let n_told = problems.lines().count();
    assert!(problems.lines().all(|line| line.ends_with(": remove it")), "{reason}");
    assert_eq!(rest, format!("(and {} more)", 40 - n_told));
}

#[test]
fn hyperparameters_must_be_an_object_of_strings() {
    let refusal = |text: &[u8]| OptMl::with_samples().config("hyperparameters.json", text).refusal();
    expect!["Customer Error: input/config/hyperparameters.json cannot be used: it must be an object of strings: EOF while parsing a value at line 1 column 0"].assert_eq(&refusal(b""));
    expect!["Customer Error: input/config/hyperparameters.json cannot be used: it must be an object of strings: invalid type: sequence, expected a map at line 1 column 0"].assert_eq(&refusal(b"[]"));
    expect!["Customer Error: input/config/hyperparameters.json cannot be used: it must be an object of strings: EOF while parsing an object at line 1 column 9"].assert_eq(&refusal(b"{\"k\": \"1\""));
    expect!["Customer Error: input/config/hyperparameters.json cannot be used: it must be an object of strings: invalid unicode code point at line 1 column 8"].assert_eq(&refusal(b"{\"k\": \"\xff\"}"));
    expect![
        "Customer Error: input/config/hyperparameters.json cannot be used: it is longer than 1048576 bytes"
    ]
    .assert_eq(&refusal(&vec![b' '; 2 << 20]));
}
