//! The model artifact: `model.tar.gz` as SageMaker's built-in k-NN lays it out.
//!
//! Three files at the archive's root: `model_algo-1`, a FAISS index as `faiss.write_index` writes it;
//! `model_algo-1.labels`, a little-endian `f32` for each row; `model_algo-1.json`, `k`, `predictor_type` and the like.
//! What else a project wants its models to say goes into the JSON beside these ([`Artifact::extra`]).
//!
//! Writing is deterministic: the same model gives the same bytes. Reading trusts nothing: names, sizes and numbers are
//! checked before anything is allocated for them.

mod archive;
mod faiss;
mod metadata;

use std::io::{Read, Write};

use mysfits_knn::{
    Dataset, DatasetError, HyperparameterError, Hyperparameters, Metric, Model, PredictorType, TrainError,
};
use ndarray::{ArrayView1, ArrayView2};
use serde_json::{Map, Value};

use archive::Archive;
use metadata::Metadata;

/// The host that wrote the artifact, in the names of its files.
const HOST: &str = "algo-1";

/// A model with what its artifact says beside it.
#[derive(Debug)]
pub struct Artifact {
    /// The model.
    pub model: Model,
    /// Further members of `model_algo-1.json`; SageMaker ignores them.
    pub extra: Map<String, Value>,
}

/// Why an artifact cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// The reader or writer failed, or the archive is damaged.
    #[error("the archive cannot be read or written")]
    Io(#[from] std::io::Error),
    /// One of the three files is not there.
    #[error("the archive holds no file {0:?}")]
    Missing(&'static str),
    /// A file is larger than it may be.
    #[error("{name:?} is larger than {limit} bytes")]
    TooLarge {
        /// Which.
        name: String,
        /// How large it may be.
        limit: u64,
    },
    /// The index is not a FAISS flat index.
    #[error("the index cannot be read: {0}")]
    Index(String),
    /// The metadata is not what it must be.
    #[error("the metadata cannot be read: {0}")]
    Metadata(String),
    /// The labels are not whole floats.
    #[error("the labels are {0} bytes; they must be four for each row")]
    Labels(usize),
    /// Vectors and labels do not make a dataset.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A hyperparameter is out of range.
    #[error(transparent)]
    Hyperparameter(#[from] HyperparameterError),
    /// The index over the rows cannot be built.
    #[error(transparent)]
    Train(#[from] TrainError),
}

impl Artifact {
    /// Reads `model.tar.gz`.
    ///
    /// # Errors
    /// [`ArtifactError`] that says what is missing, damaged or too large.
    pub fn read(reader: impl Read) -> Result<Self, ArtifactError> {
        let mut archive = Archive::read(reader, &[INDEX, LABELS, METADATA])?;
        let metadata = Metadata::from_json(&archive.take(METADATA)?).map_err(ArtifactError::Metadata)?;
        let index = faiss::FlatIndex::from_bytes(&archive.take(INDEX)?).map_err(ArtifactError::Index)?;
        let labels = archive.take(LABELS)?;
        let (labels, []) = labels.as_chunks::<4>() else {
            return Err(ArtifactError::Labels(labels.len()));
        };
        let labels: Vec<f32> = labels.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();

        let metric = match index.metric {
            faiss::Metric::L2 => Metric::L2,
            faiss::Metric::InnerProduct if metadata.normalize => Metric::Cosine,
            faiss::Metric::InnerProduct => Metric::InnerProduct,
        };
        let parameters = match metadata.predictor_type()? {
            PredictorType::Classifier => Hyperparameters::classifier(metadata.k),
            PredictorType::Regressor => Hyperparameters::regressor(metadata.k),
        };
        let parameters = parameters.metric(metric).check()?;
        let n_rows = index.values.len() / index.dim;
        let features = ArrayView2::from_shape((n_rows, index.dim), &index.values)
            .map_err(|error| ArtifactError::Index(error.to_string()))?;
        let model = Model::from_rows(Dataset::new(features, ArrayView1::from(&labels))?, &parameters)?;
        Ok(Self { model, extra: metadata.extra })
    }

    /// Writes `model.tar.gz`.
    ///
    /// # Errors
    /// [`ArtifactError::Io`], the writer's.
    pub fn write(&self, writer: impl Write) -> Result<(), ArtifactError> {
        let parameters = self.model.hyperparameters();
        // Whether a map keeps the order in which it was filled depends on who else is built with this crate.
        let mut extra = self.extra.clone();
        extra.sort_keys();
        extra.values_mut().for_each(Value::sort_all_objects);
        let metadata = Metadata {
            k: parameters.k(),
            predictor_type: parameters.predictor_type().as_str().to_owned(),
            normalize: parameters.metric() == Metric::Cosine,
            version: metadata::VERSION.to_owned(),
            extra,
        };
        let metric = match parameters.metric() {
            Metric::L2 => faiss::Metric::L2,
            Metric::InnerProduct | Metric::Cosine => faiss::Metric::InnerProduct,
        };
        let index = faiss::FlatIndex::write(self.model.features(), metric);
        let labels: Vec<u8> = self.model.labels().iter().flat_map(|label| label.to_le_bytes()).collect();
        archive::write(writer, &[(INDEX, &index), (LABELS, &labels), (METADATA, &metadata.to_json())])?;
        Ok(())
    }
}

const INDEX: &str = "model_algo-1";
const LABELS: &str = "model_algo-1.labels";
const METADATA: &str = "model_algo-1.json";
const _: () = assert!(INDEX.len() == "model_".len() + HOST.len());
