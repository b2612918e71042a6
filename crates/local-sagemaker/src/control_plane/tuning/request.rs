//! What a tuning job is asked to do, checked.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    ranges::{Combination, ParameterRanges},
    search::{Search, Strategy},
};
use crate::{
    aws::json::{ApiError, Input, member, required},
    control_plane::{members::refuse_others, training::TrainingJobRequest},
};

/// The service's limits.
const MAX_JOBS: u64 = 750;
const MAX_PARALLEL_JOBS: u64 = 100;
const MAX_DEFINITIONS: usize = 10;
const MIN_RUNTIME_SECONDS: u64 = 120;
const MAX_RUNTIME_SECONDS: u64 = 15_768_000;

const RANGES: &str = "HyperParameterRanges";
const OBJECTIVE: &str = "TuningObjective";

/// A tuning job that can be run.
#[derive(Debug)]
pub(super) struct TuningRequest {
    pub(super) definitions: Vec<JobDefinition>,
    pub(super) max_jobs: usize,
    pub(super) max_parallel_jobs: usize,
    pub(super) max_runtime: Duration,
    /// The job is complete when an objective is as good as this.
    pub(super) target: Option<f64>,
    /// The job is complete when this many jobs in a row have not improved the best objective.
    pub(super) max_not_improving: Option<usize>,
}

/// A kind of training job that a tuning job starts.
#[derive(Debug)]
pub(super) struct JobDefinition {
    pub(super) name: Option<String>,
    pub(super) objective: Objective,
    pub(super) search: Search,
    /// The members of `CreateTrainingJob` except name and tuned hyperparameters.
    job: Input,
}

/// What is tuned for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Objective {
    #[serde(rename = "Type")]
    pub(super) direction: Direction,
    pub(super) metric_name: String,
}

/// The types of an objective, with the API's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Direction {
    Maximize,
    Minimize,
}

impl Direction {
    /// Returns a number that is higher for a better objective.
    pub(super) fn gain(self, objective: f64) -> f64 {
        match self {
            Self::Maximize => objective,
            Self::Minimize => -objective,
        }
    }
}

impl TuningRequest {
    /// Checks a request. Adds what the service adds to its description: the objective to the static hyperparameters,
    /// the metric definitions of the algorithm, and `ResourceConfig`.
    pub(super) fn new(input: &mut Input, random_seed: impl FnOnce() -> u64) -> Result<Self, ApiError> {
        let members = [
            "HyperParameterTuningJobName",
            "HyperParameterTuningJobConfig",
            "TrainingJobDefinition",
            "TrainingJobDefinitions",
            "Tags",
        ];
        refuse_others(input, "", &members)?;
        let config: Input = required(input, "HyperParameterTuningJobConfig")?;
        let members = [
            "Strategy",
            "HyperParameterTuningJobObjective",
            "ResourceLimits",
            "ParameterRanges",
            // k-NN reports its objective once, at the end: there is nothing to stop early.
            "TrainingJobEarlyStoppingType",
            "TuningJobCompletionCriteria",
            "RandomSeed",
        ];
        refuse_others(&config, "HyperParameterTuningJobConfig.", &members)?;
        let strategy = strategy(&config)?;
        let seed = member(&config, "RandomSeed")?.unwrap_or_else(random_seed);
        let definitions = definitions(input, &config, strategy, seed)?;
        complete_definitions(input, &definitions);
        let limits = TuningLimits::new(&config, strategy, &definitions)?;
        let (target, max_not_improving) = completion_criteria(&config)?;
        let TuningLimits { jobs: max_jobs, parallel_jobs: max_parallel_jobs, runtime: max_runtime } = limits;
        Ok(Self { definitions, max_jobs, max_parallel_jobs, max_runtime, target, max_not_improving })
    }
}

struct TuningLimits {
    jobs: usize,
    parallel_jobs: usize,
    runtime: Duration,
}

impl TuningLimits {
    fn new(config: &Input, strategy: Strategy, definitions: &[JobDefinition]) -> Result<Self, ApiError> {
        let limits: Input = required(config, "ResourceLimits")?;
        let members = ["MaxNumberOfTrainingJobs", "MaxParallelTrainingJobs", "MaxRuntimeInSeconds"];
        refuse_others(&limits, "ResourceLimits.", &members)?;
        let in_range = |value: u64, name: &str, min: u64, max: u64| {
            if (min..=max).contains(&value) {
                return Ok(value);
            }
            let constraint = format!("Member must have value between {min} and {max}");
            let member = format!("hyperParameterTuningJobConfig.resourceLimits.{name}");
            Err(ApiError::constraint(&value.to_string(), &member, &constraint))
        };
        let max_jobs = match strategy {
            Strategy::Grid => {
                let n_combinations = definitions
                    .iter()
                    .try_fold(0_u64, |n, definition| {
                        n.checked_add(definition.search.ranges().n_combinations()?)
                    })
                    .unwrap_or(u64::MAX);
                let max_jobs: Option<u64> = member(&limits, "MaxNumberOfTrainingJobs")?;
                if max_jobs.is_some_and(|max_jobs| max_jobs != n_combinations) {
                    return Err(ApiError::validation(format!(
                        "MaxNumberOfTrainingJobs must be left out for the strategy Grid, or be the number of combinations, \
                         {n_combinations}"
                    )));
                }
                n_combinations
            }
            Strategy::Random | Strategy::Bayesian => required(&limits, "MaxNumberOfTrainingJobs")?,
        };
        let seconds = member(&limits, "MaxRuntimeInSeconds")?.unwrap_or(MAX_RUNTIME_SECONDS);
        let seconds = in_range(seconds, "maxRuntimeInSeconds", MIN_RUNTIME_SECONDS, MAX_RUNTIME_SECONDS)?;
        let parallel_jobs = required(&limits, "MaxParallelTrainingJobs")?;
        Ok(Self {
            jobs: in_range(max_jobs, "maxNumberOfTrainingJobs", 1, MAX_JOBS)? as usize,
            parallel_jobs: in_range(parallel_jobs, "maxParallelTrainingJobs", 1, MAX_PARALLEL_JOBS)? as usize,
            runtime: Duration::from_secs(seconds),
        })
    }
}

fn strategy(config: &Input) -> Result<Strategy, ApiError> {
    match required::<String>(config, "Strategy")?.as_str() {
        "Bayesian" => Ok(Strategy::Bayesian),
        "Random" => Ok(Strategy::Random),
        "Grid" => Ok(Strategy::Grid),
        "Hyperband" => Err(ApiError::validation(
            "The strategy Hyperband is not emulated here: it needs an algorithm that reports its objective in every epoch",
        )),
        other => Err(ApiError::constraint(
            other,
            "hyperParameterTuningJobConfig.strategy",
            "Member must satisfy enum value set: [Bayesian, Random, Hyperband, Grid]",
        )),
    }
}

fn completion_criteria(config: &Input) -> Result<(Option<f64>, Option<usize>), ApiError> {
    let criteria: Input = member(config, "TuningJobCompletionCriteria")?.unwrap_or_default();
    let members = ["TargetObjectiveMetricValue", "BestObjectiveNotImproving"];
    refuse_others(&criteria, "TuningJobCompletionCriteria.", &members)?;
    let not_improving: Input = member(&criteria, "BestObjectiveNotImproving")?.unwrap_or_default();
    let max_not_improving = member(&not_improving, "MaxNumberOfTrainingJobsNotImproving")?;
    Ok((member(&criteria, "TargetObjectiveMetricValue")?, max_not_improving))
}

fn definitions(
    input: &Input,
    config: &Input,
    strategy: Strategy,
    seed: u64,
) -> Result<Vec<JobDefinition>, ApiError> {
    let one: Option<Input> = member(input, "TrainingJobDefinition")?;
    let several: Option<Vec<Input>> = member(input, "TrainingJobDefinitions")?;
    let mut definitions = match (one, several) {
        (Some(mut one), None) => {
            // Those of a single definition are in the configuration of the tuning job.
            for (from, to) in [("ParameterRanges", RANGES), ("HyperParameterTuningJobObjective", OBJECTIVE)] {
                let value = config.get(from).cloned().unwrap_or_default();
                if !value.is_null() && one.insert(to.to_owned(), value).is_some() {
                    return Err(ApiError::validation(format!(
                        "Either HyperParameterTuningJobConfig.{from} or TrainingJobDefinition.{to} must be given, not both"
                    )));
                }
            }
            vec![one]
        }
        (None, Some(several)) if (1..=MAX_DEFINITIONS).contains(&several.len()) => {
            for name in ["ParameterRanges", "HyperParameterTuningJobObjective"] {
                if config.get(name).is_some_and(|value| !value.is_null()) {
                    return Err(ApiError::validation(format!(
                        "HyperParameterTuningJobConfig.{name} must be left out with TrainingJobDefinitions; each definition \
                         has its own"
                    )));
                }
            }
            several
        }
        _ => {
            return Err(ApiError::validation(format!(
                "There must be either a TrainingJobDefinition, or 1 to {MAX_DEFINITIONS} TrainingJobDefinitions"
            )));
        }
    };
    let define = |(number, definition): (u64, &mut Input)| {
        if let Some(tags) = input.get("Tags") {
            definition.insert("Tags".to_owned(), tags.clone());
        }
        JobDefinition::new(std::mem::take(definition), |ranges| Search::new(strategy, ranges, seed, number))
    };
    let definitions: Vec<JobDefinition> =
        (0..).zip(&mut definitions).map(define).collect::<Result<_, ApiError>>()?;
    let is_categorical = |definition: &JobDefinition| definition.search.ranges().are_categorical();
    if strategy == Strategy::Grid && !definitions.iter().all(is_categorical) {
        return Err(ApiError::validation("The strategy Grid supports categorical parameters only"));
    }
    Ok(definitions)
}

/// As the service adds it for built-in algorithms; the SageMaker Python SDK reads it.
const OBJECTIVE_HYPERPARAMETER: &str = "_tuning_objective_metric";

fn complete_definitions(input: &mut Input, definitions: &[JobDefinition]) {
    let describe = |described: &mut Value, definition: &JobDefinition| {
        let metric = Value::from(definition.objective.metric_name.as_str());
        described["StaticHyperParameters"][OBJECTIVE_HYPERPARAMETER] = metric;
        let metrics = definition.job.get("AlgorithmSpecification").map(|of| of["MetricDefinitions"].clone());
        described["AlgorithmSpecification"]["MetricDefinitions"] = metrics.unwrap_or_default();
        let resources = described["HyperParameterTuningResourceConfig"].clone();
        if resources.is_object() {
            described["ResourceConfig"] = resources;
        }
    };
    if let (Some(described), Some(definition)) = (input.get_mut("TrainingJobDefinition"), definitions.first())
    {
        describe(described, definition);
    }
    if let Some(Value::Array(described)) = input.get_mut("TrainingJobDefinitions") {
        described
            .iter_mut()
            .zip(definitions)
            .for_each(|(described, definition)| describe(described, definition));
    }
}

impl JobDefinition {
    /// Reads a definition. A training job with the first combination must be valid, too.
    fn new(mut definition: Input, search: impl FnOnce(ParameterRanges) -> Search) -> Result<Self, ApiError> {
        let ranges = ParameterRanges::new(&required(&definition, RANGES)?, RANGES)?;
        let objective: Objective = required(&definition, OBJECTIVE)?;
        let name = member(&definition, "DefinitionName")?;
        let mut hyperparameters: Input = member(&definition, "StaticHyperParameters")?.unwrap_or_default();
        if let Some(both) = ranges.names().find(|name| hyperparameters.contains_key(*name)) {
            return Err(ApiError::validation(format!(
                "The hyperparameter {both} is both in StaticHyperParameters and in {RANGES}"
            )));
        }
        hyperparameters.insert(OBJECTIVE_HYPERPARAMETER.to_owned(), objective.metric_name.as_str().into());
        for member in ["DefinitionName", RANGES, OBJECTIVE, "StaticHyperParameters"] {
            definition.remove(member);
        }
        if let Some(resources) = definition.remove("HyperParameterTuningResourceConfig") {
            definition.insert("ResourceConfig".to_owned(), resources);
        }
        let mut job = definition;
        job.insert("HyperParameters".to_owned(), hyperparameters.into());
        let mut this = Self { name, objective, search: search(ranges.clone()), job };
        let mut example = this.training_job("tuned", &ranges.at(&vec![0.5; ranges.len()]));
        let training = TrainingJobRequest::new("tuned", &mut example)?;
        // With the metric definitions that a training job gets.
        let algorithm = example.remove("AlgorithmSpecification").unwrap_or_default();
        this.job.insert("AlgorithmSpecification".to_owned(), algorithm);
        let metric = &this.objective.metric_name;
        if !training.metrics.has(metric) {
            return Err(ApiError::validation(format!(
                "The objective metric for the hyperparameter tuning job, [{metric}], isn't valid for the algorithm. Choose \
                 a valid objective metric."
            )));
        }
        Ok(this)
    }

    /// Returns the request of a training job with this combination.
    pub(super) fn training_job(&self, name: &str, combination: &Combination) -> Input {
        let mut job = self.job.clone();
        job.insert("TrainingJobName".to_owned(), name.into());
        if let Some(Value::Object(hyperparameters)) = job.get_mut("HyperParameters") {
            let tuned = combination.values.iter();
            hyperparameters.extend(tuned.map(|(name, value)| (name.clone(), Value::from(value.as_str()))));
        }
        job
    }
}
