//! Conversion between the contents of the files and a model.

use mysfits_knn::{Hyperparameters, Index, IndexView, Metric, Model, PredictorType};
use serde_json::{Map, Value};

use super::{
    ArtifactError, MetadataError,
    faiss::{self, FaissMetric},
    files::{ArtifactFiles, FilePart},
    labels,
    metadata::{ArtifactMetadata, Digests, Reduction},
};

/// Creates the model of an index, its labels and the metadata.
pub(super) fn read(
    (index, metric): (Index, FaissMetric),
    labels: Vec<f64>,
    metadata: &ArtifactMetadata,
) -> Result<Model, ArtifactError> {
    if metric == FaissMetric::L2 && metadata.normalize {
        let expected = "false if the metric of the index is L2";
        return Err(MetadataError::field("normalize", true, expected).into());
    }
    let metric = metric_of(metric, metadata.normalize);
    let mut parameters = match metadata.predictor_type {
        PredictorType::Classifier => Hyperparameters::classifier(metadata.k),
        PredictorType::Regressor => Hyperparameters::regressor(metadata.k),
    };
    parameters = parameters.metric(metric);
    let dim = index.view().dim();
    let check_same = |stated, input_dim| {
        let range = "as dimension_reduction.input_dim";
        check_dim("feature_dim", stated, |stated| stated == input_dim, range)
    };
    let feature_dim = match (metadata.reduction.as_ref(), metadata.feature_dim) {
        (Some(Reduction::Foreign(reduction)), _) => {
            return Err(MetadataError::ForeignReduction(reduction.to_string()).into());
        }
        (Some(&Reduction::Projection { projection, input_dim }), stated) => {
            parameters = parameters.projection(projection);
            check_same(stated, input_dim)?;
            input_dim
        }
        (Some(&Reduction::Identity { input_dim: Some(input_dim) }), stated) => {
            let (name, range) = ("dimension_reduction.input_dim", "from 1 to the index's d");
            check_dim(name, Some(input_dim), |stated| stated >= 1 && stated <= dim, range)?;
            check_same(stated, input_dim)?;
            input_dim
        }
        (Some(Reduction::Identity { input_dim: None }) | None, stated) => {
            let range = "from 1 to the index's d";
            check_dim("feature_dim", stated, |stated| stated >= 1 && stated <= dim, range)?;
            stated.unwrap_or(dim)
        }
    };
    Ok(Model::from_index(index, labels, &parameters.check()?, feature_dim)?)
}

/// Returns the metric of an index whose vectors are scaled to length 1 or not.
pub(super) const fn metric_of(metric: FaissMetric, normalize: bool) -> Metric {
    match (metric, normalize) {
        (FaissMetric::L2, _) => Metric::L2,
        (FaissMetric::InnerProduct, true) => Metric::Cosine,
        (FaissMetric::InnerProduct, false) => Metric::InnerProduct,
    }
}

fn check_dim(
    name: &'static str,
    stated: Option<usize>,
    is_right: impl FnOnce(usize) -> bool,
    expected: &'static str,
) -> Result<(), MetadataError> {
    match stated {
        Some(stated) if !is_right(stated) => Err(MetadataError::field(name, stated, expected)),
        _ => Ok(()),
    }
}

pub(super) fn write(model: &Model, extra: Map<String, Value>) -> Result<ArtifactFiles, ArtifactError> {
    let parameters = model.hyperparameters();
    let metric = match parameters.metric() {
        Metric::L2 => FaissMetric::L2,
        Metric::InnerProduct | Metric::Cosine => FaissMetric::InnerProduct,
    };
    let feature_dim = model.feature_dim();
    let reduction = match parameters.projection() {
        Some(projection) => Reduction::Projection { projection, input_dim: feature_dim },
        None => Reduction::Identity { input_dim: Some(feature_dim) },
    };
    let mut metadata = ArtifactMetadata {
        k: parameters.k(),
        predictor_type: parameters.predictor_type(),
        reduction: Some(reduction),
        normalize: parameters.metric() == Metric::Cosine,
        feature_dim: None,
        digests: None,
        extra,
    };
    let index = match model.index() {
        IndexView::Rows(rows) => faiss::write_flat(rows, metric),
        IndexView::IvfFlat(ivf) => faiss::write_ivf_flat(ivf, metric),
        IndexView::IvfPq(ivf) => faiss::write_ivf_pq(ivf, metric),
    };
    let labels = model.labels().to_vec();
    // `None` if an `f32` cannot hold a label exactly.
    let float32_labels = labels::write_float32(&labels).map(|labels| (FilePart::Float32Labels, labels));
    let labels = labels::write(&labels);
    metadata.digests = Some(Digests::new(&index, &labels));
    let files = [(FilePart::Metadata, metadata.into_json()?), (FilePart::Labels, labels)];
    Ok(files.into_iter().chain(float32_labels).chain([(FilePart::Index, index)]).collect())
}
