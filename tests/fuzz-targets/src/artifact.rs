//! Model artifacts.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use mysfits_sagemaker::{artifact::Artifact, inference::Predictions};
use ndarray::Array2;

const NAMES: [&str; 3] = ["model_algo-1", "model_algo-1-labels.npy", "model_algo-1.json"];

/// Reads the three files of an artifact: index, labels, metadata.
///
/// # Panics
/// If reading breaks a rule that holds for every input.
pub fn artifact_files(input: &[u8]) {
    let Some([index, labels, metadata]) = split_parts(input) else { return };
    match Artifact::from_files(index, labels, metadata) {
        Ok(artifact) => use_artifact(&artifact),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Reads a file of labels, as `NumPy` writes them, beside the index and the metadata of a model of four rows.
///
/// # Panics
/// If reading breaks a rule that holds for every input.
pub fn artifact_labels(input: &[u8]) {
    let rows = [[0.0f32, 1.0], [2.0, 3.0], [4.0, 5.0], [6.0, 7.0]];
    // A flat index of faiss: kind, d, ntotal, two dummies, is_trained, metric_type, the number of floats, the floats.
    let dummy = (1u64 << 20).to_le_bytes();
    let values = rows.as_flattened().iter().flat_map(|value| value.to_le_bytes());
    let head: [&[u8]; 8] = [
        b"IxF2",
        &2u32.to_le_bytes(),
        &4u64.to_le_bytes(),
        &dummy,
        &dummy,
        &[1],
        &1u32.to_le_bytes(),
        &8u64.to_le_bytes(),
    ];
    let index: Vec<u8> = head.concat().into_iter().chain(values).collect();
    let metadata = br#"{"k": 1, "predictor_type": "classifier", "version": "1.0"}"#;
    let labels = [b"\x93NUMPY", input].concat();
    match Artifact::from_files(&index, &labels, metadata) {
        Ok(artifact) => use_artifact(&artifact),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Reads `model.tar.gz`.
///
/// The first byte selects how the rest becomes an archive: unchanged, compressed with gzip, or as the three files of a
/// compressed tar with valid headers.
///
/// # Panics
/// If reading breaks a rule that holds for every input.
pub fn artifact_archive(input: &[u8]) {
    let Some((depth, rest)) = input.split_first() else { return };
    let archive = match depth % 3 {
        0 => rest.to_vec(),
        1 => gzip(rest),
        _ => {
            let Some(parts) = split_parts(rest) else { return };
            gzip(&tar(parts))
        }
    };
    match Artifact::read(archive.as_slice()) {
        Ok(artifact) => use_artifact(&artifact),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("writing to memory");
    encoder.finish().expect("writing to memory")
}

fn tar(parts: [&[u8]; 3]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, part) in NAMES.iter().zip(parts) {
        let mut header = tar::Header::new_gnu();
        header.set_size(part.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, part).expect("writing to memory");
    }
    builder.into_inner().expect("writing to memory")
}

/// Returns the three parts of an input: the lengths of the first two, two bytes each, then the parts.
fn split_parts(input: &[u8]) -> Option<[&[u8]; 3]> {
    let (lengths, rest) = input.split_first_chunk::<4>()?;
    let first = usize::from(u16::from_le_bytes([lengths[0], lengths[1]])).min(rest.len());
    let (first, rest) = rest.split_at(first);
    let second = usize::from(u16::from_le_bytes([lengths[2], lengths[3]])).min(rest.len());
    let (second, third) = rest.split_at(second);
    Some([first, second, third])
}

/// Returns the input of [`artifact_files`] with these parts: index, labels, metadata.
///
/// # Panics
/// If the index or the labels are longer than 65,535 bytes.
#[must_use]
pub fn join_parts(parts: [&[u8]; 3]) -> Vec<u8> {
    let length = |part: &[u8]| u16::try_from(part.len()).expect("a seed is small").to_le_bytes();
    [&length(parts[0]), &length(parts[1]), parts[0], parts[1], parts[2]].concat()
}

/// Checks that an artifact predicts, and that reading what it writes gives the same artifact.
fn use_artifact(artifact: &Artifact) {
    let model = &artifact.model;
    assert!(model.n_samples() > 0 && model.labels().len() == model.n_samples());
    // A wide model takes long to predict; it has been checked like any other.
    if model.feature_dim() <= 256 {
        let samples = Array2::from_shape_fn((2, model.feature_dim()), |(row, column)| (row + column) as f32);
        let predictions =
            Predictions::new(model, samples.view(), true).expect("finite samples of the model's width");
        assert_eq!(predictions.len(), 2);
    }
    let mut written = Vec::new();
    artifact.write(&mut written).expect("writing to memory");
    let again = Artifact::read(written.as_slice()).expect("what was written is read");
    let mut twice = Vec::new();
    again.write(&mut twice).expect("writing to memory");
    assert!(written == twice, "an artifact that was read is written as it was");
}
