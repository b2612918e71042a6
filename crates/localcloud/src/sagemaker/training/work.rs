//! The steps of a training job, between S3 and a folder laid out as `/opt/ml`.

use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

use axum::body::Bytes;
use mysfits_sagemaker::{artifact::Artifact, training};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use super::request::{Channel, Request};
use crate::{
    emulator::{Emulator, LogStream, S3Error, S3Uri},
    time::Timestamp,
};

/// How a job ends.
#[derive(Debug)]
pub(super) enum End {
    /// With a model, and its scores.
    Completed(Vec<Metric>),
    /// Because it was asked to.
    Stopped,
    /// Because it took longer than it might.
    TooLong,
    /// With this reason.
    Failed(String),
}

/// A score of the model on the test channel.
#[derive(Debug, Clone)]
pub(super) struct Metric {
    pub(super) name: String,
    pub(super) value: f64,
    pub(super) time: Timestamp,
}

/// What training gives.
pub(super) struct Trained {
    pub(super) artifact: Bytes,
    pub(super) metrics: Vec<Metric>,
}

fn disk(error: &io::Error) -> End {
    End::Failed(format!("InternalServerError: the job's folder cannot be used: {error}"))
}

/// Makes the folder with configuration and channels.
pub(super) async fn download(emulator: &Emulator, request: &Request) -> Result<TempDir, End> {
    let folder = TempDir::new().map_err(|error| disk(&error))?;
    let config = folder.path().join("input/config");
    fs::create_dir_all(&config).map_err(|error| disk(&error))?;
    let channels: Map<String, Value> =
        request.channels.iter().map(|channel| (channel.name.clone(), channel.config.clone())).collect();
    let files = [
        ("hyperparameters.json", json!(request.hyperparameters)),
        ("inputdataconfig.json", channels.into()),
        ("resourceconfig.json", json!({ "current_host": request.hosts.first(), "hosts": request.hosts })),
    ];
    for (name, content) in files {
        fs::write(config.join(name), content.to_string()).map_err(|error| disk(&error))?;
    }
    for channel in &request.channels {
        fetch(emulator, channel, &folder.path().join("input/data")).await?;
    }
    Ok(folder)
}

/// Downloads a channel: the object of exactly this key or all below it, as SageMaker reads prefixes.
async fn fetch(emulator: &Emulator, channel: &Channel, data: &Path) -> Result<(), End> {
    let Channel { name, prefix, is_pipe, .. } = channel;
    let failed = |error: &S3Error| {
        End::Failed(format!(
            "ClientError: Data download failed: Failed to download data of channel {name}. {error}. Please ensure that \
             the bucket and the objects exist, and that the role may read them."
        ))
    };
    let keys = emulator.list(prefix).await.map_err(|error| failed(&error))?;
    let keys: Vec<String> = keys.into_iter().filter(|key| !key.ends_with('/')).collect();
    if keys.is_empty() {
        return Err(End::Failed(format!(
            "ClientError: Data download failed: No S3 objects found under S3 URL \"{prefix}\" given in input data \
             source of channel {name}. Please ensure that the bucket exists in the selected region and that objects \
             exist under that S3 prefix."
        )));
    }
    // A pipe is one stream of all objects: here a file, which reads the same.
    let mut piped = Vec::new();
    for key in keys {
        let object = prefix.clone();
        let body =
            emulator.get(&S3Uri { key: key.clone(), ..object }).await.map_err(|error| failed(&error))?;
        if *is_pipe {
            piped.extend_from_slice(&body);
        } else {
            let path = data.join(name).join(relative(&prefix.key, &key).ok_or_else(|| {
                End::Failed(format!(
                    "ClientError: Data download failed: the key {key:?} is no path of a file"
                ))
            })?);
            let folder = path.parent().unwrap_or(data);
            fs::create_dir_all(folder)
                .and_then(|()| fs::write(&path, &body))
                .map_err(|error| disk(&error))?;
        }
    }
    if *is_pipe {
        let path = data.join(format!("{name}_0"));
        fs::create_dir_all(data).and_then(|()| fs::write(path, piped)).map_err(|error| disk(&error))?;
    }
    Ok(())
}

/// Where an object lies in its channel's folder: its key from the prefix's last slash on. None if it would lie outside.
fn relative(prefix: &str, key: &str) -> Option<PathBuf> {
    let folder = prefix.rfind('/').map_or(0, |slash| slash + 1);
    let path = PathBuf::from(key.get(folder..)?);
    let is_inside = path.components().all(|component| matches!(component, Component::Normal(_)));
    (is_inside && path.file_name().is_some()).then_some(path)
}

/// Trains as the container does; its log goes to the job's stream.
pub(super) async fn train(emulator: &Emulator, name: &str, folder: TempDir) -> Result<Trained, End> {
    let (log, trained) = spawn_blocking(move || {
        let mut log = Vec::new();
        let trained = training::run(folder.path(), &mut log)
            .map_err(|error| error.failure_reason())
            .and_then(|()| pack(&folder.path().join("model")));
        (String::from_utf8_lossy(&log).into_owned(), trained)
    })
    .await
    .map_err(|panic| End::Failed(format!("InternalServerError: {panic}")))?;
    let stream = format!("{name}/algo-1-{}", Timestamp::now().millis() / 1000);
    emulator.log(&LogStream { group: "/aws/sagemaker/TrainingJobs".to_owned(), stream }, &log).await;
    let artifact = trained.map_err(End::Failed)?;
    Ok(Trained { artifact, metrics: metrics(&log) })
}

fn pack(folder: &Path) -> Result<Bytes, String> {
    let mut archive = Vec::new();
    let packed = Artifact::read_folder(folder).and_then(|artifact| artifact.write(&mut archive));
    packed.map_err(|error| format!("InternalServerError: the model cannot be packed: {error}"))?;
    Ok(archive.into())
}

/// Writes the model to where the job was asked to.
pub(super) async fn upload(emulator: &Emulator, request: &Request, artifact: Bytes) -> Result<(), End> {
    emulator.put(&request.artifact, artifact).await.map_err(|error| {
        End::Failed(format!("ClientError: the model cannot be uploaded to {}: {error}", request.artifact))
    })
}

/// The scores in a log, by the names the service's metric definitions for k-NN give them: `test:accuracy`, `test:mse`.
fn metrics(log: &str) -> Vec<Metric> {
    let scores = log.lines().filter_map(|line| {
        let (_, rest) = line.split_once("#quality_metric: host=")?;
        let (_, rest) = rest.split_once(", test ")?;
        let (name, value) = rest.split_once(" <score>=")?;
        Some((name, value.trim().parse().ok()?))
    });
    let time = Timestamp::now();
    scores.map(|(name, value)| Metric { name: format!("test:{name}"), value, time }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_lie_in_their_channel_and_nowhere_else() {
        let check = |prefix, key, expected: Option<&str>| {
            assert_eq!(relative(prefix, key), expected.map(PathBuf::from), "{prefix} {key}");
        };
        check("data/train/", "data/train/a/b.csv", Some("a/b.csv"));
        check("data/train", "data/train.csv", Some("train.csv"));
        check("data/train", "data/train/x", Some("train/x"));
        check("", "x", Some("x"));
        check("data/", "data/../x", None);
        check("data/", "data//x", None);
        check("data/", "data/", None);
    }

    #[test]
    fn scores_are_read_from_the_log() {
        let log = "[11/22/2026 22:30:00 INFO 7] #test_score (algo-1) : ('accuracy', 0.75)\n\
                   [11/22/2026 22:30:00 INFO 7] #quality_metric: host=algo-1, test accuracy <score>=0.75\n\
                   [11/22/2026 22:30:00 INFO 7] #quality_metric: host=algo-1, test macro_f_1.000 <score>=0.5\n";
        let scores: Vec<(String, f64)> =
            metrics(log).into_iter().map(|metric| (metric.name, metric.value)).collect();
        assert_eq!(scores, [("test:accuracy".to_owned(), 0.75), ("test:macro_f_1.000".to_owned(), 0.5)]);
    }
}
