//! Transform jobs that transform: objects from S3, in requests to a model's container, written to S3 as `.out` objects.
//!
//! `InstanceCount` is the number of workers, which take objects from one queue; each has a container of its own. The outputs
//! are the same for every number. If an object fails, the others are still transformed, and the job fails at the end.
//!
//! Source: SageMaker Developer Guide, "Use Batch Transform"; the service model of `sagemaker`; log lines and reasons as
//! published logs of jobs show them.

mod container;
mod job_log;
mod object;
mod request;
mod run;
mod workers;

use std::{fmt::Debug, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{
    SageMakerService,
    model::ModelMode,
    names::RecordKind,
    reason,
    store::{NewRecord, Record, RecordData, StoredData},
};
use crate::aws::{
    json::{ApiError, Input},
    time::ApiTimestamp,
};
use request::TransformJobRequest;
use workers::BusyWorkers;

/// The most jobs that run at a time.
const MAX_RUNNING_JOBS: usize = 100;

/// What survives a restart is serialized.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TransformJob {
    status: TransformStatus,
    failure: Option<String>,
    started: Option<ApiTimestamp>,
    ended: Option<ApiTimestamp>,
    /// Set to stop the job.
    #[serde(skip)]
    stop: watch::Sender<bool>,
    #[serde(skip)]
    workers: Arc<BusyWorkers>,
}

/// The statuses, with the API's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum TransformStatus {
    InProgress,
    Stopping,
    Stopped,
    Completed,
    Failed,
}

/// How a transform job ends.
#[derive(Debug, Clone, PartialEq, Eq)]
enum TransformEnd {
    Completed,
    Stopped,
    /// With this reason.
    Failed(String),
}

impl RecordData for TransformJob {
    const KIND: RecordKind = RecordKind::TRANSFORM_JOB;

    fn status(&self) -> Option<&dyn Debug> {
        Some(&self.status)
    }

    fn summarize(record: &Record<Self>, entry: &mut Input) {
        let TransformJob { ended, failure, .. } = &record.data;
        entry.extend(ended.map(|ended| ("TransformEndTime".to_owned(), ended.into())));
        entry.extend(failure.as_deref().map(|failure| ("FailureReason".to_owned(), failure.into())));
    }

    fn describe(record: &Record<Self>, described: &mut Input) {
        // The service adds what the request left out.
        let defaults = [
            ("TransformInput", json!({ "CompressionType": "None", "SplitType": "None" })),
            ("TransformOutput", json!({ "AssembleWith": "None", "KmsKeyId": "" })),
            ("DataProcessing", json!({ "InputFilter": "$", "OutputFilter": "$", "JoinSource": "None" })),
        ];
        for (member, defaults) in defaults {
            let member = described.entry(member).or_insert_with(|| json!({}));
            if let (Value::Object(member), Value::Object(defaults)) = (member, defaults) {
                for (name, value) in defaults {
                    member.entry(name).or_insert(value);
                }
            }
        }
        // Only lists have it.
        described.remove("LastModifiedTime");
        let TransformJob { started, ended, failure, .. } = &record.data;
        described.extend(started.map(|started| ("TransformStartTime".to_owned(), started.into())));
        described.extend(ended.map(|ended| ("TransformEndTime".to_owned(), ended.into())));
        described.extend(failure.as_deref().map(|failure| ("FailureReason".to_owned(), failure.into())));
    }
}

impl StoredData for TransformJob {
    fn is_final(&self) -> bool {
        self.ended.is_some()
    }
}

impl SageMakerService {
    pub(super) fn create_transform_job(&self, input: &Input) -> Result<Value, ApiError> {
        let request = TransformJobRequest::new(input)?;
        let new = NewRecord::new(RecordKind::TRANSFORM_JOB, input)?;
        let name = new.name.clone();
        let (stop, stopped) = watch::channel(false);
        let workers = Arc::new(BusyWorkers::default());
        let job = TransformJob {
            status: TransformStatus::InProgress,
            failure: None,
            started: None,
            ended: None,
            stop,
            workers: Arc::clone(&workers),
        };
        let model = {
            let mut state = self.state();
            // The model may be deleted while the job runs.
            let model = state.models.get(&request.model)?.data.clone();
            if model.mode == ModelMode::MultiModel {
                let message = "Batch transform does not support models with the mode MultiModel";
                return Err(ApiError::validation(message));
            }
            let is_running = |job: &&Record<TransformJob>| job.data.ended.is_none();
            if state.transforms.values().filter(is_running).count() >= MAX_RUNNING_JOBS {
                return Err(ApiError::new(
                    "ResourceLimitExceeded",
                    format!("{MAX_RUNNING_JOBS} transform jobs are running; wait until one has ended"),
                ));
            }
            state.transforms.insert(new, job)?;
            model
        };
        let answer = self.arn_only(RecordKind::TRANSFORM_JOB, &name);
        let service = self.clone();
        tokio::spawn(async move {
            let end = tokio::select! {
                end = service.transform(&name, &request, &model, &workers) => end,
                () = stop_requested(stopped) => {
                    service.pause().await;
                    TransformEnd::Stopped
                }
            };
            service.end_transform(&name, end);
        });
        Ok(answer)
    }

    fn begin_transform(&self, name: &str) {
        if let Ok(job) = self.state().transforms.get_mut(name) {
            job.modified = ApiTimestamp::now();
            job.data.started = Some(job.modified);
        }
    }

    fn end_transform(&self, name: &str, end: TransformEnd) {
        let mut state = self.state();
        let Ok(job) = state.transforms.get_mut(name) else { return };
        job.modified = ApiTimestamp::now();
        job.data.ended = Some(job.modified);
        job.data.status = match end {
            TransformEnd::Completed => TransformStatus::Completed,
            TransformEnd::Stopped => TransformStatus::Stopped,
            TransformEnd::Failed(failure) => {
                job.data.failure = Some(reason(&failure));
                TransformStatus::Failed
            }
        };
    }

    pub(super) fn stop_transform_job(&self, input: &Input) -> Result<Value, ApiError> {
        let mut state = self.state();
        let job = state.transforms.get_mut(&RecordKind::TRANSFORM_JOB.name(input)?)?;
        match job.data.status {
            TransformStatus::InProgress => {
                job.data.status = TransformStatus::Stopping;
                job.modified = ApiTimestamp::now();
                job.data.stop.send_replace(true);
                Ok(Value::Null)
            }
            TransformStatus::Stopping => Ok(Value::Null),
            TransformStatus::Stopped | TransformStatus::Completed | TransformStatus::Failed => {
                Err(RecordKind::TRANSFORM_JOB.rejected(job.data.status))
            }
        }
    }

    /// Ends a worker of a transform job at once, as if its machine failed: fault injection. Its object is done again.
    /// Workers are counted from 0. Returns whether there is such a job, and the worker was busy.
    #[must_use]
    pub fn kill_transform_worker(&self, job: &str, worker: usize) -> bool {
        self.state().transforms.get(job).is_ok_and(|job| job.data.workers.kill(worker))
    }
}

async fn stop_requested(mut stopped: watch::Receiver<bool>) {
    // Without a sender the record is gone.
    let _ = stopped.wait_for(|is_stopped| *is_stopped).await;
}
