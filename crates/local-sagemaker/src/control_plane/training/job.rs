//! Training jobs as records: statuses, transitions and descriptions.

use std::{fmt::Debug, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::metrics::JobMetric;
use crate::{
    aws::{
        json::{ApiError, Input},
        time::ApiTimestamp,
    },
    control_plane::{
        names::RecordKind,
        reason,
        store::{Record, RecordData, StoredData},
    },
};

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::control_plane) struct TrainingJob {
    status: TrainingStatus,
    /// What it went through, the present last; never empty.
    transitions: Vec<Transition>,
    failure: Option<String>,
    metrics: Vec<JobMetric>,
    artifact: String,
    /// The tuning job that started it.
    tuning_arn: Option<String>,
    #[serde(skip)]
    stop: StopSignal,
}

/// Stops a job. Clones are the same signal.
#[derive(Debug, Clone, Default)]
pub(super) struct StopSignal(Arc<Notify>);

impl StopSignal {
    /// Stops the job, now or when it waits for this signal.
    pub(super) fn stop(&self) {
        self.0.notify_one();
    }

    pub(super) async fn stopped(&self) {
        self.0.notified().await;
    }
}

/// How a job ends.
#[derive(Debug)]
pub(super) enum TrainingEnd {
    /// With a model, and the metrics of its log.
    Completed(Vec<JobMetric>),
    /// Because it was asked to.
    Stopped,
    /// Because it took longer than it might.
    TooLong,
    /// With this reason.
    Failed(String),
}

impl TrainingJob {
    pub(super) fn new(artifact: String, tuning_arn: Option<String>, stop: StopSignal) -> Self {
        Self {
            status: TrainingStatus::InProgress,
            transitions: Vec::new(),
            failure: None,
            metrics: Vec::new(),
            artifact,
            tuning_arn,
            stop,
        }
    }

    /// Returns the last value of a metric in the log of a completed job.
    pub(in crate::control_plane) fn metric(&self, name: &str) -> Option<f64> {
        self.metrics.iter().find(|metric| metric.name == name).map(|metric| metric.value)
    }

    pub(in crate::control_plane) fn training_status(&self) -> TrainingStatus {
        self.status
    }

    pub(in crate::control_plane) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Transition {
    status: SecondaryStatus,
    start: ApiTimestamp,
    end: Option<ApiTimestamp>,
}

/// The statuses, with the API's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::control_plane) enum TrainingStatus {
    InProgress,
    Stopping,
    Stopped,
    Completed,
    Failed,
}

impl TrainingStatus {
    pub(super) const fn is_final(self) -> bool {
        matches!(self, Self::Stopped | Self::Completed | Self::Failed)
    }
}

/// The steps of a job, with the API's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum SecondaryStatus {
    Starting,
    Downloading,
    Training,
    Uploading,
    Stopping,
    Completed,
    Failed,
    Stopped,
    MaxRuntimeExceeded,
}

impl SecondaryStatus {
    /// What the service says of it.
    const fn message(self) -> &'static str {
        match self {
            Self::Starting => "Starting the training job",
            Self::Downloading => "Downloading input data",
            Self::Training => "Training image download completed. Training in progress.",
            Self::Uploading => "Uploading generated training model",
            Self::Stopping => "Stopping the training job",
            Self::Completed => "Training job completed",
            Self::Failed => "Training job failed",
            Self::Stopped => "Training job stopped",
            Self::MaxRuntimeExceeded => "Training job stopped: it took longer than MaxRuntimeInSeconds",
        }
    }
}

impl Record<TrainingJob> {
    pub(super) fn enter(&mut self, status: SecondaryStatus) {
        let now = ApiTimestamp::now();
        if let Some(last) = self.data.transitions.last_mut() {
            last.end = Some(now);
        }
        let end = matches!(
            status,
            SecondaryStatus::Completed
                | SecondaryStatus::Failed
                | SecondaryStatus::Stopped
                | SecondaryStatus::MaxRuntimeExceeded
        );
        self.data.transitions.push(Transition { status, start: now, end: end.then_some(now) });
        self.modified = now;
    }

    fn secondary(&self) -> Value {
        let last =
            self.data.transitions.last().map_or(SecondaryStatus::Starting, |transition| transition.status);
        format!("{last:?}").into()
    }

    /// When it left the queue.
    pub(in crate::control_plane) fn started(&self) -> Option<ApiTimestamp> {
        self.data.transitions.iter().find(|t| t.status == SecondaryStatus::Downloading).map(|t| t.start)
    }

    pub(in crate::control_plane) fn ended(&self) -> Option<ApiTimestamp> {
        self.data.status.is_final().then_some(self.modified)
    }
}

impl RecordData for TrainingJob {
    const KIND: RecordKind = RecordKind::TRAINING_JOB;

    fn status(&self) -> Option<&dyn Debug> {
        Some(&self.status)
    }

    fn summarize(record: &Record<Self>, entry: &mut Input) {
        entry.insert("SecondaryStatus".to_owned(), record.secondary());
        entry.extend(record.ended().map(|ended| ("TrainingEndTime".to_owned(), ended.into())));
    }

    fn describe(record: &Record<Self>, described: &mut Input) {
        // The service adds what the request left out; clients read these members without asking whether they are there.
        if let Some(Value::Object(output)) = described.get_mut("OutputDataConfig") {
            output.entry("KmsKeyId").or_insert("".into());
        }
        for flag in
            ["EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining", "EnableNetworkIsolation"]
        {
            described.entry(flag).or_insert(false.into());
        }
        let mut set = |member: &str, value: Value| described.insert(member.to_owned(), value);
        let job = &record.data;
        let transitions = job.transitions.iter().map(|transition| {
            let mut described = json!({
                "Status": format!("{:?}", transition.status),
                "StartTime": Value::from(transition.start),
                "StatusMessage": transition.status.message(),
            });
            if let Some(end) = transition.end {
                described["EndTime"] = end.into();
            }
            described
        });
        set("SecondaryStatusTransitions", transitions.collect());
        set("SecondaryStatus", record.secondary());
        set("ModelArtifacts", json!({ "S3ModelArtifacts": job.artifact }));
        if let Some(started) = record.started() {
            set("TrainingStartTime", started.into());
            if let Some(ended) = record.ended() {
                set("TrainingEndTime", ended.into());
                set("TrainingTimeInSeconds", ended.seconds_since(started).into());
                set("BillableTimeInSeconds", ended.seconds_since(started).into());
            }
        }
        if !job.metrics.is_empty() {
            set("FinalMetricDataList", job.metrics.iter().map(JobMetric::describe).collect());
        }
        if let Some(arn) = &job.tuning_arn {
            set("TuningJobArn", arn.as_str().into());
        }
        if let Some(failure) = &job.failure {
            set("FailureReason", failure.as_str().into());
        }
    }
}

impl StoredData for TrainingJob {
    fn is_final(&self) -> bool {
        self.status.is_final()
    }
}

impl Record<TrainingJob> {
    /// Ends the job.
    pub(super) fn end(&mut self, end: TrainingEnd) {
        let (status, secondary) = match end {
            TrainingEnd::Completed(metrics) => {
                self.data.metrics = metrics;
                (TrainingStatus::Completed, SecondaryStatus::Completed)
            }
            TrainingEnd::Stopped => (TrainingStatus::Stopped, SecondaryStatus::Stopped),
            TrainingEnd::TooLong => (TrainingStatus::Stopped, SecondaryStatus::MaxRuntimeExceeded),
            TrainingEnd::Failed(failure) => {
                self.data.failure = Some(reason(&failure));
                (TrainingStatus::Failed, SecondaryStatus::Failed)
            }
        };
        self.data.status = status;
        self.enter(secondary);
    }

    /// Stops the job; does nothing if it is being stopped already.
    pub(in crate::control_plane) fn stop(&mut self) -> Result<(), ApiError> {
        match self.data.status {
            TrainingStatus::InProgress => {
                self.data.stop.stop();
                self.data.status = TrainingStatus::Stopping;
                self.enter(SecondaryStatus::Stopping);
                Ok(())
            }
            TrainingStatus::Stopping => Ok(()),
            TrainingStatus::Stopped | TrainingStatus::Completed | TrainingStatus::Failed => {
                Err(RecordKind::TRAINING_JOB.rejected(self.data.status))
            }
        }
    }
}
