//! The work of a training job: training on its hosts, and the upload of the model.

use std::path::Path;

use axum::body::Bytes;
use mysfits_knn::CancellationToken;
use mysfits_sagemaker::{
    artifact::Artifact,
    training::{Job, WorkerHost},
};
use tokio::{sync::OwnedSemaphorePermit, task::spawn_blocking};

use super::{channels::HostFolders, job::TrainingEnd, metrics::JobMetric, request::TrainingJobRequest};
use crate::aws::{client::AwsClient, logs::LogStream, time::ApiTimestamp};

/// The log group of all training jobs.
const LOG_GROUP: &str = "/aws/sagemaker/TrainingJobs";

/// What training gives.
pub(super) struct TrainingResult {
    pub(super) artifact: Bytes,
    pub(super) metrics: Vec<JobMetric>,
}

/// The log of each host, in their order, and the result.
struct HostLogs {
    logs: Vec<String>,
    trained: Result<TrainingResult, String>,
}

/// Trains as the container does; each host's log goes to a stream of its own. The permit is held until the threads end.
pub(super) async fn train(
    logs: &AwsClient,
    name: &str,
    request: &std::sync::Arc<TrainingJobRequest>,
    folders: HostFolders,
    cancellation: CancellationToken,
    permit: OwnedSemaphorePermit,
) -> Result<TrainingResult, TrainingEnd> {
    let (hosts, request) = (request.hosts.clone(), std::sync::Arc::clone(request));
    let HostLogs { logs: lines, trained } = spawn_blocking(move || {
        let _permit = permit;
        train_on_hosts(&request, &folders, cancellation)
    })
    .await
    .map_err(|panic| TrainingEnd::Failed(format!("InternalServerError: {panic}")))?;
    let start = ApiTimestamp::now().millis() / 1000;
    for (host, lines) in hosts.iter().zip(&lines) {
        let stream = format!("{name}/{host}-{start}");
        logs.log(&LogStream { group: LOG_GROUP.to_owned(), stream }, lines).await;
    }
    trained.map_err(TrainingEnd::Failed)
}

fn train_on_hosts(
    request: &TrainingJobRequest,
    folders: &HostFolders,
    cancellation: CancellationToken,
) -> HostLogs {
    let mut logs = vec![Vec::new(); folders.hosts.len().max(1)];
    let mut trained = Ok(());
    if let Some((leader_log, worker_logs)) = logs.split_first_mut() {
        let workers = folders.hosts.iter().skip(1).zip(worker_logs);
        let mut workers: Vec<_> = workers.map(|(opt_ml, log)| WorkerHost { opt_ml, log }).collect();
        let job = Job::new(folders.leader()).cancellation(cancellation);
        trained = job.run_with_workers(leader_log, &mut workers);
    }
    let logs: Vec<String> =
        logs.iter().map(|log| folders.with_container_paths(&String::from_utf8_lossy(log))).collect();
    let trained = trained
        .map_err(|error| error.failure_reason())
        .and_then(|()| pack(&folders.leader().join("model")))
        .map_err(|failure| folders.with_container_paths(&failure))
        .map(|artifact| TrainingResult { artifact, metrics: request.metrics.find(&logs.concat()) });
    HostLogs { logs, trained }
}

fn pack(folder: &Path) -> Result<Bytes, String> {
    let mut archive = Vec::new();
    let packed = Artifact::read_folder(folder).and_then(|artifact| artifact.write(&mut archive));
    packed.map_err(|error| format!("InternalServerError: the model cannot be packed: {error}"))?;
    Ok(archive.into())
}

/// Writes the model to where the job was asked to.
pub(super) async fn upload(
    s3: &AwsClient,
    request: &TrainingJobRequest,
    artifact: Bytes,
) -> Result<(), TrainingEnd> {
    s3.put(&request.artifact, artifact).await.map_err(|error| {
        TrainingEnd::Failed(format!(
            "ClientError: the model cannot be uploaded to {}: {error}",
            request.artifact
        ))
    })
}
