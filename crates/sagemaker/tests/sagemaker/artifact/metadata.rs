//! The JSON beside the index.

use expect_test::{Expect, expect};
use mysfits_knn::{Hyperparameters, IndexKind, Metric, PredictorType, Projection, ProjectionKind};
use mysfits_sagemaker::artifact::Artifact;
use serde_json::{Map, json};

use super::{
    File, artifact, check_changed, check_equal, classifier, file, files, files_of, ivf_flat, model_of,
    read_files, written_files,
};
use crate::support::causes;

#[track_caller]
fn check_metadata(json: &str, expected: Expect) {
    check_changed("model_algo-1.json", |contents| *contents = json.into(), expected);
}

#[test]
fn editing_k_or_the_predictor_type_changes_the_predictions() {
    let [index, labels, _] = files();
    let edited = |json: &str| read_files(&[index.clone(), labels.clone(), file("model_algo-1.json", json)]);
    let model = edited(r#"{"k": 40, "predictor_type": "regressor", "version": "1.0"}"#).unwrap().model;
    assert_eq!(model.hyperparameters().predictor_type(), PredictorType::Regressor);
    assert_eq!(model.predict(&[0.0, 0.0, 0.0]), Ok(2.0)); // the mean of all labels
}

#[test]
fn the_developer_guides_spelling_is_accepted() {
    let [index, labels, _] = files();
    let edited = |json: &str| read_files(&[index.clone(), labels.clone(), file("model_algo-1.json", json)]);
    let guide =
        "{ \"k\": 5, \"predictor_type\": \"classifier\",\n  \"normalize\": False, \"version\": \"1.0\" }";
    assert_eq!(edited(guide).unwrap().model.hyperparameters().k(), 5);
    let null = r#"{"k": 5, "predictor_type": "classifier", "dimension_reduction": null, "version": "1.0"}"#;
    assert_eq!(edited(null).unwrap().model.hyperparameters().metric(), Metric::L2);
}

#[test]
fn dimension_reduction_is_refused() {
    check_metadata(
        r#"{"k": 5, "predictor_type": "classifier", "dimension_reduction": {"type": "sign"}, "normalize": false, "version": "1.0"}"#,
        expect![[
            r#"the metadata cannot be read or written: its dimension_reduction {"type":"sign"} is not supported: the matrix cannot be derived from its seed; train the model without dimension reduction, or with this program"#
        ]],
    );
}

#[test]
fn metadata_that_cannot_be() {
    check_metadata(
        "",
        expect![
            "the metadata cannot be read or written: it is not a JSON object: EOF while parsing a value at line 1 column 0"
        ],
    );
    check_metadata("{}", expect!["the metadata cannot be read or written: it has no version"]);
    check_metadata(
        r#"{"k": "5", "predictor_type": "classifier", "version": "1.0"}"#,
        expect![[r#"the metadata cannot be read or written: its k is "5"; it must be a whole number"#]],
    );
    check_metadata(
        r#"{"k": -1, "predictor_type": "classifier", "version": "1.0"}"#,
        expect!["the metadata cannot be read or written: its k is -1; it must be a whole number"],
    );
    check_metadata(
        r#"{"k": 0, "predictor_type": "classifier", "version": "1.0"}"#,
        expect![[r#"invalid value for "k": 0 (expected 1 to 1024)"#]],
    );
    check_metadata(
        r#"{"k": 1025, "predictor_type": "classifier", "version": "1.0"}"#,
        expect![[r#"invalid value for "k": 1025 (expected 1 to 1024)"#]],
    );
    check_metadata(
        r#"{"k": 5, "predictor_type": "oracle", "version": "1.0"}"#,
        expect![[
            r#"the metadata cannot be read or written: its predictor_type is "oracle"; it must be "classifier" or "regressor""#
        ]],
    );
    check_metadata(
        r#"{"k": 5, "predictor_type": "classifier", "version": "2.0"}"#,
        expect![[r#"the metadata cannot be read or written: its version is "2.0"; it must be "1.0""#]],
    );
    check_metadata(
        "\u{0}\u{ffff}",
        expect![
            "the metadata cannot be read or written: it is not a JSON object: expected value at line 1 column 1"
        ],
    );
    check_metadata(
        &"[".repeat(100_000),
        expect![
            "the metadata cannot be read or written: it is not a JSON object: invalid type: sequence, expected a map at line 1 column 0"
        ],
    );
}

fn reduced() -> Artifact {
    let projection = Projection { kind: ProjectionKind::Sign, target_dim: 3, seed: 9 };
    artifact(model_of(Hyperparameters::classifier(3).projection(projection), 40, 8))
}

/// An artifact's files with its JSON edited.
fn edited(of: &Artifact, from: &str, to: &str) -> [File; 3] {
    let mut files = written_files(of);
    let json = String::from_utf8(files[2].contents.clone()).unwrap();
    assert!(json.contains(from), "{json}");
    files[2].contents = json.replacen(from, to, 1).into();
    files
}

#[test]
fn our_dimension_reduction_is_marked_as_ours() {
    let artifact = reduced();
    let [index, _, metadata] = written_files(&artifact);
    assert_eq!(index.contents[4], 3, "the index has the target dimension");
    expect![[r#"
        {
          "k": 3,
          "predictor_type": "classifier",
          "dimension_reduction": {
            "type": "sign",
            "seed": 9,
            "target_dim": 3,
            "input_dim": 8,
            "projection": "mysfits-1"
          },
          "normalize": false,
          "version": "1.0",
          "sha256": {
            "index": "069e3593ac7bca431307ccc798bf633a024d9d230bbe3ea7cb62daf899fe3fb3",
            "labels": "d781b636354d8562c92a6f7e72e47e3c8fe85dd168c7657816d5271c02792bfa"
          }
        }
    "#]]
    .assert_eq(std::str::from_utf8(&metadata.contents).unwrap());
    check_equal(&artifact.model, &read_files(&files_of(&artifact)).unwrap().model);
    // Another seed is another matrix: the rows are those of the first, and nothing is where it is looked for.
    let other = read_files(&edited(&artifact, "\"seed\": 9", "\"seed\": 10")).unwrap();
    let queries = super::queries(8);
    assert_ne!(artifact.model.neighbours_batch(queries.view()), other.model.neighbours_batch(queries.view()));
}

#[test]
fn dimension_reduction_that_cannot_be() {
    #[track_caller]
    fn check(from: &str, to: &str, expected: Expect) {
        expected.assert_eq(&causes(&read_files(&edited(&reduced(), from, to)).unwrap_err()));
    }
    check(
        "mysfits-1",
        "mysfits-2",
        expect![[
            r#"the metadata cannot be read or written: its dimension_reduction {"input_dim":8,"projection":"mysfits-2","seed":9,"target_dim":3,"type":"sign"} is not supported: the matrix cannot be derived from its seed; train the model without dimension reduction, or with this program"#
        ]],
    );
    check(
        "\"sign\"",
        "\"pca\"",
        expect![[
            r#"the metadata cannot be read or written: its dimension_reduction.type is "pca"; it must be "sign" or "fjlt""#
        ]],
    );
    check(
        "\"seed\": 9",
        "\"seed\": -9",
        expect![
            "the metadata cannot be read or written: its dimension_reduction.seed is -9; it must be a whole number"
        ],
    );
    check(
        "\"seed\": 9,",
        "",
        expect!["the metadata cannot be read or written: it has no dimension_reduction.seed"],
    );
    check(
        "\"target_dim\": 3",
        "\"target_dim\": 4",
        expect!["the index's rows are 3 wide; samples of 8 features are 4 wide after projection and padding"],
    );
    check(
        "\"target_dim\": 3",
        "\"target_dim\": 0",
        expect![[r#"invalid value for "target_dim": 0 (expected 1 to 4294967295)"#]],
    );
    check(
        "\"target_dim\": 3",
        "\"target_dim\": 1e3",
        expect![
            "the metadata cannot be read or written: its dimension_reduction.target_dim is 1000.0; it must be a whole number"
        ],
    );
    check(
        "\"input_dim\": 8",
        "\"input_dim\": 3",
        expect!["target_dim is 3; it must be at least 1 and less than feature_dim, 3"],
    );
    check(
        "\"input_dim\": 8",
        "\"input_dim\": 18446744073709551615",
        expect![
            "a sign projection from 18446744073709551615 features to 3 needs more than 1073741824 bytes: lower target_dim, or use fjlt"
        ],
    );
    check(
        "\"input_dim\": 8",
        "\"input_dim\": 18446744073709551616",
        expect![
            "the metadata cannot be read or written: its dimension_reduction.input_dim is 1.8446744073709552e+19; it must be a whole number"
        ],
    );
}

#[test]
fn rows_padded_for_coding_say_how_wide_queries_are() {
    let kind = IndexKind::IvfPq { n_lists: 2, n_probe: 2, m: 4 };
    let artifact = artifact(model_of(Hyperparameters::classifier(3).index(kind), 300, 6));
    let [index, _, metadata] = files_of(&artifact);
    assert_eq!(index.contents[4], 8);
    assert!(std::str::from_utf8(&metadata.contents).unwrap().contains("\"input_dim\": 6"));
    assert_eq!(read_files(&files_of(&artifact)).unwrap().model.feature_dim(), 6);
    // Without that queries are as wide as the index.
    let silent = read_files(&edited(&artifact, "\"input_dim\": 6,", "")).unwrap();
    assert_eq!(silent.model.feature_dim(), 8);
    let padded = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 0.0, 0.0];
    assert_eq!(silent.model.neighbours(&padded), artifact.model.neighbours(&padded[..6]));

    let check = |to: &str, expected: Expect| {
        let files = edited(&artifact, "\"input_dim\": 6", &format!("\"input_dim\": {to}"));
        expected.assert_eq(&causes(&read_files(&files).unwrap_err()));
    };
    check(
        "0",
        expect![
            "the metadata cannot be read or written: its dimension_reduction.input_dim is 0; it must be from 1 to the index's d"
        ],
    );
    check(
        "4",
        expect!["the index's rows are 8 wide; samples of 4 features are 4 wide after projection and padding"],
    );
    check(
        "9",
        expect![
            "the metadata cannot be read or written: its dimension_reduction.input_dim is 9; it must be from 1 to the index's d"
        ],
    );
    check(
        "18446744073709551615",
        expect![
            "the metadata cannot be read or written: its dimension_reduction.input_dim is 18446744073709551615; it must be from 1 to the index's d"
        ],
    );
    check(
        "\"6\"",
        expect![[
            r#"the metadata cannot be read or written: its dimension_reduction.input_dim is "6"; it must be a whole number"#
        ]],
    );
}

#[test]
fn reads_feature_dim_as_the_width_of_queries() {
    // As it was written where now dimension_reduction.input_dim is.
    let kind = IndexKind::IvfPq { n_lists: 2, n_probe: 2, m: 4 };
    let artifact = artifact(model_of(Hyperparameters::classifier(3).index(kind), 300, 6));
    let identity = ",\n  \"dimension_reduction\": {\n    \"input_dim\": 6,\n    \"type\": \"identity\"\n  }";
    let back = read_files(&edited(&artifact, identity, ",\n  \"feature_dim\": 6")).unwrap();
    check_equal(&artifact.model, &back.model);
    let error = read_files(&edited(&artifact, identity, ",\n  \"feature_dim\": 9")).unwrap_err();
    expect![
        "the metadata cannot be read or written: its feature_dim is 9; it must be from 1 to the index's d"
    ]
    .assert_eq(&causes(&error));
}

#[test]
fn reads_the_containers_metadata() {
    // Of a public artifact, with another input_dim.
    let [index, labels, _] = files();
    let json = br#"{"k": 5, "predictor_type": "classifier", "dimension_reduction": {"input_dim": 3, "type": "identity"}, "normalize": false, "version": "1.0"}"#;
    let model = read_files(&[index, labels, file("model_algo-1.json", json)]).unwrap().model;
    assert_eq!((model.hyperparameters().k(), model.feature_dim()), (5, 3));
    assert_eq!(model.hyperparameters().projection(), None);
}

#[test]
fn a_width_that_is_not_the_rows() {
    for of in [classifier(), ivf_flat(Metric::L2)] {
        let files = edited(&of, "\"version\": \"1.0\"", "\"version\": \"1.0\", \"feature_dim\": 5");
        assert!(causes(&read_files(&files).unwrap_err()).contains("its feature_dim is 5"));
    }
}

#[test]
fn squared_distances_are_not_normalised() {
    check_metadata(
        r#"{"k": 5, "predictor_type": "classifier", "normalize": true, "version": "1.0"}"#,
        expect![
            "the metadata cannot be read or written: its normalize is true; it must be false if the metric of the index is L2"
        ],
    );
}

#[test]
fn what_stands_beside_has_names_of_its_own() {
    for name in ["k", "normalize", "feature_dim", "dimension_reduction", "sha256"] {
        let artifact = Artifact { extra: Map::from_iter([(name.to_owned(), json!(1))]), ..classifier() };
        let error = artifact.write(Vec::new()).unwrap_err();
        assert!(causes(&error).contains(&format!("{name:?}")), "{error:?}");
    }
}

#[test]
fn pythons_words_are_read_where_they_are_no_strings() {
    let [index, labels, _] = files();
    let json = r#"{"k": 5, "predictor_type": "classifier", "dimension_reduction": None, "normalize":False,
        "version": "1.0", "True": "None\"False", "x": [True, None]}"#;
    let back = read_files(&[index, labels, file("model_algo-1.json", json)]).unwrap();
    assert_eq!(serde_json::Value::from(back.extra), json!({"True": "None\"False", "x": [true, null]}));
}

#[test]
fn digests_are_checked_when_they_are_there() {
    let json = |digests: &str| {
        format!(r#"{{"k": 5, "predictor_type": "classifier", "version": "1.0", "sha256": {digests}}}"#)
    };
    let index = "6190e189084610656763c0e451de28065419258aec65f47e7c9c60035ed8ef7d";
    let labels = "d781b636354d8562c92a6f7e72e47e3c8fe85dd168c7657816d5271c02792bfa";
    let right = json(&format!(r#"{{"index": "{}", "labels": "{labels}"}}"#, index.to_uppercase()));
    let [index_file, labels_file, _] = files();
    let back = read_files(&[index_file, labels_file, file("model_algo-1.json", right)]).unwrap();
    assert!(back.extra.is_empty());
    check_metadata(
        &json(&format!(r#"{{"index": "{labels}", "labels": "{labels}"}}"#)),
        expect![
            "the SHA-256 of the index is 6190e189084610656763c0e451de28065419258aec65f47e7c9c60035ed8ef7d; the metadata have d781b636354d8562c92a6f7e72e47e3c8fe85dd168c7657816d5271c02792bfa: the files belong to different models, or one is damaged; copy all files again"
        ],
    );
    check_metadata(
        &json(&format!(r#"{{"index": "{index}", "labels": "{index}"}}"#)),
        expect![
            "the SHA-256 of the labels is d781b636354d8562c92a6f7e72e47e3c8fe85dd168c7657816d5271c02792bfa; the metadata have 6190e189084610656763c0e451de28065419258aec65f47e7c9c60035ed8ef7d: the files belong to different models, or one is damaged; copy all files again"
        ],
    );
    check_metadata(
        &json(r#"{"index": 7}"#),
        expect![
            "the metadata cannot be read or written: its sha256.index is 7; it must be 64 hexadecimal digits"
        ],
    );
    check_metadata(
        &json(&format!(r#"{{"index": "{index}"}}"#)),
        expect!["the metadata cannot be read or written: it has no sha256.labels"],
    );
    check_metadata(
        &json("[]"),
        expect!["the metadata cannot be read or written: its sha256 is []; it must be an object or null"],
    );
}
