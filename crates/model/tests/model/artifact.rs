//! Models on disk, with the schema of their features and labels.

use std::{
    fs::{self, File},
    sync::Arc,
};

use expect_test::{Expect, expect};
use mysfits_domain::ModelSchema;
use mysfits_model::{RecommendationModel, artifact};
use mysfits_sagemaker::artifact::Artifact;
use serde_json::{Map, Value, json};

use crate::support::{model, with_causes};

#[test]
fn a_model_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folders/model.tar.gz");
    let written = RecommendationModel::new(Arc::new(model())).unwrap();
    artifact::write(&written, &path).unwrap();
    let written = written.knn();
    let read = artifact::read(&path).unwrap();
    let read = read.knn();
    assert_eq!(written.features(), read.features());
    assert_eq!(written.labels(), read.labels());
    assert_eq!(written.hyperparameters().k(), read.hyperparameters().k());
}

#[test]
fn only_the_artifact_is_left_and_it_replaces_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.tar.gz");
    fs::write(&path, "an older one").unwrap();
    let written = RecommendationModel::new(Arc::new(model())).unwrap();
    artifact::write(&written, &path).unwrap();
    let first = fs::read(&path).unwrap();
    artifact::write(&written, &path).unwrap();
    assert_eq!(first, fs::read(&path).unwrap());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// Checks the error for a model with these members in its metadata.
#[track_caller]
fn check_refused(extra: Map<String, Value>, expected: Expect) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.tar.gz");
    Artifact { model: model(), extra }.write(File::create(&path).unwrap()).unwrap();
    check_refused_file(&path, expected);
}

#[track_caller]
fn check_refused_file(path: &std::path::Path, expected: Expect) {
    let error = with_causes(&artifact::read(path).unwrap_err());
    expected.assert_eq(&error.replace(path.to_str().unwrap(), "FILE"));
}

fn with_schema(change: impl FnOnce(&mut ModelSchema)) -> Map<String, Value> {
    let mut schema = ModelSchema { version: "0.0".to_owned(), ..ModelSchema::current() };
    change(&mut schema);
    Map::from_iter([("schema".to_owned(), serde_json::to_value(schema).unwrap())])
}

#[test]
fn a_model_of_another_version_is_refused_and_both_are_named() {
    check_refused(
        with_schema(|_| ()),
        expect![[
            r#"cannot use the model FILE: the model has schema version "0.0", this build has "1.1": only the versions differ; train the model again with this build"#
        ]],
    );
}

#[test]
fn a_model_of_other_questions_is_refused() {
    check_refused(
        with_schema(|schema| schema.features.swap(0, 1)),
        expect![[
            r#"cannot use the model FILE: the model has schema version "0.0", this build has "1.1": the features are [occupation 1..=8, age 1..=8, relaxation 1..=8, colour 1..=8, sport 1..=8], expected [age 1..=8, occupation 1..=8, relaxation 1..=8, colour 1..=8, sport 1..=8]; train the model again with this build"#
        ]],
    );
}

#[test]
fn a_model_of_other_mysfits_is_refused() {
    check_refused(
        with_schema(|schema| schema.labels.swap(3, 4)),
        expect![[
            r#"cannot use the model FILE: the model has schema version "0.0", this build has "1.1": label 3 means "a901bb08-1985-42f5-bb77-27439ac14300", expected "da5303ae-5aba-495c-b5d6-eb5c4a66b941"; train the model again with this build"#
        ]],
    );
}

#[test]
fn a_model_without_schema_is_refused() {
    check_refused(
        Map::new(),
        expect!["cannot use the model FILE: the model has no schema; train it with this build"],
    );
}

#[test]
fn rejects_an_invalid_schema() {
    check_refused(
        Map::from_iter([("schema".to_owned(), json!("1.1"))]),
        expect![[r#"cannot use the model FILE: invalid type: string "1.1", expected struct ModelSchema"#]],
    );
    check_refused(
        Map::from_iter([("schema".to_owned(), json!({ "version": "1.1" }))]),
        expect!["cannot use the model FILE: missing field `features`"],
    );
}

#[test]
fn rejects_missing_files_and_other_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.tar.gz");
    check_refused_file(&path, expect!["cannot use the model FILE: No such file or directory (os error 2)"]);
    fs::write(&path, "not a model").unwrap();
    check_refused_file(
        &path,
        expect![
            "cannot use the model FILE: the file is of an unknown kind, not a gzip archive (model.tar.gz): check the address it was downloaded from"
        ],
    );
    fs::write(&path, "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 8559\n").unwrap();
    check_refused_file(
        &path,
        expect![
            "cannot use the model FILE: the file is a Git LFS pointer, not the file it points to, not a gzip archive (model.tar.gz): run git lfs pull"
        ],
    );
}

#[test]
fn an_artifact_that_cannot_be_written_names_its_path() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let path = folder.path().join("file/model.tar.gz");
    let model = RecommendationModel::new(Arc::new(model())).unwrap();
    let error = artifact::write(&model, &path).unwrap_err().to_string();
    assert_eq!(error, format!("cannot write {}", path.display()));
}
