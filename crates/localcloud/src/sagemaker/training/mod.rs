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
    SageMakerService, arn_only, echo,
    names::RecordKind,
    reason,
    store::{ListEntry, page},
    tags::NewTags,
};
use crate::{
    aws_json::{ApiError, Input},
    time::ApiTimestamp,
};
use request::TrainingJobRequest;
use work::{End, JobMetric};

#[derive(Debug)]
pub(super) struct TrainingJob {
    name: String,
    input: Input,
    created: ApiTimestamp,
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
    message: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TrainingStatus {
    InProgress,
    Stopping,
    Stopped,
    Completed,
    Failed,
}

impl TrainingStatus {
    const fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Stopping => "Stopping",
            Self::Stopped => "Stopped",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
        }
    }

    const fn is_final(self) -> bool {
        matches!(self, Self::Stopped | Self::Completed | Self::Failed)
    }
}

/// The steps of a job.
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
    /// Its name, and what the service says of it.
    const fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Starting => ("Starting", "Starting the training job"),
            Self::Downloading => ("Downloading", "Downloading input data"),
            Self::Training => ("Training", "Training image download completed. Training in progress."),
            Self::Uploading => ("Uploading", "Uploading generated training model"),
            Self::Stopping => ("Stopping", "Stopping the training job"),
            Self::Completed => ("Completed", "Training job completed"),
            Self::Failed => ("Failed", "Training job failed"),
            Self::Stopped => ("Stopped", "Training job stopped"),
            Self::MaxRuntimeExceeded => {
                ("MaxRuntimeExceeded", "Training job stopped: it took longer than MaxRuntimeInSeconds")
            }
        }
    }
}

impl TrainingJob {
    fn enter(&mut self, status: Secondary) {
        let now = ApiTimestamp::now();
        if let Some(last) = self.transitions.last_mut() {
            last.end = Some(now);
        }
        let end = matches!(
            status,
            Secondary::Completed | Secondary::Failed | Secondary::Stopped | Secondary::MaxRuntimeExceeded
        );
        let transition =
            Transition { status, start: now, end: end.then_some(now), message: status.texts().1 };
        self.transitions.push(transition);
    }

    fn modified(&self) -> ApiTimestamp {
        self.transitions.last().map_or(self.created, |transition| transition.start)
    }

    fn secondary(&self) -> &'static str {
        self.transitions.last().map_or(Secondary::Starting, |transition| transition.status).texts().0
    }

    /// When it left the queue.
    fn started(&self) -> Option<ApiTimestamp> {
        self.transitions.iter().find(|t| t.status == Secondary::Downloading).map(|t| t.start)
    }

    fn ended(&self) -> Option<ApiTimestamp> {
        self.status.is_final().then(|| self.modified())
    }

    fn describe(&self) -> Value {
        let mut described = echo(&self.input);
        // The service adds what the request left out; clients read these members without asking whether they are there.
        if let Some(Value::Object(output)) = described.get_mut("OutputDataConfig") {
            output.entry("KmsKeyId").or_insert("".into());
        }
        for flag in
            ["EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining", "EnableNetworkIsolation"]
        {
            described.entry(flag).or_insert(false.into());
        }
        let mut described = Value::from(described);
        let transitions = self.transitions.iter().map(|transition| {
            let mut described = json!({
                "Status": transition.status.texts().0,
                "StartTime": Value::from(transition.start),
                "StatusMessage": transition.message,
            });
            if let Some(end) = transition.end {
                described["EndTime"] = end.into();
            }
            described
        });
        described["SecondaryStatusTransitions"] = transitions.collect();
        described["TrainingJobArn"] = RecordKind::TrainingJob.arn(&self.name).into();
        described["TrainingJobStatus"] = self.status.as_str().into();
        described["SecondaryStatus"] = self.secondary().into();
        described["CreationTime"] = self.created.into();
        described["LastModifiedTime"] = self.modified().into();
        described["ModelArtifacts"] = json!({ "S3ModelArtifacts": self.artifact });
        if let Some(started) = self.started() {
            described["TrainingStartTime"] = started.into();
            if let Some(ended) = self.ended() {
                described["TrainingEndTime"] = ended.into();
                described["TrainingTimeInSeconds"] = ended.seconds_since(started).into();
                described["BillableTimeInSeconds"] = ended.seconds_since(started).into();
            }
        }
        if !self.metrics.is_empty() {
            let metrics = self.metrics.iter().map(|metric| {
                json!({
                    "MetricName": metric.name,
                    "Value": metric.value,
                    "Timestamp": Value::from(metric.time),
                })
            });
            described["FinalMetricDataList"] = metrics.collect();
        }
        if let Some(failure) = &self.failure {
            described["FailureReason"] = failure.as_str().into();
        }
        described
    }
}

impl SageMakerService {
    pub(super) fn create_training_job(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::TrainingJob.name(input)?;
        let request = TrainingJobRequest::new(&name, input)?;
        let tags = NewTags::new(input)?;
        let stop = Arc::new(AtomicBool::new(false));
        let mut job = TrainingJob {
            name: name.clone(),
            input: input.clone(),
            created: ApiTimestamp::now(),
            status: TrainingStatus::InProgress,
            transitions: Vec::new(),
            failure: None,
            metrics: Vec::new(),
            artifact: request.artifact.to_string(),
            stop: Arc::clone(&stop),
        };
        job.enter(Secondary::Starting);
        {
            let mut state = self.state();
            state.jobs.insert(&name, job)?;
            state.tags.create(&RecordKind::TrainingJob.arn(&name), tags);
        }
        let service = self.clone();
        tokio::spawn(async move {
            let end = service.train(&name, &request, &stop).await;
            service.end_training(&name, end);
        });
        Ok(arn_only(RecordKind::TrainingJob, RecordKind::TrainingJob.name(input)?.as_str()))
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
            let folder = work::download(&self.0.emulator, request).await?;
            self.enter(name, Secondary::Training, stop).await?;
            let trained = work::train(&self.0.emulator, name, folder).await?;
            self.enter(name, Secondary::Uploading, stop).await?;
            work::upload(&self.0.emulator, request, trained.artifact).await?;
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
                job.metrics = metrics;
                (TrainingStatus::Completed, Secondary::Completed)
            }
            End::Stopped => (TrainingStatus::Stopped, Secondary::Stopped),
            End::TooLong => (TrainingStatus::Stopped, Secondary::MaxRuntimeExceeded),
            End::Failed(failure) => {
                job.failure = Some(reason(&failure));
                (TrainingStatus::Failed, Secondary::Failed)
            }
        };
        job.status = status;
        job.enter(secondary);
    }

    pub(super) fn describe_training_job(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::TrainingJob.name(input)?;
        Ok(self.state().jobs.get(&name)?.describe())
    }

    pub(super) fn list_training_jobs(&self, input: &Input) -> Result<Value, ApiError> {
        let state = self.state();
        let entries = state.jobs.values().map(|job| {
            let mut summary = json!({
                "TrainingJobName": job.name,
                "TrainingJobArn": RecordKind::TrainingJob.arn(&job.name),
                "CreationTime": Value::from(job.created),
                "LastModifiedTime": Value::from(job.modified()),
                "TrainingJobStatus": job.status.as_str(),
                "SecondaryStatus": job.secondary(),
            });
            if let Some(ended) = job.ended() {
                summary["TrainingEndTime"] = ended.into();
            }
            ListEntry {
                name: job.name.clone(),
                created: job.created,
                status: Some(job.status.as_str()),
                summary,
            }
        });
        page(entries.collect(), "TrainingJobSummaries", input)
    }

    pub(super) fn stop_training_job(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::TrainingJob.name(input)?;
        let mut state = self.state();
        let job = state.jobs.get_mut(&name)?;
        match job.status {
            TrainingStatus::InProgress => {
                job.stop.store(true, Ordering::Relaxed);
                job.status = TrainingStatus::Stopping;
                job.enter(Secondary::Stopping);
                Ok(Value::Null)
            }
            TrainingStatus::Stopping => Ok(Value::Null),
            TrainingStatus::Stopped | TrainingStatus::Completed | TrainingStatus::Failed => {
                Err(ApiError::validation(format!(
                    "The request was rejected because the training job is in status {}.",
                    job.status.as_str()
                )))
            }
        }
    }
}

/// How long a job may run that says nothing of it: the service's default, a day.
const DEFAULT_MAX_RUNTIME: Duration = Duration::from_hours(24);
