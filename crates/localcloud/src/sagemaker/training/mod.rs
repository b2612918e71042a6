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
    SageMaker, arn_only, echo,
    names::Kind,
    reason,
    store::{Entry, page},
    tags::NewTags,
};
use crate::{
    aws_json::{ApiError, Input},
    time::Timestamp,
};
use request::Request;
use work::{End, Metric};

#[derive(Debug)]
pub(super) struct TrainingJob {
    name: String,
    input: Input,
    created: Timestamp,
    status: Status,
    /// What it went through, the present last; never empty.
    transitions: Vec<Transition>,
    failure: Option<String>,
    metrics: Vec<Metric>,
    artifact: String,
    /// Set when it is to be stopped; looked at between two steps.
    stop: Arc<AtomicBool>,
}

#[derive(Debug)]
struct Transition {
    status: Secondary,
    start: Timestamp,
    end: Option<Timestamp>,
    message: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    InProgress,
    Stopping,
    Stopped,
    Completed,
    Failed,
}

impl Status {
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
        let now = Timestamp::now();
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

    fn modified(&self) -> Timestamp {
        self.transitions.last().map_or(self.created, |transition| transition.start)
    }

    fn secondary(&self) -> &'static str {
        self.transitions.last().map_or(Secondary::Starting, |transition| transition.status).texts().0
    }

    /// When it left the queue.
    fn started(&self) -> Option<Timestamp> {
        self.transitions.iter().find(|t| t.status == Secondary::Downloading).map(|t| t.start)
    }

    fn ended(&self) -> Option<Timestamp> {
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
        described["TrainingJobArn"] = Kind::TrainingJob.arn(&self.name).into();
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

impl SageMaker {
    pub(super) fn create_training_job(&self, input: &Input) -> Result<Value, ApiError> {
        let name = Kind::TrainingJob.name(input)?;
        let request = Request::new(&name, input)?;
        let tags = NewTags::new(input)?;
        let stop = Arc::new(AtomicBool::new(false));
        let mut job = TrainingJob {
            name: name.clone(),
            input: input.clone(),
            created: Timestamp::now(),
            status: Status::InProgress,
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
            state.tags.create(&Kind::TrainingJob.arn(&name), tags);
        }
        let service = self.clone();
        tokio::spawn(async move {
            let end = service.train(&name, &request, &stop).await;
            service.end_training(&name, end);
        });
        Ok(arn_only(Kind::TrainingJob, Kind::TrainingJob.name(input)?.as_str()))
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

    async fn train(&self, name: &str, request: &Request, stop: &AtomicBool) -> End {
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
                (Status::Completed, Secondary::Completed)
            }
            End::Stopped => (Status::Stopped, Secondary::Stopped),
            End::TooLong => (Status::Stopped, Secondary::MaxRuntimeExceeded),
            End::Failed(failure) => {
                job.failure = Some(reason(&failure));
                (Status::Failed, Secondary::Failed)
            }
        };
        job.status = status;
        job.enter(secondary);
    }

    pub(super) fn describe_training_job(&self, input: &Input) -> Result<Value, ApiError> {
        let name = Kind::TrainingJob.name(input)?;
        Ok(self.state().jobs.get(&name)?.describe())
    }

    pub(super) fn list_training_jobs(&self, input: &Input) -> Result<Value, ApiError> {
        let state = self.state();
        let entries = state.jobs.values().map(|job| {
            let mut summary = json!({
                "TrainingJobName": job.name,
                "TrainingJobArn": Kind::TrainingJob.arn(&job.name),
                "CreationTime": Value::from(job.created),
                "LastModifiedTime": Value::from(job.modified()),
                "TrainingJobStatus": job.status.as_str(),
                "SecondaryStatus": job.secondary(),
            });
            if let Some(ended) = job.ended() {
                summary["TrainingEndTime"] = ended.into();
            }
            Entry { name: job.name.clone(), created: job.created, status: Some(job.status.as_str()), summary }
        });
        page(entries.collect(), "TrainingJobSummaries", input)
    }

    pub(super) fn stop_training_job(&self, input: &Input) -> Result<Value, ApiError> {
        let name = Kind::TrainingJob.name(input)?;
        let mut state = self.state();
        let job = state.jobs.get_mut(&name)?;
        match job.status {
            Status::InProgress => {
                job.stop.store(true, Ordering::Relaxed);
                job.status = Status::Stopping;
                job.enter(Secondary::Stopping);
                Ok(Value::Null)
            }
            Status::Stopping => Ok(Value::Null),
            Status::Stopped | Status::Completed | Status::Failed => Err(ApiError::validation(format!(
                "The request was rejected because the training job is in status {}.",
                job.status.as_str()
            ))),
        }
    }
}

/// How long a job may run that says nothing of it: the service's default, a day.
const DEFAULT_MAX_RUNTIME: Duration = Duration::from_hours(24);
