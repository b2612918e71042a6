//! What an artifact is and which program wrote it.

use std::fs;

use mysfits_knn::{Hyperparameters, Metric, PredictorType, Projection, ProjectionKind};
use mysfits_sagemaker::artifact::{ArtifactDescription, ArtifactError, ArtifactWriter};

use super::{archive, artifact, classifier, file, files, ivf_pq, model, model_of, written};
use crate::support::causes;

const CONTAINERS: &str = r#"{"k": 5, "predictor_type": "classifier", "dimension_reduction": {"input_dim": 3, "type": "identity"}, "normalize": false, "version": "1.0"}"#;

fn describe(archive: &[u8]) -> Result<ArtifactDescription, ArtifactError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.tar.gz");
    fs::write(&path, archive).unwrap();
    ArtifactDescription::open(&path)
}

/// An archive in the container's form with other metadata.
fn containers(json: &str) -> Vec<u8> {
    let [index, labels, _] = files();
    archive(&[file("model_algo-1.json", json), labels, index])
}

#[test]
fn describes_an_artifact_of_the_container() {
    let described = describe(&containers(CONTAINERS)).unwrap();
    assert_eq!(described.writer, ArtifactWriter::Container);
    assert_eq!((described.k, described.predictor_type), (5, PredictorType::Classifier));
    assert_eq!((described.feature_dim, described.n_samples), (Some(3), 40));
    assert_eq!((described.index_type, described.index_dim, described.metric), ("faiss.Flat", 3, Metric::L2));
    let labels = &described.labels;
    assert_eq!((labels.file.as_str(), labels.n_distinct), ("model_algo-1-labels.npy", 5));
    assert_eq!((labels.min, labels.max), (0.0, 4.0));
    let names: Vec<&str> = described.entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["model_algo-1.json", "model_algo-1-labels.npy", "model_algo-1"]);
    assert_eq!(described.entries[0].size_bytes, CONTAINERS.len() as u64);
    assert!(described.dimension_reduction.is_none() && described.refusal.is_none());
}

#[test]
fn describes_own_artifacts_in_archives_and_folders() {
    let parameters = Hyperparameters::regressor(3).metric(Metric::Cosine);
    let projection = Projection { kind: ProjectionKind::Sign, target_dim: 2, seed: 7 };
    let own = artifact(model(parameters.projection(projection)));
    let described = describe(&written(&own)).unwrap();
    assert_eq!(described.writer, ArtifactWriter::LocalSageMaker);
    assert_eq!((described.feature_dim, described.index_dim), (Some(3), 2));
    assert_eq!(described.dimension_reduction.as_deref(), Some("sign"));
    assert_eq!((described.metric, described.predictor_type), (Metric::Cosine, PredictorType::Regressor));
    assert_eq!(describe(&written(&ivf_pq())).unwrap().index_type, "faiss.IVFPQ");

    let folder = tempfile::tempdir().unwrap();
    classifier().write_folder(folder.path()).unwrap();
    fs::write(folder.path().join("inference.py"), "").unwrap();
    let described = ArtifactDescription::open(folder.path()).unwrap();
    assert_eq!((described.writer, described.entries.len()), (ArtifactWriter::LocalSageMaker, 4));
    assert_eq!(described.n_other_entries, 1);
}

#[test]
fn does_not_take_another_form_for_the_containers() {
    let [index, labels, metadata] = files();
    let all = [file("model_algo-1.json", CONTAINERS), labels.clone(), index.clone()];
    let reordered = CONTAINERS.replace(r#""k": 5, "#, "").replace(r#""1.0""#, r#""1.0", "k": 5"#);
    for archive in [
        archive(&[metadata, labels, index]),
        archive(&[&all[..], &[file("code/inference.py", "")]].concat()),
        containers(&CONTAINERS.replace(", ", ",\n")),
        containers(&CONTAINERS.replace(r#""1.0""#, r#""1.0", "note": 1"#)),
        containers(&reordered),
    ] {
        assert_eq!(describe(&archive).unwrap().writer, ArtifactWriter::Unknown);
    }
}

#[test]
fn describes_models_that_cannot_be_served() {
    let reduced =
        CONTAINERS.replace(r#""type": "identity""#, r#""type": "sign", "seed": 1, "target_dim": 3"#);
    let described =
        describe(&containers(&reduced.replace(r#""input_dim": 3"#, r#""input_dim": 9"#))).unwrap();
    assert_eq!((described.feature_dim, described.index_dim), (Some(9), 3));
    assert_eq!(described.dimension_reduction.as_deref(), Some("sign"));
    assert_eq!(described.writer, ArtifactWriter::Container);
    let refusal = causes(&described.refusal.unwrap());
    assert!(refusal.contains("the matrix cannot be derived from its seed"), "{refusal}");

    let own = written(&artifact(model_of(Hyperparameters::classifier(3), 40, 3)));
    let other = written(&artifact(model_of(Hyperparameters::classifier(3), 41, 3)));
    let [own, other] = [own, other].map(|bytes| super::entries(&bytes));
    let mixed =
        [("model_algo-1.json", &own[0]), ("model_algo-1-labels.npy", &own[1]), ("model_algo-1", &other[3])];
    let mixed = mixed.map(|(name, (_, contents))| file(name, contents.clone()));
    let refusal = causes(&describe(&archive(&mixed)).unwrap().refusal.unwrap());
    assert!(refusal.starts_with("the SHA-256 of the index is "), "{refusal}");

    assert!(matches!(describe(b"{}"), Err(ArtifactError::NotGzip { .. })));
}
