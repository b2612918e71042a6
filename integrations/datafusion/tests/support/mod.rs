//! Models and tables of the tests.

use std::{fs::File, path::Path};

use mysfits_knn::{Dataset, Hyperparameters, Model};
use mysfits_sagemaker::artifact::ArtifactRef;
use ndarray::{Array1, Array2};

/// Writes a model of `n_rows` rows with `dim` features from 1 to 8 and 12 labels, and returns it.
pub fn write_model(path: &Path, n_rows: usize, dim: usize, k: usize) -> Model {
    let features = Array2::from_shape_fn((n_rows, dim), |(row, i)| 1.0 + hash(row, i) as f32 / 10_000.0);
    let labels = Array1::from_shape_fn(n_rows, |row| (hash(row, dim) % 12) as f64);
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    let model = Model::train(dataset, &Hyperparameters::classifier(k).check().unwrap()).unwrap();
    ArtifactRef::new(&model).write(File::create(path).unwrap()).unwrap();
    model
}

/// A number from 0 to 70,000.
fn hash(row: usize, column: usize) -> usize {
    let mixed = (row * 31 + column * 17 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 24) % 70_001
}
