//! `hyperparameters.json`: every hyperparameter of the built-in algorithm, checked in the words of Amazon's toolkit.
//!
//! All values are JSON strings, as `CreateTrainingJob` takes and passes them; another JSON value is refused, because it
//! would be refused there. The file is laid over [`DEFAULTS`], the container's default configuration. All that is wrong
//! is found, not only the first of it.
//!
//! `feature_dim` is `auto` by default, the data's width, as in the container since October 2020 (it logs its defaults).
//!
//! Decided here, where no source says it: `faiss.IVFPQ` needs `faiss_index_pq_m`, for which no default is known; `_seed` (0) is
//! ours and fixes what is drawn; `epochs` and the other internal ones are accepted and change nothing.
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
use reader::Reader;

/// The container's default configuration, and our seed.
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

/// Those that have no default.
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

/// Checked hyperparameters. What depends on the data is settled when these are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) k: usize,
    pub(super) predictor_type: PredictorType,
    /// None if the data's width is taken.
    pub(super) feature_dim: Option<usize>,
    pub(super) sample_size: usize,
    pub(super) index_type: IndexType,
    pub(super) metric: Metric,
    pub(super) reduction: Option<(ProjectionKind, usize)>,
    /// None for the square root of the number of rows in the sample.
    pub(super) n_lists: Option<usize>,
    pub(super) n_probe: usize,
    pub(super) mini_batch_size: usize,
    pub(super) seed: u64,
}

/// The file's members laid over the defaults. What is no string is a problem.
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

impl Settings {
    /// Checks what [`merge`] gave.
    pub(super) fn check(
        values: &BTreeMap<String, String>,
        problems: Vec<InvalidHyperparameter>,
    ) -> Result<Self, Vec<InvalidHyperparameter>> {
        let mut reader = Reader { values, problems };
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
        // Whatever is not there is a problem that has been noted.
        match (k, predictor_type, sample_size, metric, index_type, n_probe, mini_batch_size, seed) {
            (
                Some(k),
                Some(predictor_type),
                Some(sample_size),
                Some(metric),
                Some(index_type),
                Some(n_probe),
                Some(mini_batch_size),
                Some(seed),
            ) if reader.problems.is_empty() => Ok(Self {
                k: count(k),
                predictor_type,
                // Exact, because a refusal names it beside the data's.
                feature_dim: feature_dim.map(|dim| usize::try_from(dim).unwrap_or(usize::MAX)),
                sample_size: count(sample_size),
                index_type,
                metric,
                reduction,
                n_lists: n_lists.map(count),
                n_probe: count(n_probe),
                mini_batch_size: count(mini_batch_size),
                seed,
            }),
            _ => Err(reader.problems),
        }
    }

    /// What a model of so many rows is trained with. Where rows are only kept, not asked, no tree is built over them.
    pub(super) fn hyperparameters(
        &self,
        n_rows: usize,
        is_asked: bool,
    ) -> Result<Hyperparameters, HyperparameterError> {
        let n_lists = self.n_lists.unwrap_or_else(|| n_rows.isqrt().max(1));
        let n_probe = self.n_probe;
        let index = match self.index_type {
            IndexType::Flat if is_asked => IndexKind::Auto,
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

/// More rows, lists or features than can be numbered are as good as any: there are never so many.
fn count(number: u64) -> usize {
    u32::try_from(number).unwrap_or(u32::MAX) as usize
}
