//! The suite's model as an artifact, to be served here or uploaded to a real account.

use std::{fs::File, io::BufWriter, path::Path};

use anyhow::{Context as _, Result};
use mysfits_knn::{Dataset, Hyperparameters, Model};
use mysfits_sagemaker::artifact::Artifact;
use ndarray::{Array1, Array2};

use crate::suite::Fixture;

/// Returns the fixture, trained: a classifier with an exact index and squared Euclidean distances.
///
/// # Errors
/// If the rows have not all the same number of features.
pub fn train(fixture: &Fixture) -> Result<Model> {
    let (mut features, mut labels) = (Vec::new(), Vec::new());
    for row in &fixture.rows {
        let (label, values) = row.split_last().context("a row without numbers")?;
        features.extend(values.iter().map(|value| *value as f32));
        labels.push(*label);
    }
    let shape = (labels.len(), features.len() / labels.len().max(1));
    let (features, labels) = (Array2::from_shape_vec(shape, features)?, Array1::from_vec(labels));
    let dataset = Dataset::new(features.view(), labels.view())?;
    Ok(Model::train(dataset, &Hyperparameters::classifier(fixture.k).check()?)?)
}

/// Writes the fixture as `model.tar.gz`.
///
/// # Errors
/// If the file cannot be written.
pub fn write(fixture: &Fixture, path: &Path) -> Result<()> {
    let model = train(fixture)?;
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    Artifact { model, extra: serde_json::Map::new() }.write(BufWriter::new(file))?;
    Ok(())
}
