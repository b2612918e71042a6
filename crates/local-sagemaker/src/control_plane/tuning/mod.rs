//! Hyperparameter tuning jobs: searches that start ordinary training jobs and compare an objective from their logs.
//!
//! The training jobs of a tuning job wait for no client between two statuses, so that a search over `k` takes as long as its
//! training, and up to `MaxParallelTrainingJobs` of them run at the same time. Several definitions take turns.
//!
//! - `ranges`: ranges of hyperparameters; `search`: the strategies.
//! - `request`: what a tuning job is asked to do; `job`: the record.
//!
//! Refused by name: the strategy Hyperband, warm starts, Autotune, detection of convergence. `TrainingJobEarlyStoppingType` has
//! no effect: k-NN reports its objective once, at the end.

mod gaussian_process;
mod job;
mod ranges;
mod request;
mod search;

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::{
    sync::Notify,
    task::JoinSet,
    time::{Instant, sleep_until},
};
use uuid::Uuid;

use super::{SageMakerService, names::RecordKind, store::NewRecord, training::JobOrigin};
use crate::aws::{
    json::{ApiError, Input, member},
    time::ApiTimestamp,
};
pub(super) use job::TuningJob;
use job::{Trial, TrialOutcome, TuningStatus};
use request::TuningRequest;
use search::Observation;

/// A tuning job fails if none of its first jobs succeeds.
const MAX_FIRST_FAILURES: usize = 5;
/// The longest name, in bytes: a training job's name is this and 13 more.
const MAX_NAME_BYTES: usize = 32;
const DEFAULT_PAGE: usize = 10;
const MAX_PAGE: usize = 100;

impl SageMakerService {
    pub(super) fn create_tuning_job(&self, input: &Input) -> Result<Value, ApiError> {
        let kind = RecordKind::TUNING_JOB;
        let name = kind.name(input)?;
        if name.len() > MAX_NAME_BYTES {
            let constraint = format!("Member must have length less than or equal to {MAX_NAME_BYTES}");
            return Err(ApiError::constraint(&name, "hyperParameterTuningJobName", &constraint));
        }
        let random_seed = || Uuid::new_v4().as_u64_pair().0;
        let mut input = input.clone();
        let request = TuningRequest::new(&mut input, random_seed)?;
        let new = NewRecord::new(kind, &input)?;
        let stop = Arc::new(Notify::new());
        let status = TuningStatus::InProgress;
        let job = TuningJob { status, failure: None, trials: Vec::new(), stop: Arc::clone(&stop) };
        self.state().tuning_jobs.insert(new, job)?;
        let search = RunningSearch {
            service: self.clone(),
            arn: self.arn(kind, &name),
            name: name.clone(),
            request,
            turn: 0,
            running: JoinSet::new(),
        };
        tokio::spawn(search.run(stop));
        Ok(self.arn_only(kind, &name))
    }

    pub(super) fn describe_tuning_job(&self, input: &Input) -> Result<Value, ApiError> {
        known(RecordKind::TUNING_JOB.name(input)?, self.state().tuning_jobs.describe(input))
    }

    pub(super) fn stop_tuning_job(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::TUNING_JOB.name(input)?;
        let mut state = self.state();
        let job = known(name, state.tuning_jobs.get_mut(&RecordKind::TUNING_JOB.name(input)?))?;
        if job.data.status.is_final() {
            return Err(RecordKind::TUNING_JOB.rejected(job.data.status));
        }
        job.data.status = TuningStatus::Stopping;
        job.modified = ApiTimestamp::now();
        job.data.stop.notify_one();
        Ok(Value::Null)
    }

    /// Deletes the record of a tuning job that has ended. Its training jobs remain.
    pub(super) fn delete_tuning_job(&self, input: &Input) -> Result<Value, ApiError> {
        let mut state = self.state();
        let status = state.tuning_jobs.get(&RecordKind::TUNING_JOB.name(input)?)?.data.status;
        if !status.is_final() {
            return Err(RecordKind::TUNING_JOB.rejected(status));
        }
        state.tuning_jobs.delete(input)
    }

    /// Lists the training jobs of a tuning job: by name, ascending, unless it is asked otherwise.
    pub(super) fn list_tuned_training_jobs(&self, input: &Input) -> Result<Value, ApiError> {
        let members =
            ["HyperParameterTuningJobName", "NextToken", "MaxResults", "StatusEquals", "SortBy", "SortOrder"];
        super::members::refuse_others(input, "", &members)?;
        let name = RecordKind::TUNING_JOB.name(input)?;
        let state = self.state();
        let job = known(name.clone(), state.tuning_jobs.get(&name))?;
        let status: Option<String> = member(input, "StatusEquals")?;
        let has_status =
            |trial: &&Trial| status.as_ref().is_none_or(|status| format!("{:?}", trial.status()) == *status);
        let mut trials: Vec<&Trial> = job.data.trials.iter().filter(has_status).collect();
        match member::<String>(input, "SortBy")?.as_deref() {
            None | Some("Name") => trials.sort_by(|a, b| a.name.cmp(&b.name)),
            Some("CreationTime") => trials.sort_by_key(|trial| trial.created),
            Some("Status") => trials.sort_by_key(|trial| format!("{:?}", trial.status())),
            Some("FinalObjectiveMetricValue") => {
                trials.retain(|trial| trial.final_objective().is_some());
                trials.sort_by(|a, b| {
                    let objective = |trial: &Trial| trial.final_objective().unwrap_or_default();
                    objective(a).total_cmp(&objective(b))
                });
            }
            Some(other) => {
                let constraint = "Member must satisfy enum value set: [Name, CreationTime, Status, \
                                  FinalObjectiveMetricValue]";
                return Err(ApiError::constraint(other, "sortBy", constraint));
            }
        }
        match member::<String>(input, "SortOrder")?.as_deref() {
            None | Some("Ascending") => {}
            Some("Descending") => trials.reverse(),
            Some(other) => {
                let constraint = "Member must satisfy enum value set: [Ascending, Descending]";
                return Err(ApiError::constraint(other, "sortOrder", constraint));
            }
        }
        page(&trials, &job.name, input)
    }
}

fn page(trials: &[&Trial], tuning_job: &str, input: &Input) -> Result<Value, ApiError> {
    let size = member::<usize>(input, "MaxResults")?.unwrap_or(DEFAULT_PAGE);
    if !(1..=MAX_PAGE).contains(&size) {
        let constraint = format!("Member must have value between 1 and {MAX_PAGE}");
        return Err(ApiError::constraint(&size.to_string(), "maxResults", &constraint));
    }
    let token: Option<String> = member(input, "NextToken")?;
    let start = token.as_deref().map_or(Ok(0), str::parse::<usize>);
    let start = start.map_err(|_| ApiError::validation("Invalid NextToken"))?.min(trials.len());
    let end = trials.len().min(start + size);
    let page: Vec<Value> = trials[start..end].iter().map(|trial| trial.describe(tuning_job)).collect();
    let mut answer = json!({ "TrainingJobSummaries": page });
    if end < trials.len() {
        answer["NextToken"] = end.to_string().into();
    }
    Ok(answer)
}

/// Replaces the error for an unknown name by the service's.
fn known<T>(name: String, found: Result<T, ApiError>) -> Result<T, ApiError> {
    found.map_err(|_| {
        let message = format!("Amazon SageMaker can't find a tuning job with the name {name}.");
        ApiError::new("ResourceNotFound", message)
    })
}

/// A tuning job that runs.
struct RunningSearch {
    service: SageMakerService,
    name: String,
    arn: String,
    request: TuningRequest,
    /// The definition of the next job.
    turn: usize,
    /// The training jobs that run; each ends with its number among the trials.
    running: JoinSet<usize>,
}

impl RunningSearch {
    async fn run(mut self, stop: Arc<Notify>) {
        let deadline = Instant::now() + self.request.max_runtime;
        self.service.pause().await;
        let (status, failure) = tokio::select! {
            biased;
            () = stop.notified() => (TuningStatus::Stopped, None),
            () = sleep_until(deadline) => (TuningStatus::Stopped, None),
            (status, failure) = self.search() => (status, failure),
        };
        self.stop_running().await;
        self.service.pause().await;
        let mut state = self.service.state();
        let Ok(job) = state.tuning_jobs.get_mut(&self.name) else { return };
        (job.data.status, job.data.failure) = (status, failure);
        job.modified = ApiTimestamp::now();
    }

    /// Starts training jobs until there is no more to try, or until a criterion of completion is met.
    async fn search(&mut self) -> (TuningStatus, Option<String>) {
        let mut is_exhausted = false;
        loop {
            while !is_exhausted && self.running.len() < self.request.max_parallel_jobs {
                match self.start_next() {
                    Ok(has_started) => is_exhausted = !has_started,
                    Err(error) => return (TuningStatus::Failed, Some(error.message)),
                }
            }
            let Some(ended) = self.running.join_next().await else { break };
            if let Ok(number) = ended {
                self.end_trial(number);
            }
            if self.is_complete() {
                return (TuningStatus::Completed, None);
            }
            if let Some(failure) = self.failure(MAX_FIRST_FAILURES) {
                return (TuningStatus::Failed, Some(failure));
            }
        }
        match self.failure(1) {
            Some(failure) => (TuningStatus::Failed, Some(failure)),
            None => (TuningStatus::Completed, None),
        }
    }

    /// Starts the next training job; `false` if all were started.
    fn start_next(&mut self) -> Result<bool, ApiError> {
        let n_definitions = self.request.definitions.len();
        let (n_trials, observed) = {
            let state = self.service.state();
            let job = &state.tuning_jobs.get(&self.name)?.data;
            let observed = |definition| {
                let of_definition = job.trials.iter().filter(move |trial| trial.definition.0 == definition);
                let observe = |trial: &Trial| {
                    Some(Observation { point: trial.combination.point.clone(), objective: trial.gain()? })
                };
                of_definition.filter_map(observe).collect::<Vec<_>>()
            };
            (job.trials.len(), (0..n_definitions).map(observed).collect::<Vec<_>>())
        };
        if n_trials == self.request.max_jobs {
            return Ok(false);
        }
        // A grid may have no more combinations while others have.
        for _ in 0..n_definitions {
            let number = self.turn % n_definitions;
            self.turn += 1;
            let definition = &mut self.request.definitions[number];
            let Some(combination) = definition.search.next(&observed[number]) else { continue };
            let unique = Uuid::new_v4().simple().to_string();
            let name = format!("{}-{:03}-{}", self.name, n_trials + 1, &unique[..8]);
            let input = definition.training_job(&name, &combination);
            let trial = Trial {
                arn: self.service.arn(RecordKind::TRAINING_JOB, &name),
                name,
                created: ApiTimestamp::now(),
                definition: (number, definition.name.clone()),
                objective: definition.objective.clone(),
                combination,
                outcome: None,
            };
            let training =
                self.service.start_training(&trial.name, input, JobOrigin::Tuning(self.arn.clone()))?;
            self.service.state().tuning_jobs.get_mut(&self.name)?.data.trials.push(trial);
            self.running.spawn(async move {
                training.await;
                n_trials
            });
            return Ok(true);
        }
        Ok(false)
    }

    fn end_trial(&self, number: usize) {
        let mut state = self.service.state();
        let super::Records { jobs, tuning_jobs, .. } = &mut *state;
        let Ok(tuning) = tuning_jobs.get_mut(&self.name) else { return };
        let Some(trial) = tuning.data.trials.get_mut(number) else { return };
        if let Ok(job) = jobs.get(&trial.name) {
            trial.outcome = Some(TrialOutcome::new(job, &trial.objective));
        }
        tuning.modified = ApiTimestamp::now();
    }

    fn is_complete(&self) -> bool {
        let state = self.service.state();
        let Ok(job) = state.tuning_jobs.get(&self.name) else { return true };
        let TuningRequest { target, max_not_improving, .. } = &self.request;
        let reaches = |target: f64| {
            job.data.best().and_then(|best| Some(best.gain()? >= best.objective.direction.gain(target)))
        };
        target.and_then(reaches).unwrap_or(false)
            || max_not_improving.is_some_and(|max| job.data.n_not_improving() >= max)
    }

    /// Returns why the job fails: at least `n_ended` training jobs have ended, and none with an objective.
    fn failure(&self, n_ended: usize) -> Option<String> {
        let state = self.service.state();
        let trials = &state.tuning_jobs.get(&self.name).ok()?.data.trials;
        let ended = trials.iter().filter(|trial| trial.outcome.is_some()).count();
        let has_failed = ended >= n_ended && trials.iter().all(|trial| trial.gain().is_none());
        has_failed.then(|| {
            format!(
                "No training job succeeded after {ended} attempts. Please take a look at the training job failures to get \
                 more details."
            )
        })
    }

    /// Stops the training jobs that still run, and waits for their ends.
    async fn stop_running(&mut self) {
        let running: Vec<String> = {
            let state = self.service.state();
            let trials = state.tuning_jobs.get(&self.name).map(|job| &job.data.trials);
            let running = trials.into_iter().flatten().filter(|trial| trial.outcome.is_none());
            running.map(|trial| trial.name.clone()).collect()
        };
        for name in running {
            if let Ok(job) = self.service.state().jobs.get_mut(&name) {
                // One that has ended in the meantime needs no stop.
                let _ = job.stop();
            }
        }
        while let Some(ended) = self.running.join_next().await {
            if let Ok(number) = ended {
                self.end_trial(number);
            }
        }
    }
}
