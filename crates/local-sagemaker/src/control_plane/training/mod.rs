//! Training jobs that train: `mysfits-sagemaker`'s container contract on channels from S3, its model uploaded to S3.

mod request;
mod work;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    SageMakerService,
    names::RecordKind,
    reason,
    store::{NewRecord, Record, RecordData},
};
use crate::aws::{
    json::{ApiError, Input},
    time::ApiTimestamp,
};
use request::TrainingJobRequest;
use work::{End, JobMetric};

#[derive(Debug)]
pub(super) struct TrainingJob {
    status: TrainingStatus,
    /// What it went through, the present last; never empty.
    transitions: Vec<Transition>,
    failure: Option<String>,
    metrics: Vec<JobMetric>,
    artifact: String,
    /// Set to stop the job; checked between two steps.
    stop: Arc<AtomicBool>,
}

#[derive(Debug)]
struct Transition {
    status: Secondary,
    start: ApiTimestamp,
    end: Option<ApiTimestamp>,
}

/// The statuses, with the API's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TrainingStatus {
    InProgress,
    Stopping,
    Stopped,
    Completed,
    Failed,
}

impl TrainingStatus {
    const fn is_final(self) -> bool {
        matches!(self, Self::Stopped | Self::Completed | Self::Failed)
    }
}

/// The steps of a job, with the API's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Secondary {
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

impl Secondary {
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
    fn enter(&mut self, status: Secondary) {
        let now = ApiTimestamp::now();
        if let Some(last) = self.data.transitions.last_mut() {
            last.end = Some(now);
        }
        let end = matches!(
            status,
            Secondary::Completed | Secondary::Failed | Secondary::Stopped | Secondary::MaxRuntimeExceeded
        );
        self.data.transitions.push(Transition { status, start: now, end: end.then_some(now) });
        self.modified = now;
    }

    fn secondary(&self) -> Value {
        let last = self.data.transitions.last().map_or(Secondary::Starting, |transition| transition.status);
        format!("{last:?}").into()
    }

    /// When it left the queue.
    fn started(&self) -> Option<ApiTimestamp> {
        self.data.transitions.iter().find(|t| t.status == Secondary::Downloading).map(|t| t.start)
    }

    fn ended(&self) -> Option<ApiTimestamp> {
        self.data.status.is_final().then_some(self.modified)
    }
}

impl RecordData for TrainingJob {
    const KIND: RecordKind = RecordKind::TRAINING_JOB;

    fn status(&self) -> Option<String> {
        Some(format!("{:?}", self.status))
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
            let metrics = job.metrics.iter().map(|metric| {
                json!({
                    "MetricName": metric.name,
                    "Value": metric.value,
                    "Timestamp": Value::from(metric.time),
                })
            });
            set("FinalMetricDataList", metrics.collect());
        }
        if let Some(failure) = &job.failure {
            set("FailureReason", failure.as_str().into());
        }
    }
}

impl SageMakerService {
    pub(super) fn create_training_job(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::TRAINING_JOB.name(input)?;
        let request = TrainingJobRequest::new(&name, input)?;
        let new = NewRecord::new(RecordKind::TRAINING_JOB, input)?;
        let stop = Arc::new(AtomicBool::new(false));
        let job = TrainingJob {
            status: TrainingStatus::InProgress,
            transitions: Vec::new(),
            failure: None,
            metrics: Vec::new(),
            artifact: request.artifact.to_string(),
            stop: Arc::clone(&stop),
        };
        self.state().jobs.insert(new, job)?.enter(Secondary::Starting);
        let answer = self.arn_only(RecordKind::TRAINING_JOB, &name);
        let service = self.clone();
        tokio::spawn(async move {
            let end = service.train(&name, &request, &stop).await;
            service.end_training(&name, end);
        });
        Ok(answer)
    }

    /// The next step of a job, unless it is to be stopped.
    async fn enter(&self, name: &str, status: Secondary, stop: &AtomicBool) -> Result<(), End> {
        self.pause().await;
        if stop.load(Ordering::Relaxed) {
            return Err(End::Stopped);
        }
        if let Ok(job) = self.state().jobs.get_mut(name) {
            job.enter(status);
        }
        Ok(())
    }

    async fn train(&self, name: &str, request: &TrainingJobRequest, stop: &AtomicBool) -> End {
        let steps = async {
            self.enter(name, Secondary::Downloading, stop).await?;
            let folder = work::download(&self.0.s3, request).await?;
            self.enter(name, Secondary::Training, stop).await?;
            let trained = work::train(&self.0.logs, name, folder).await?;
            self.enter(name, Secondary::Uploading, stop).await?;
            work::upload(&self.0.s3, request, trained.artifact).await?;
            self.pause().await;
            Ok(trained.metrics)
        };
        match tokio::time::timeout(request.max_runtime, steps).await {
            Ok(Ok(metrics)) => End::Completed(metrics),
            Ok(Err(end)) => end,
            Err(_) => End::TooLong,
        }
    }

    fn end_training(&self, name: &str, end: End) {
        let mut state = self.state();
        let Ok(job) = state.jobs.get_mut(name) else { return };
        let (status, secondary) = match end {
            End::Completed(metrics) => {
                job.data.metrics = metrics;
                (TrainingStatus::Completed, Secondary::Completed)
            }
            End::Stopped => (TrainingStatus::Stopped, Secondary::Stopped),
            End::TooLong => (TrainingStatus::Stopped, Secondary::MaxRuntimeExceeded),
            End::Failed(failure) => {
                job.data.failure = Some(reason(&failure));
                (TrainingStatus::Failed, Secondary::Failed)
            }
        };
        job.data.status = status;
        job.enter(secondary);
    }

    pub(super) fn stop_training_job(&self, input: &Input) -> Result<Value, ApiError> {
        let mut state = self.state();
        let job = state.jobs.get_mut(&RecordKind::TRAINING_JOB.name(input)?)?;
        match job.data.status {
            TrainingStatus::InProgress => {
                job.data.stop.store(true, Ordering::Relaxed);
                job.data.status = TrainingStatus::Stopping;
                job.enter(Secondary::Stopping);
                Ok(Value::Null)
            }
            TrainingStatus::Stopping => Ok(Value::Null),
            TrainingStatus::Stopped | TrainingStatus::Completed | TrainingStatus::Failed => {
                Err(ApiError::validation(format!(
                    "The request was rejected because the training job is in status {:?}.",
                    job.data.status
                )))
            }
        }
    }
}

/// How long a job may run that says nothing of it: the service's default, a day.
const DEFAULT_MAX_RUNTIME: Duration = Duration::from_hours(24);
