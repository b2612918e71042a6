//! Training jobs that train: `mysfits-sagemaker`'s container contract on channels from S3, its model uploaded to S3.
//!
//! Each host of a job is a thread with a folder of its own. A stopped job, or one that exceeds its time, leaves no model.
//!
//! - `request`: what a job is asked to do.
//! - `job`: the record.
//! - `channels`: the folders of the hosts; `work`: training and upload.
//! - `metrics`: metric definitions, and what they find in the log.

mod channels;
mod job;
mod metrics;
mod request;
mod work;

use std::{future::Future, num::NonZero, sync::Arc, thread, time::Duration};

use mysfits_knn::CancellationToken;
use serde_json::Value;
use tokio::{sync::Semaphore, time::timeout};

use super::{SageMakerService, names::RecordKind, store::NewRecord};
use crate::aws::json::{ApiError, Input};
use channels::HostFolders;
use job::{SecondaryStatus, StopSignal, TrainingEnd};
pub(super) use job::{TrainingJob, TrainingStatus};
pub(super) use request::TrainingJobRequest;

/// How many jobs download and train at the same time; the others wait.
#[derive(Debug)]
pub(super) struct TrainingSlots(Arc<Semaphore>);

impl Default for TrainingSlots {
    fn default() -> Self {
        let n_cores = thread::available_parallelism().map_or(1, NonZero::get);
        Self(Arc::new(Semaphore::new(n_cores.max(2))))
    }
}

/// Who starts a job.
#[derive(Debug)]
pub(super) enum JobOrigin {
    /// A client, which polls it: a status lasts as long as others.
    Client,
    /// The tuning job with this ARN: no client waits for single statuses.
    Tuning(String),
}

impl SageMakerService {
    pub(super) fn create_training_job(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::TRAINING_JOB.name(input)?;
        tokio::spawn(self.start_training(&name, input.clone(), JobOrigin::Client)?);
        Ok(self.arn_only(RecordKind::TRAINING_JOB, &name))
    }

    /// Creates a job. It makes progress, to its end, while the returned future is polled.
    pub(super) fn start_training(
        &self,
        name: &str,
        mut input: Input,
        origin: JobOrigin,
    ) -> Result<impl Future<Output = ()> + Send + use<>, ApiError> {
        let request = Arc::new(TrainingJobRequest::new(name, &mut input)?);
        let new = NewRecord::new(RecordKind::TRAINING_JOB, &input)?;
        let stop = StopSignal::default();
        let (pause, tuning_arn) = match origin {
            JobOrigin::Client => (self.0.pace.0, None),
            JobOrigin::Tuning(arn) => (Duration::ZERO, Some(arn)),
        };
        let job = TrainingJob::new(request.artifact.to_string(), tuning_arn, stop.clone());
        self.state().jobs.insert(new, job)?.enter(SecondaryStatus::Starting);
        let (service, name) = (self.clone(), name.to_owned());
        Ok(async move {
            let cancellation = CancellationToken::new();
            let steps = JobSteps { service: &service, name: &name, request: &request, pause };
            let end = tokio::select! {
                biased;
                () = stop.stopped() => TrainingEnd::Stopped,
                end = steps.run(cancellation.clone()) => end,
            };
            // What still trains ends soon.
            cancellation.cancel();
            if matches!(end, TrainingEnd::Stopped) {
                tokio::time::sleep(pause).await;
            }
            if let Ok(job) = service.state().jobs.get_mut(&name) {
                job.end(end);
            }
        })
    }

    /// Deletes the record of a job that has ended. Its model and its log remain.
    pub(super) fn delete_training_job(&self, input: &Input) -> Result<Value, ApiError> {
        let mut state = self.state();
        let job = state.jobs.get(&RecordKind::TRAINING_JOB.name(input)?)?;
        if !job.data.training_status().is_final() {
            let ApiError { message, .. } = RecordKind::TRAINING_JOB.rejected(job.data.training_status());
            return Err(ApiError::new("ResourceInUse", message));
        }
        state.jobs.delete(input)
    }

    pub(super) fn stop_training_job(&self, input: &Input) -> Result<Value, ApiError> {
        self.state().jobs.get_mut(&RecordKind::TRAINING_JOB.name(input)?)?.stop()?;
        Ok(Value::Null)
    }
}

/// A job that runs.
struct JobSteps<'a> {
    service: &'a SageMakerService,
    name: &'a str,
    request: &'a Arc<TrainingJobRequest>,
    /// How long a status lasts at least.
    pause: Duration,
}

impl JobSteps<'_> {
    async fn run(self, cancellation: CancellationToken) -> TrainingEnd {
        let shared = &self.service.0;
        tokio::time::sleep(self.pause).await;
        let Ok(permit) = Arc::clone(&shared.training_slots.0).acquire_owned().await else {
            return TrainingEnd::Stopped;
        };
        let steps = async {
            self.enter(SecondaryStatus::Downloading);
            let folders = HostFolders::download(&shared.s3, self.request).await?;
            tokio::time::sleep(self.pause).await;
            self.enter(SecondaryStatus::Training);
            let trained =
                work::train(&shared.logs, self.name, self.request, folders, cancellation, permit).await?;
            tokio::time::sleep(self.pause).await;
            self.enter(SecondaryStatus::Uploading);
            work::upload(&shared.s3, self.request, trained.artifact).await?;
            tokio::time::sleep(self.pause).await;
            Ok(trained.metrics)
        };
        match timeout(self.request.max_runtime, steps).await {
            Ok(Ok(metrics)) => TrainingEnd::Completed(metrics),
            Ok(Err(end)) => end,
            Err(_) => TrainingEnd::TooLong,
        }
    }

    fn enter(&self, status: SecondaryStatus) {
        if let Ok(job) = self.service.state().jobs.get_mut(self.name) {
            job.enter(status);
        }
    }
}
