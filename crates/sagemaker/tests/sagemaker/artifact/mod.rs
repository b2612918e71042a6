//! The model artifact: what is written is read back, and what others wrote cannot do harm.
//!
//! - `layout`: what is written, and that it comes back.
//! - `archive`: damaged and hostile archives.
//! - `description`: what an artifact is, and who wrote it.
//! - `folder`: the same three files in a folder.
//! - `index`, `inverted`: damaged and hostile indexes, flat ones and inverted files.
//! - `labels`: the labels, as `NumPy` writes them and raw.
//! - `metadata`: the JSON, with dimension reduction and padding.

mod archive;
mod description;
mod folder;
mod index;
mod inverted;
mod labels;
mod layout;
mod metadata;

use std::io::Write as _;

use expect_test::Expect;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use mysfits_knn::{
    Dataset, Hyperparameters, HyperparametersBuilder, Index, InvertedList, IvfFlat, IvfPq, Metric, Model,
};
use mysfits_sagemaker::artifact::{Artifact, ArtifactError};
use ndarray::{Array1, Array2};
use serde_json::Map;
use tar::{EntryType, Header};

use crate::support::causes;

/// A model of 40 rows of 3 features.
fn model(parameters: HyperparametersBuilder) -> Model {
    model_of(parameters, 40, 3)
}

/// A number below 64 without order to the eye, but the same each time.
fn scattered(row: usize, column: usize) -> f32 {
    ((row * 7919 + column * 104_729 + row * row * 31 + row * column * 37) % 1021) as f32 / 16.0
}

fn model_of(parameters: HyperparametersBuilder, n_samples: usize, feature_dim: usize) -> Model {
    let features = Array2::from_shape_fn((n_samples, feature_dim), |(row, column)| scattered(row, column));
    let labels = Array1::from_shape_fn(n_samples, |row| (row % 5) as f64);
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    Model::train(dataset, &parameters.check().unwrap()).unwrap()
}

fn written(artifact: &Artifact) -> Vec<u8> {
    let mut bytes = Vec::new();
    artifact.write(&mut bytes).unwrap();
    bytes
}

fn artifact(model: Model) -> Artifact {
    Artifact { model, extra: Map::new() }
}

fn classifier() -> Artifact {
    artifact(model(Hyperparameters::classifier(3)))
}

/// 40 rows of 4 features in 3 lists, a row in each in turn. Not trained, so that no byte depends on how that is done.
fn ivf_flat(metric: Metric) -> Artifact {
    let values = |row: u32| (0..4).map(move |column| scattered(row as usize, column)).collect();
    let index = IvfFlat::new(4, 2, centroids(), lists(40, values)).unwrap();
    let parameters = Hyperparameters::classifier(3).metric(metric).check().unwrap();
    artifact(Model::from_index(Index::IvfFlat(index), labels(40), &parameters, 4).unwrap())
}

/// 300 rows of 4 features in 3 lists, each row in 2 bytes.
fn ivf_pq() -> Artifact {
    let codebooks = (0..2 * 256 * 2).map(|i| scattered(i, 5) - 32.0).collect();
    let values = |row: u32| vec![(row * 37) as u8, (row * 101 + 5) as u8];
    let index = IvfPq::new(4, 2, 2, centroids(), codebooks, lists(300, values)).unwrap();
    let parameters = Hyperparameters::classifier(3).check().unwrap();
    artifact(Model::from_index(Index::IvfPq(index), labels(300), &parameters, 4).unwrap())
}

fn centroids() -> Vec<f32> {
    (0..3 * 4).map(|i| scattered(i, 3)).collect()
}

fn labels(n_samples: usize) -> Vec<f64> {
    (0..n_samples).map(|row| (row % 5) as f64).collect()
}

fn lists<T>(n_samples: u32, values: impl Fn(u32) -> Vec<T>) -> Vec<InvertedList<T>> {
    let rows = |list| (list..n_samples).step_by(3);
    let list =
        |list| InvertedList { rows: rows(list).collect(), values: rows(list).flat_map(&values).collect() };
    (0..3).map(list).collect()
}

/// Queries among the rows, and beyond them.
fn queries(feature_dim: usize) -> Array2<f32> {
    Array2::from_shape_fn((50, feature_dim), |(row, column)| 1.25 * scattered(row + 1000, column) - 8.0)
}

/// Checks that two models are one: settings, rows, labels, and what they say.
#[track_caller]
fn check_equal(was: &Model, is: &Model) {
    let settings = |model: &Model| {
        let parameters = model.hyperparameters();
        (parameters.k(), parameters.predictor_type(), parameters.metric(), parameters.projection())
    };
    assert_eq!(settings(was), settings(is));
    assert_eq!(was.index(), is.index());
    assert_eq!(was.labels(), is.labels());
    assert_eq!(was.feature_dim(), is.feature_dim());
    let queries = queries(was.feature_dim());
    assert_eq!(was.predict_batch(queries.view()), is.predict_batch(queries.view()));
    assert_eq!(was.neighbours_batch(queries.view()), is.neighbours_batch(queries.view()));
}

/// A file of an archive to be.
#[derive(Clone)]
struct File {
    name: &'static str,
    kind: EntryType,
    /// What the header says, where it differs from what is there.
    stated_size: Option<u64>,
    contents: Vec<u8>,
}

fn file(name: &'static str, contents: impl Into<Vec<u8>>) -> File {
    File { name, kind: EntryType::Regular, stated_size: None, contents: contents.into() }
}

impl File {
    /// Header and contents, padded, as they stand in a tar. Names are written as they are, whatever they are.
    fn tar(&self) -> Vec<u8> {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..self.name.len()].copy_from_slice(self.name.as_bytes());
        header.set_entry_type(self.kind);
        header.set_size(self.stated_size.unwrap_or(self.contents.len() as u64));
        header.set_mode(0o644);
        if self.kind.is_symlink() || self.kind.is_hard_link() {
            header.set_link_name("/etc/hostname").unwrap();
        }
        header.set_cksum();
        let mut bytes = header.as_bytes().to_vec();
        bytes.extend(&self.contents);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        bytes
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fn archive(files: &[File]) -> Vec<u8> {
    let mut tar: Vec<u8> = files.iter().flat_map(File::tar).collect();
    tar.resize(tar.len() + 1024, 0);
    gzip(&tar)
}

/// The files that are read: index, labels, metadata.
const NAMES: [&str; 3] = ["model_algo-1", "model_algo-1-labels.npy", "model_algo-1.json"];

/// The names and contents of an archive's entries, in order.
fn entries(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(GzDecoder::new(archive));
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let (name, mut contents) = (entry.path().unwrap().to_str().unwrap().to_owned(), Vec::new());
        std::io::copy(&mut entry, &mut contents).unwrap();
        (name, contents)
    });
    entries.collect()
}

/// The three files of a good artifact, without digests: a change of one file is not found by them.
fn files() -> [File; 3] {
    files_of(&classifier())
}

fn files_of(artifact: &Artifact) -> [File; 3] {
    let [index, labels, metadata] = written_files(artifact);
    let json = String::from_utf8(metadata.contents).unwrap();
    let (before, digests) = json.split_once(",\n  \"sha256\": {").unwrap();
    let (_, after) = digests.split_once('}').unwrap();
    [index, labels, file(metadata.name, [before, after].concat())]
}

/// The three files that are read, as they are written, with digests.
fn written_files(artifact: &Artifact) -> [File; 3] {
    let bytes = written(artifact);
    let entries = entries(&bytes);
    NAMES.map(|name| file(name, entries.iter().find(|(found, _)| found == name).unwrap().1.clone()))
}

fn read(bytes: &[u8]) -> Result<Artifact, ArtifactError> {
    Artifact::read(bytes)
}

/// Reads three files as they are, without an archive around them.
fn read_files(files: &[File; 3]) -> Result<Artifact, ArtifactError> {
    Artifact::from_files(&files[0].contents, &files[1].contents, &files[2].contents)
}

/// Checks that a good artifact with one file's contents changed is refused, and why.
#[track_caller]
fn check_changed(name: &str, change: impl FnOnce(&mut Vec<u8>), expected: Expect) {
    check_changed_of(files(), name, change, expected);
}

#[track_caller]
fn check_changed_of(mut files: [File; 3], name: &str, change: impl FnOnce(&mut Vec<u8>), expected: Expect) {
    change(&mut files.iter_mut().find(|file| file.name == name).unwrap().contents);
    expected.assert_eq(&causes(&read_files(&files).unwrap_err()));
}

#[track_caller]
fn check_refused(bytes: &[u8], expected: Expect) {
    expected.assert_eq(&causes(&read(bytes).unwrap_err()));
}
