//! What an artifact is and which program wrote it, for people who have only the file.

use std::path::Path;

use mysfits_knn::{IndexView, Metric, PredictorType};

use super::{
    ArtifactError, archive, faiss,
    files::{ArtifactEntry, FilePart, Files, Name},
    folder, labels,
    metadata::{self, ArtifactMetadata, Reduction},
    model, open_file,
};
use crate::text::shorten;

/// What an artifact holds, also if it cannot be served.
#[derive(Debug)]
#[non_exhaustive]
pub struct ArtifactDescription {
    /// The number of neighbours that vote.
    pub k: usize,
    /// Classifier or regressor.
    pub predictor_type: PredictorType,
    /// The number of features of a sample; `None` if only the writer knows it.
    pub feature_dim: Option<usize>,
    /// The number of rows.
    pub n_samples: usize,
    /// The index by the name of the hyperparameter `index_type`, such as `faiss.Flat`.
    pub index_type: &'static str,
    /// The width of a row of the index, after dimension reduction and padding.
    pub index_dim: usize,
    /// The measure of nearness.
    pub metric: Metric,
    /// The labels.
    pub labels: LabelsDescription,
    /// The kind of dimension reduction, such as `sign`; `None` without one.
    pub dimension_reduction: Option<String>,
    /// The model's files, in the order of the archive; of a folder in any order.
    pub entries: Vec<ArtifactEntry>,
    /// The number of other files and folders, which are ignored.
    pub n_other_entries: usize,
    /// The program that wrote the artifact.
    pub writer: ArtifactWriter,
    /// Why the model cannot be served; `None` if it can.
    pub refusal: Option<ArtifactError>,
}

/// The labels of an artifact.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LabelsDescription {
    /// The file that is read.
    pub file: String,
    /// The number of different labels.
    pub n_distinct: usize,
    /// The smallest label.
    pub min: f64,
    /// The largest label.
    pub max: f64,
}

/// The program that wrote an artifact, as far as its form shows. Nothing is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ArtifactWriter {
    /// This crate, in `local-sagemaker` for instance. The version is not recorded.
    LocalSageMaker,
    /// The container of SageMaker's built-in k-NN, or a program that imitates it exactly.
    Container,
    /// Another program, or files that were changed.
    Unknown,
}

impl ArtifactWriter {
    /// Returns what the conclusion rests on.
    #[must_use]
    pub const fn evidence(self) -> &'static str {
        match self {
            Self::LocalSageMaker => {
                "the metadata have SHA-256 digests or a dimension reduction that only local-sagemaker writes"
            }
            Self::Container => {
                "only the three files of the container, the metadata on one line with its five members, labels as float64 in \
                 NumPy format 1.0"
            }
            Self::Unknown => {
                "the files are neither in the exact form of the container nor in that of local-sagemaker"
            }
        }
    }

    fn of<T: AsRef<[u8]>>(files: &Files<T>, metadata: &ArtifactMetadata) -> Self {
        if metadata.digests.is_some() || matches!(metadata.reduction, Some(Reduction::Projection { .. })) {
            return Self::LocalSageMaker;
        }
        let has_three_files = files.listing.entries.len() == 3 && files.listing.n_others == 0;
        if has_three_files
            && files.labels_part == FilePart::Labels
            && labels::is_containers(files.labels.as_ref())
            && metadata::is_containers(files.metadata.as_ref(), metadata)
        {
            return Self::Container;
        }
        Self::Unknown
    }
}

impl ArtifactDescription {
    /// Describes a folder or a `model.tar.gz`.
    ///
    /// # Errors
    /// [`ArtifactError`] if a file is missing or damaged. A model that is whole but cannot be served is described, see
    /// [`refusal`](Self::refusal).
    pub fn open(path: &Path) -> Result<Self, ArtifactError> {
        let files = if path.is_dir() { folder::read(path)? } else { archive::read(open_file(path)?)? };
        let metadata = ArtifactMetadata::from_json(&files.metadata)?;
        let writer = ArtifactWriter::of(&files, &metadata);
        let mut refusal = None;
        if let Some(digests) = &metadata.digests {
            let (index, labels) = (
                digests.check(FilePart::Index, &files.index),
                digests.check(FilePart::Labels, &files.labels),
            );
            refusal = index.and(labels).err();
        }
        let labels = labels::read(files.labels_part, &files.labels)?;
        let (index, metric) = faiss::parse(&files.index)?;
        let (feature_dim, dimension_reduction) = match &metadata.reduction {
            Some(Reduction::Projection { projection, input_dim }) => {
                (Some(*input_dim), Some(projection.kind.as_str().to_owned()))
            }
            Some(Reduction::Foreign(reduction)) => {
                let input_dim = reduction["input_dim"].as_u64().and_then(|dim| dim.try_into().ok());
                let kind = reduction["type"].as_str().unwrap_or("unknown");
                (input_dim, Some(shorten(kind, MAX_KIND_CHARS)))
            }
            Some(Reduction::Identity { input_dim }) => {
                (input_dim.or(metadata.feature_dim).or(Some(index.view().dim())), None)
            }
            None => (metadata.feature_dim.or(Some(index.view().dim())), None),
        };
        let is_labels = |entry: &&ArtifactEntry| {
            Name::parse(entry.name.as_bytes()).is_some_and(|name| name.part == files.labels_part)
        };
        let labels_file = files.listing.entries.iter().find(is_labels).map(|entry| entry.name.clone());
        let described = Self {
            k: metadata.k,
            predictor_type: metadata.predictor_type,
            feature_dim,
            n_samples: index.view().n_samples(),
            index_type: match index.view() {
                IndexView::Rows(_) => "faiss.Flat",
                IndexView::IvfFlat(_) => "faiss.IVFFlat",
                IndexView::IvfPq(_) => "faiss.IVFPQ",
            },
            index_dim: index.view().dim(),
            metric: model::metric_of(metric, metadata.normalize),
            labels: LabelsDescription::new(labels_file.unwrap_or_default(), &labels),
            dimension_reduction,
            entries: files.listing.entries,
            n_other_entries: files.listing.n_others,
            writer,
            refusal: None,
        };
        let refusal = refusal.or_else(|| model::read((index, metric), labels, &metadata).err());
        Ok(Self { refusal, ..described })
    }
}

/// The most characters of the name of an unknown dimension reduction.
const MAX_KIND_CHARS: usize = 40;

impl LabelsDescription {
    fn new(file: String, labels: &[f64]) -> Self {
        let mut sorted = labels.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let (min, max) = (sorted.first().copied(), sorted.last().copied());
        sorted.dedup();
        Self { file, n_distinct: sorted.len(), min: min.unwrap_or(f64::NAN), max: max.unwrap_or(f64::NAN) }
    }
}
