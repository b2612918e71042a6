//! `hyperparameters.json`: the hyperparameters of the built-in algorithm, with the error messages of Amazon's toolkit.
//!
//! All values are JSON strings, as `CreateTrainingJob` takes and passes them; other JSON values are rejected, as they are
//! there. The file overrides [`DEFAULTS`], the container's default configuration. All errors are reported, not only the
//! first.
//!
//! `feature_dim` is `auto` by default, the data's width, as in the container since October 2020 (it logs its defaults).
//!
//! Our choices where no source is known: `faiss.IVFPQ` requires `faiss_index_pq_m`, for which no default is known; `_seed`
//! (default 0) is an addition that seeds the sampling; `epochs` and the other internal hyperparameters are accepted and
//! ignored.
//!
//! Source: SageMaker Developer Guide, "k-NN Hyperparameters"; Amazon's `sagemaker_algorithm_toolkit`.

mod invalid;
mod reader;

use std::collections::BTreeMap;

use mysfits_knn::{
    HyperparameterError, Hyperparameters, IndexKind, MAX_K, Metric, PredictorType, Projection, ProjectionKind,
};
use serde_json::Value;

pub use invalid::InvalidHyperparameter;
use invalid::shorten;
use reader::HyperparameterReader;

/// The container's default configuration, and `_seed`.
pub(super) const DEFAULTS: [(&str, &str); 14] = [
    ("_enable_profiler", "false"),
    ("_faiss_index_nprobe", "5"),
    ("_kvstore", "dist_async"),
    ("_log_level", "info"),
    ("_num_gpus", "auto"),
    ("_num_kv_servers", "1"),
    ("_seed", "0"),
    ("_tuning_objective_metric", ""),
    ("epochs", "1"),
    ("faiss_index_ivf_nlists", "auto"),
    ("feature_dim", "auto"),
    ("index_metric", "L2"),
    ("index_type", "faiss.Flat"),
    ("mini_batch_size", "5000"),
];

/// The hyperparameters without a default.
const OTHERS: [&str; 6] = [
    "dimension_reduction_target",
    "dimension_reduction_type",
    "faiss_index_pq_m",
    "k",
    "predictor_type",
    "sample_size",
];

/// SageMaker's `index_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IndexType {
    Flat,
    IvfFlat,
    IvfPq { m: usize },
}

/// Checked hyperparameters. Values that depend on the data are determined later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TrainingSettings {
    pub(super) k: usize,
    pub(super) predictor_type: PredictorType,
    /// `None` for the number of features of the data.
    pub(super) feature_dim: Option<usize>,
    pub(super) sample_size: usize,
    pub(super) index_type: IndexType,
    pub(super) metric: Metric,
    pub(super) reduction: Option<(ProjectionKind, usize)>,
    /// `None` for the square root of the number of rows in the sample.
    pub(super) n_lists: Option<usize>,
    pub(super) n_probe: usize,
    pub(super) mini_batch_size: usize,
    pub(super) seed: u64,
}

/// Merges the members of the file with the defaults. A value that is not a string is a problem.
pub(super) fn merge(
    given: &BTreeMap<String, Value>,
) -> (BTreeMap<String, String>, Vec<InvalidHyperparameter>) {
    let mut merged: BTreeMap<String, String> =
        DEFAULTS.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut problems = Vec::new();
    for (name, value) in given {
        if let Value::String(value) = value {
            merged.insert(name.clone(), value.clone());
        } else {
            let (name, value) = (shorten(name), shorten(&value.to_string()));
            problems.push(InvalidHyperparameter::NotAString { name, value });
        }
    }
    (merged, problems)
}

impl TrainingSettings {
    /// Checks the result of [`merge`].
    pub(super) fn check(
        values: &BTreeMap<String, String>,
        problems: Vec<InvalidHyperparameter>,
    ) -> Result<Self, Vec<InvalidHyperparameter>> {
        let mut reader = HyperparameterReader { values, problems };
        reader.refuse_unknown();
        let k = reader.required_whole("k", MAX_K as u64);
        let predictor_type = reader.required("predictor_type", |reader, name| {
            reader.choice(name, &PredictorType::ALL.map(|kind| (kind.as_str(), kind)))
        });
        let is_auto = values.get("feature_dim").is_some_and(|value| value == "auto");
        let feature_dim = if is_auto { None } else { reader.whole("feature_dim", 1, u64::MAX) };
        let sample_size = reader.required_whole("sample_size", u64::MAX);
        let reduction = reader.reduction(feature_dim);
        let metric = reader.choice("index_metric", &Metric::ALL.map(|metric| (metric.as_str(), metric)));
        let index_type = reader.index_type(metric);
        let n_lists = match values.get("faiss_index_ivf_nlists").map(String::as_str) {
            None | Some("auto") => None,
            Some(_) => reader.whole("faiss_index_ivf_nlists", 1, u64::MAX),
        };
        let n_probe = reader.whole("_faiss_index_nprobe", 1, u64::MAX);
        let mini_batch_size = reader.whole("mini_batch_size", 1, u64::MAX);
        reader.whole("epochs", 1, u64::MAX);
        let seed = reader.whole("_seed", 0, u64::MAX);
        let settings = || {
            Some(Self {
                k: count(k?),
                predictor_type: predictor_type?,
                // Exact, because an error compares it with that of the data.
                feature_dim: feature_dim.map(|dim| usize::try_from(dim).unwrap_or(usize::MAX)),
                sample_size: count(sample_size?),
                index_type: index_type?,
                metric: metric?,
                reduction,
                n_lists: n_lists.map(count),
                n_probe: count(n_probe?),
                mini_batch_size: count(mini_batch_size?),
                seed: seed?,
            })
        };
        // A missing value is a problem that is already reported.
        settings().filter(|_| reader.problems.is_empty()).ok_or(reader.problems)
    }

    /// Returns the hyperparameters of a model with this number of rows. A model that is not used for inference needs no
    /// tree.
    pub(super) fn hyperparameters(
        &self,
        n_rows: usize,
        for_inference: bool,
    ) -> Result<Hyperparameters, HyperparameterError> {
        let n_lists = self.n_lists.unwrap_or_else(|| n_rows.isqrt().max(1));
        let n_probe = self.n_probe;
        let index = match self.index_type {
            IndexType::Flat if for_inference => IndexKind::Auto,
            IndexType::Flat => IndexKind::Flat,
            IndexType::IvfFlat => IndexKind::IvfFlat { n_lists, n_probe },
            IndexType::IvfPq { m } => IndexKind::IvfPq { n_lists, n_probe, m },
        };
        let parameters = match self.predictor_type {
            PredictorType::Classifier => Hyperparameters::classifier(self.k),
            PredictorType::Regressor => Hyperparameters::regressor(self.k),
        };
        let mut parameters =
            parameters.sample_size(self.sample_size).metric(self.metric).index(index).seed(self.seed);
        if let Some((kind, target_dim)) = self.reduction {
            parameters = parameters.projection(Projection { kind, target_dim, seed: self.seed });
        }
        parameters.check()
    }
}

/// Limits a number of rows, lists or features to `u32`, which is more than there can be.
fn count(number: u64) -> usize {
    u32::try_from(number).unwrap_or(u32::MAX) as usize
}
