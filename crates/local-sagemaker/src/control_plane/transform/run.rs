//! The steps of a transform job.

use std::sync::Arc;

use bytes::Buf as _;
use mysfits_knn::Model;
use mysfits_sagemaker::artifact::Artifact;
use tokio::task::spawn_blocking;

use super::{
    TransformEnd,
    container::TransformContainer,
    job_log::{JobLog, settings_line},
    object::{ObjectFailure, ObjectPipeline, TransformObject},
    request::TransformJobRequest,
    workers::{BusyWorkers, run_workers},
};
use crate::{
    aws::{client::AwsClient, http_client::causes, s3::S3Uri},
    control_plane::{
        SageMakerService,
        model::ModelContainer,
        s3_source::{S3Source, SourceObject},
    },
};

/// The most objects of a job.
const MAX_OBJECTS: usize = 100_000;

impl SageMakerService {
    /// Runs a job to its end.
    pub(super) async fn transform(
        &self,
        name: &str,
        request: &TransformJobRequest,
        model: &ModelContainer,
        busy: &BusyWorkers,
    ) -> TransformEnd {
        self.pause().await;
        self.begin_transform(name);
        let end = self.transform_objects(name, request, model, busy).await;
        self.pause().await;
        match end {
            Ok(()) => TransformEnd::Completed,
            Err(reason) => TransformEnd::Failed(reason),
        }
    }

    async fn transform_objects(
        &self,
        name: &str,
        request: &TransformJobRequest,
        model: &ModelContainer,
        busy: &BusyWorkers,
    ) -> Result<(), String> {
        let (s3, logs) = (&self.0.s3, &self.0.logs);
        let objects = objects(s3, request).await.map_err(|reason| format!("ClientError: {reason}"))?;
        let model = load(s3, model).await?;
        let settings = Arc::new(request.settings.clone());
        let container = || TransformContainer::new(name, Arc::clone(&model), Arc::clone(&settings));
        let containers = (0..request.n_workers).map(|_| container()).collect::<Result<Vec<_>, _>>()?;
        let log = JobLog::new(logs, name, request.n_workers);
        let preferred = match containers.first() {
            Some(container) => container.execution_parameters().await,
            None => return Err("ClientError: InstanceCount is 0".to_owned()),
        };
        let strategy = request.strategy.unwrap_or_else(|| preferred.strategy());
        let max_concurrent =
            request.max_concurrent.or(preferred.max_concurrent_transforms).unwrap_or(1).max(1);
        log.begin(model.n_samples(), &settings_line(max_concurrent, settings.max_payload_mb, strategy)).await;
        let processing = match request.parsed_processing() {
            Ok(processing) => processing,
            Err(reason) => {
                // As in the service, the path is read with the first object.
                if let Some(object) = objects.first() {
                    log.fail(0, &object.input, &[reason]).await;
                }
                return Err(see_logs(true));
            }
        };
        let pipeline =
            Arc::new(ObjectPipeline { s3: s3.clone(), settings, processing, strategy, max_concurrent });
        let objects: Arc<[TransformObject]> = objects.into();
        let results = run_workers(request.n_workers, objects.len(), busy, |worker, index| {
            let (pipeline, objects) = (Arc::clone(&pipeline), Arc::clone(&objects));
            let (container, log) = (containers[worker].clone(), log.clone());
            async move {
                let object = &objects[index];
                let result = pipeline.run(&container, object).await;
                if let Err(failure) = &result {
                    log.fail(worker, &object.input, &failure.lines).await;
                }
                result
            }
        })
        .await;
        let failed: Vec<&ObjectFailure> =
            results.iter().flatten().filter_map(|result| result.as_ref().err()).collect();
        if results.iter().any(Option::is_none) {
            return Err("InternalServerError: a worker was lost three times with the same object".to_owned());
        }
        // The container's fault counts more than that of the data.
        match failed.iter().map(|failure| failure.is_client_error).min() {
            None => Ok(()),
            Some(is_client_error) => Err(see_logs(is_client_error)),
        }
    }
}

fn see_logs(is_client_error: bool) -> String {
    let fault = if is_client_error { "ClientError" } else { "AlgorithmError" };
    format!("{fault}: See job logs for more information")
}

async fn load(s3: &AwsClient, model: &ModelContainer) -> Result<Arc<Model>, String> {
    let failed = |reason: String| {
        format!(
            "ClientError: Failed to download model data from URL: \"{}\". Please ensure that there is an object located at \
             the URL and that the role has permissions to download the object. ({reason})",
            model.data
        )
    };
    let bytes = s3.get(&model.data).await.map_err(|error| failed(error.to_string()))?;
    let read = spawn_blocking(move || Artifact::read(bytes.reader()))
        .await
        .map_err(|panic| format!("InternalServerError: {panic}"))?;
    let artifact = read.map_err(|error| {
        format!("AlgorithmError: the container cannot load {}: {}", model.data, causes(&error))
    })?;
    Ok(Arc::new(artifact.model))
}

/// Returns the objects of a job, and where their outputs belong.
async fn objects(s3: &AwsClient, request: &TransformJobRequest) -> Result<Vec<TransformObject>, String> {
    let sources = request.source.objects(s3).await.map_err(|error| {
        format!(
            "Data download failed: {error}. Please ensure that the bucket and the objects exist, and that the role may read \
             them."
        )
    })?;
    if sources.len() > MAX_OBJECTS {
        return Err(format!("there are {} objects (at most {MAX_OBJECTS})", sources.len()));
    }
    let folder = request.output.key.trim_end_matches('/');
    let separator = if folder.is_empty() { "" } else { "/" };
    let object = |source: SourceObject| {
        let path = output_path(&request.source, &source);
        let key = format!("{folder}{separator}{path}.out");
        TransformObject { output: S3Uri { bucket: request.output.bucket.clone(), key }, input: source.uri }
    };
    Ok(sources.into_iter().map(object).collect())
}

/// Returns the path of an output below the job's output path, without its extension: the key of the object without the
/// prefix, if that is a folder or the key itself, or else its path in the folder where the prefix ends.
fn output_path(source: &S3Source, object: &SourceObject) -> String {
    let below_folder = match source {
        S3Source::Prefix(prefix) => object.uri.key.strip_prefix(prefix.key.trim_end_matches('/')),
        S3Source::Manifest(_) => None,
    };
    match below_folder.and_then(|rest| rest.strip_prefix('/')) {
        Some(path) if !path.is_empty() => path.to_owned(),
        _ => object.path.to_string_lossy().into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_named_after_their_inputs() {
        for (prefix, key, path, expected) in [
            ("in/", "in/a.csv", "a.csv", "a.csv"),
            ("in", "in/a.csv", "in/a.csv", "a.csv"),
            ("in", "in/b/a.csv", "in/b/a.csv", "b/a.csv"),
            ("knn/train_knn", "knn/train_knn", "train_knn", "train_knn"),
            ("in/part-", "in/part-1", "part-1", "part-1"),
            ("", "a.csv", "a.csv", "a.csv"),
        ] {
            let uri = |key: &str| S3Uri { bucket: "data".to_owned(), key: key.to_owned() };
            let object = SourceObject { uri: uri(key), path: path.into() };
            assert_eq!(output_path(&S3Source::Prefix(uri(prefix)), &object), expected, "{prefix} {key}");
        }
    }
}
