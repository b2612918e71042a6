//! Tuning jobs as records: the training jobs that they have started, and descriptions.

use std::{fmt::Debug, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{ranges::Combination, request::Objective};
use crate::{
    aws::{json::Input, time::ApiTimestamp},
    control_plane::{
        names::RecordKind,
        store::{Record, RecordData, StoredData},
        training::{TrainingJob, TrainingStatus},
    },
};

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::control_plane) struct TuningJob {
    pub(super) status: TuningStatus,
    pub(super) failure: Option<String>,
    /// In the order in which they were started.
    pub(super) trials: Vec<Trial>,
    /// Set to stop the job.
    #[serde(skip)]
    pub(super) stop: Arc<Notify>,
}

/// The statuses, with the API's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum TuningStatus {
    InProgress,
    Stopping,
    Stopped,
    Completed,
    Failed,
}

impl TuningStatus {
    pub(super) const fn is_final(self) -> bool {
        matches!(self, Self::Stopped | Self::Completed | Self::Failed)
    }
}

/// A training job that a tuning job has started.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Trial {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) created: ApiTimestamp,
    /// The position of its definition in the request, and its name.
    pub(super) definition: (usize, Option<String>),
    pub(super) objective: Objective,
    pub(super) combination: Combination,
    /// `None` while it runs.
    pub(super) outcome: Option<TrialOutcome>,
}

/// How a training job of a tuning job has ended.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TrialOutcome {
    status: TrainingStatus,
    started: Option<ApiTimestamp>,
    ended: Option<ApiTimestamp>,
    failure: Option<String>,
    /// The objective; `None` if its metric is not in the log.
    objective: Option<f64>,
}

impl TrialOutcome {
    pub(super) fn new(job: &Record<TrainingJob>, objective: &Objective) -> Self {
        Self {
            status: job.data.training_status(),
            started: job.started(),
            ended: job.ended(),
            failure: job.data.failure().map(str::to_owned),
            objective: job.data.metric(&objective.metric_name),
        }
    }
}

impl Trial {
    pub(super) fn status(&self) -> TrainingStatus {
        self.outcome.as_ref().map_or(TrainingStatus::InProgress, |outcome| outcome.status)
    }

    /// Returns the final objective, if the job is complete and has one.
    pub(super) fn final_objective(&self) -> Option<f64> {
        let outcome = self.outcome.as_ref()?;
        outcome.objective.filter(|_| outcome.status == TrainingStatus::Completed)
    }

    /// Returns a number that is higher for a better objective.
    pub(super) fn gain(&self) -> Option<f64> {
        self.final_objective().map(|objective| self.objective.direction.gain(objective))
    }

    fn objective_status(&self) -> &'static str {
        match (&self.outcome, self.final_objective()) {
            (None, _) => "Pending",
            (Some(_), Some(_)) => "Succeeded",
            (Some(_), None) => "Failed",
        }
    }

    pub(super) fn describe(&self, tuning_job: &str) -> Value {
        let mut described = json!({
            "TrainingJobName": self.name,
            "TrainingJobArn": self.arn,
            "TuningJobName": tuning_job,
            "CreationTime": Value::from(self.created),
            "TrainingJobStatus": format!("{:?}", self.status()),
            "TunedHyperParameters": self.combination.values,
            "ObjectiveStatus": self.objective_status(),
        });
        if let Some(definition) = &self.definition.1 {
            described["TrainingJobDefinitionName"] = definition.as_str().into();
        }
        if let Some(outcome) = &self.outcome {
            for (name, time) in [("TrainingStartTime", outcome.started), ("TrainingEndTime", outcome.ended)] {
                if let Some(time) = time {
                    described[name] = time.into();
                }
            }
            if let Some(failure) = &outcome.failure {
                described["FailureReason"] = failure.as_str().into();
            }
        }
        if let Some(value) = self.final_objective() {
            described["FinalHyperParameterTuningJobObjectiveMetric"] = json!({
                "Type": format!("{:?}", self.objective.direction),
                "MetricName": self.objective.metric_name,
                "Value": value,
            });
        }
        described
    }
}

impl TuningJob {
    /// Returns the training job with the best objective; of equal ones the first.
    pub(super) fn best(&self) -> Option<&Trial> {
        let mut best: Option<(&Trial, f64)> = None;
        for trial in &self.trials {
            if let Some(gain) = trial.gain()
                && best.is_none_or(|(_, best)| gain > best)
            {
                best = Some((trial, gain));
            }
        }
        best.map(|(trial, _)| trial)
    }

    /// Returns how many training jobs after the best one have ended without a better objective.
    pub(super) fn n_not_improving(&self) -> usize {
        let Some(best) = self.best() else { return 0 };
        let after = self.trials.iter().skip_while(|trial| trial.name != best.name).skip(1);
        after.filter(|trial| trial.outcome.is_some()).count()
    }

    fn count(&self, status: TrainingStatus) -> usize {
        self.trials.iter().filter(|trial| trial.status() == status).count()
    }

    /// Returns the members that a description and an entry in a list have.
    fn counters(&self) -> [(&'static str, Value); 2] {
        let objectives =
            |status| self.trials.iter().filter(|trial| trial.objective_status() == status).count();
        let training = json!({
            "Completed": self.count(TrainingStatus::Completed),
            "InProgress": self.count(TrainingStatus::InProgress),
            "RetryableError": 0,
            "NonRetryableError": self.count(TrainingStatus::Failed),
            "Stopped": self.count(TrainingStatus::Stopped),
        });
        let objective = json!({
            "Succeeded": objectives("Succeeded"),
            "Pending": objectives("Pending"),
            "Failed": objectives("Failed"),
        });
        [("TrainingJobStatusCounters", training), ("ObjectiveStatusCounters", objective)]
    }
}

impl Record<TuningJob> {
    fn extend(&self, members: &mut Input) {
        members.extend(self.data.counters().map(|(name, value)| (name.to_owned(), value)));
        if self.data.status.is_final() {
            members.insert("HyperParameterTuningEndTime".to_owned(), self.modified.into());
        }
    }
}

impl RecordData for TuningJob {
    const KIND: RecordKind = RecordKind::TUNING_JOB;

    fn status(&self) -> Option<&dyn Debug> {
        Some(&self.status)
    }

    fn summarize(record: &Record<Self>, entry: &mut Input) {
        record.extend(entry);
        if let Some(config) = record.input.get("HyperParameterTuningJobConfig") {
            entry.insert("Strategy".to_owned(), config["Strategy"].clone());
            entry.insert("ResourceLimits".to_owned(), config["ResourceLimits"].clone());
        }
    }

    fn describe(record: &Record<Self>, described: &mut Input) {
        record.extend(described);
        let job = &record.data;
        let mut set = |member: &str, value: Value| described.insert(member.to_owned(), value);
        if let Some(best) = job.best() {
            set("BestTrainingJob", best.describe(&record.name));
        }
        let seconds = record.modified.seconds_since(record.created);
        if job.status.is_final() {
            set("ConsumedResources", json!({ "RuntimeInSeconds": seconds }));
            let n_not_improving = job.n_not_improving();
            set(
                "TuningJobCompletionDetails",
                json!({ "NumberOfTrainingJobsObjectiveNotImproving": n_not_improving }),
            );
        }
        if let Some(failure) = &job.failure {
            set("FailureReason", failure.as_str().into());
        }
    }
}

impl StoredData for TuningJob {
    fn is_final(&self) -> bool {
        self.status.is_final()
    }
}
