//! The steps of a training job, between S3 and a folder laid out as `/opt/ml`.

use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

use axum::body::Bytes;
use mysfits_sagemaker::{artifact::Artifact, training};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use super::request::{ChannelObjects, RequestedChannel, TrainingJobRequest};
use crate::aws::{
    client::AwsClient,
    logs::LogStream,
    s3::{S3Error, S3Uri},
    time::ApiTimestamp,
};

/// How a job ends.
#[derive(Debug)]
pub(super) enum End {
    /// With a model, and its scores.
    Completed(Vec<JobMetric>),
    /// Because it was asked to.
    Stopped,
    /// Because it took longer than it might.
    TooLong,
    /// With this reason.
    Failed(String),
}

/// A score of the model on the test channel.
#[derive(Debug, Clone)]
pub(super) struct JobMetric {
    pub(super) name: String,
    pub(super) value: f64,
    pub(super) time: ApiTimestamp,
}

/// What training gives.
pub(super) struct TrainingResult {
    pub(super) artifact: Bytes,
    pub(super) metrics: Vec<JobMetric>,
}

fn disk(error: &io::Error) -> End {
    End::Failed(format!("InternalServerError: the job's folder cannot be used: {error}"))
}

/// Makes the folder with configuration and channels.
pub(super) async fn download(s3: &AwsClient, request: &TrainingJobRequest) -> Result<TempDir, End> {
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
        fetch(s3, channel, &folder.path().join("input/data")).await?;
    }
    Ok(folder)
}

/// An object of a channel, and its path in the channel's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Object {
    uri: S3Uri,
    path: PathBuf,
}

/// Downloads the objects of a channel into its folder or, in Pipe mode, one after the other into its pipe.
async fn fetch(s3: &AwsClient, channel: &RequestedChannel, data: &Path) -> Result<(), End> {
    let RequestedChannel { name, source, is_pipe, .. } = channel;
    let objects = match source {
        ChannelObjects::Prefix(prefix) => prefix_objects(s3, name, prefix).await?,
        ChannelObjects::Manifest(manifest) => {
            let text = s3.get(manifest).await.map_err(|error| download_failed(name, &error))?;
            manifest_objects(&text).map_err(|reason| {
                client_error(&format!("the manifest file \"{manifest}\" of channel {name} {reason}"))
            })?
        }
    };
    // A pipe is one stream of all objects: here a file, which reads the same.
    let mut piped = Vec::new();
    for Object { uri, path } in objects {
        let body = s3.get(&uri).await.map_err(|error| download_failed(name, &error))?;
        if *is_pipe {
            piped.extend_from_slice(&body);
        } else {
            let path = data.join(name).join(path);
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

fn client_error(reason: &str) -> End {
    End::Failed(format!("ClientError: Data download failed: {reason}"))
}

fn download_failed(channel: &str, error: &S3Error) -> End {
    client_error(&format!(
        "Failed to download data of channel {channel}. {error}. Please ensure that the bucket and the objects exist, \
         and that the role may read them."
    ))
}

/// Returns the object of exactly this key or all below it, as SageMaker reads prefixes.
async fn prefix_objects(s3: &AwsClient, channel: &str, prefix: &S3Uri) -> Result<Vec<Object>, End> {
    let keys = s3.list(prefix).await.map_err(|error| download_failed(channel, &error))?;
    let keys: Vec<String> = keys.into_iter().filter(|key| !key.ends_with('/')).collect();
    if keys.is_empty() {
        return Err(client_error(&format!(
            "No S3 objects found under S3 URL \"{prefix}\" given in input data source of channel {channel}. Please \
             ensure that the bucket exists in the selected region and that objects exist under that S3 prefix."
        )));
    }
    // A path begins after the prefix's last slash.
    let folder = prefix.key.rfind('/').map_or(0, |slash| slash + 1);
    let objects = keys.into_iter().map(|key| {
        let path = key.get(folder..).and_then(relative).ok_or_else(|| not_a_path(&key))?;
        Ok(Object { uri: S3Uri { bucket: prefix.bucket.clone(), key }, path })
    });
    objects.collect::<Result<_, String>>().map_err(|reason| client_error(&reason))
}

/// Returns the objects that a manifest lists, `[{"prefix": "s3://bucket/folder/"}, "a.csv", "b/c.csv"]`: their
/// addresses are the prefix and an entry each, their paths the entries.
fn manifest_objects(text: &[u8]) -> Result<Vec<Object>, String> {
    #[derive(Deserialize)]
    struct ManifestHead {
        prefix: String,
    }
    let expected =
        "must be a JSON array of {\"prefix\": \"s3://bucket/folder/\"} and at least one path below it";
    let invalid = |reason: &str| format!("{expected}: {reason}");
    let entries: Vec<Value> = serde_json::from_slice(text).map_err(|error| invalid(&error.to_string()))?;
    let (head, paths) = entries.split_first().ok_or_else(|| invalid("it is empty"))?;
    let ManifestHead { prefix } =
        ManifestHead::deserialize(head).map_err(|error| invalid(&format!("{head}: {error}")))?;
    if paths.is_empty() {
        return Err(invalid("it lists no object"));
    }
    let object = |entry: &Value| {
        let entry = entry.as_str().ok_or_else(|| invalid(&format!("{entry} is not a string")))?;
        let path = relative(entry).ok_or_else(|| invalid(&not_a_path(entry)))?;
        let uri = format!("{prefix}{entry}").parse().map_err(|error| invalid(&format!("{error}")))?;
        Ok(Object { uri, path })
    };
    paths.iter().map(object).collect()
}

/// Returns a path that stays in its folder; `None` if it leaves it, or names no file.
fn relative(path: &str) -> Option<PathBuf> {
    let is_file = !path.is_empty() && !path.ends_with('/');
    let path = PathBuf::from(path);
    let is_inside = path.components().all(|component| matches!(component, Component::Normal(_)));
    (is_file && is_inside).then_some(path)
}

fn not_a_path(key: &str) -> String {
    format!("the key {key:?} is not a path of a file")
}

/// Trains as the container does; its log goes to the job's stream.
pub(super) async fn train(logs: &AwsClient, name: &str, folder: TempDir) -> Result<TrainingResult, End> {
    let (log, trained) = spawn_blocking(move || {
        let mut log = Vec::new();
        let trained = training::run(folder.path(), &mut log)
            .map_err(|error| error.failure_reason())
            .and_then(|()| pack(&folder.path().join("model")));
        (String::from_utf8_lossy(&log).into_owned(), trained)
    })
    .await
    .map_err(|panic| End::Failed(format!("InternalServerError: {panic}")))?;
    let stream = format!("{name}/algo-1-{}", ApiTimestamp::now().millis() / 1000);
    logs.log(&LogStream { group: "/aws/sagemaker/TrainingJobs".to_owned(), stream }, &log).await;
    let artifact = trained.map_err(End::Failed)?;
    Ok(TrainingResult { artifact, metrics: metrics(&log) })
}

fn pack(folder: &Path) -> Result<Bytes, String> {
    let mut archive = Vec::new();
    let packed = Artifact::read_folder(folder).and_then(|artifact| artifact.write(&mut archive));
    packed.map_err(|error| format!("InternalServerError: the model cannot be packed: {error}"))?;
    Ok(archive.into())
}

/// Writes the model to where the job was asked to.
pub(super) async fn upload(s3: &AwsClient, request: &TrainingJobRequest, artifact: Bytes) -> Result<(), End> {
    s3.put(&request.artifact, artifact).await.map_err(|error| {
        End::Failed(format!("ClientError: the model cannot be uploaded to {}: {error}", request.artifact))
    })
}

/// The scores in a log, by the names the service's metric definitions for k-NN give them: `test:accuracy`, `test:mse`.
fn metrics(log: &str) -> Vec<JobMetric> {
    let scores = log.lines().filter_map(|line| {
        let (_, rest) = line.split_once("#quality_metric: host=")?;
        let (_, rest) = rest.split_once(", test ")?;
        let (name, value) = rest.split_once(" <score>=")?;
        Some((name, value.trim().parse().ok()?))
    });
    let time = ApiTimestamp::now();
    scores.map(|(name, value)| JobMetric { name: format!("test:{name}"), value, time }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_paths_inside_the_channel_only() {
        for path in ["a/b.csv", "train.csv", ".hidden"] {
            assert_eq!(relative(path), Some(PathBuf::from(path)));
        }
        for path in ["", "/", "/x", "../x", "a/../x", "a/"] {
            assert_eq!(relative(path), None, "{path}");
        }
    }

    #[test]
    fn reads_manifests() {
        let objects = manifest_objects(br#"[{"prefix": "s3://data/train/"}, "a.csv", "b/c.csv"]"#).unwrap();
        let object = |path: &str| Object {
            uri: S3Uri { bucket: "data".to_owned(), key: format!("train/{path}") },
            path: path.into(),
        };
        assert_eq!(objects, [object("a.csv"), object("b/c.csv")]);
        for (text, expected) in [
            ("", "EOF while parsing"),
            ("[]", "it is empty"),
            (r#"["a.csv"]"#, "invalid type"),
            (r#"[{"prefix": "s3://data/"}]"#, "it lists no object"),
            (r#"[{"prefix": "s3://data/"}, 1]"#, "1 is not a string"),
            (r#"[{"prefix": "s3://data/"}, "../x"]"#, r#"the key "../x" is not a path of a file"#),
            (r#"[{"prefix": "data/"}, "x"]"#, r#"invalid S3 URI: "data/x""#),
        ] {
            let reason = manifest_objects(text.as_bytes()).unwrap_err();
            assert!(reason.contains(expected), "{text}: {reason}");
        }
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
