//! The folders of a job's hosts, each laid out as `/opt/ml`, with their configuration and their shares of the channels.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use axum::body::Bytes;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::{
    job::TrainingEnd,
    request::{RequestedChannel, TrainingJobRequest},
};
use crate::{
    aws::client::AwsClient,
    control_plane::s3_source::{S3SourceError, SourceObject},
};

/// The folder of a host in its container.
const OPT_ML: &str = "/opt/ml";

/// The folders of a job's hosts; removed when dropped.
#[derive(Debug)]
pub(super) struct HostFolders {
    root: TempDir,
    /// At least one, the leader's first.
    pub(super) hosts: Vec<PathBuf>,
}

impl HostFolders {
    pub(super) fn leader(&self) -> &Path {
        self.hosts.first().map_or(self.root.path(), PathBuf::as_path)
    }

    /// Returns a text in which the folders of the hosts are replaced by the one that each has in its container.
    pub(super) fn with_container_paths(&self, text: &str) -> String {
        // The last first: the name of the first begins the names of others, as `algo-1` begins `algo-10`.
        let folders = self.hosts.iter().rev().map(|folder| folder.to_string_lossy());
        folders.fold(text.to_owned(), |text, folder| text.replace(&*folder, OPT_ML))
    }

    /// Creates the folders with configuration and channels.
    pub(super) async fn download(s3: &AwsClient, request: &TrainingJobRequest) -> Result<Self, TrainingEnd> {
        let root = TempDir::new().map_err(|error| disk(&error))?;
        let hosts: Vec<PathBuf> = request.hosts.iter().map(|host| root.path().join(host)).collect();
        let folders = Self { root, hosts };
        folders.configure(request).map_err(|error| disk(&error))?;
        for channel in &request.channels {
            folders.fetch(s3, channel).await?;
        }
        Ok(folders)
    }

    fn configure(&self, request: &TrainingJobRequest) -> io::Result<()> {
        let channels: Map<String, Value> =
            request.channels.iter().map(|channel| (channel.name.clone(), channel.config.clone())).collect();
        let channels = Value::from(channels).to_string();
        let hyperparameters = json!(request.hyperparameters).to_string();
        for (folder, name) in self.hosts.iter().zip(&request.hosts) {
            let config = folder.join("input/config");
            fs::create_dir_all(&config)?;
            let resources = json!({ "current_host": name, "hosts": request.hosts }).to_string();
            fs::write(config.join("hyperparameters.json"), &hyperparameters)?;
            fs::write(config.join("inputdataconfig.json"), &channels)?;
            fs::write(config.join("resourceconfig.json"), resources)?;
        }
        Ok(())
    }

    /// Downloads the objects of a channel. A sharded one is dealt to the hosts in turn, object by object.
    async fn fetch(&self, s3: &AwsClient, channel: &RequestedChannel) -> Result<(), TrainingEnd> {
        let name = &channel.name;
        let objects = channel.source.objects(s3).await.map_err(|error| match error {
            S3SourceError::Empty(_) => client_error(&format!(
                "{error} given in input data source of channel {name}. Please ensure that the bucket exists in the \
                 selected region and that objects exist under that S3 prefix."
            )),
            S3SourceError::S3(error) => download_failed(name, &error),
            S3SourceError::Manifest { .. } | S3SourceError::Key(_) => client_error(&error.to_string()),
        })?;
        let channels: Vec<ChannelFolder<'_>> =
            self.hosts.iter().map(|host| ChannelFolder { data: host.join("input/data"), channel }).collect();
        for folder in &channels {
            folder.create().map_err(|error| disk(&error))?;
        }
        let n_sharing = if channel.is_sharded { channels.len() } else { 1 };
        for (number, object) in objects.iter().enumerate() {
            let body = s3.get(&object.uri).await.map_err(|error| download_failed(name, &error))?;
            channels[number % n_sharing].add(object, &body).map_err(|error| disk(&error))?;
        }
        if let Some((first, others)) = channels.split_first().filter(|_| !channel.is_sharded) {
            for other in others {
                other.replicate(first, &objects).map_err(|error| disk(&error))?;
            }
        }
        Ok(())
    }
}

/// A channel on a host: a folder of files, or in Pipe mode one stream of all objects, here a file, which reads the same.
struct ChannelFolder<'a> {
    data: PathBuf,
    channel: &'a RequestedChannel,
}

impl ChannelFolder<'_> {
    fn path(&self) -> PathBuf {
        let name = &self.channel.name;
        self.data.join(if self.channel.is_pipe { format!("{name}_0") } else { name.clone() })
    }

    fn create(&self) -> io::Result<()> {
        if !self.channel.is_pipe {
            return fs::create_dir_all(self.path());
        }
        fs::create_dir_all(&self.data).and_then(|()| fs::write(self.path(), ""))
    }

    fn add(&self, object: &SourceObject, body: &Bytes) -> io::Result<()> {
        if self.channel.is_pipe {
            return OpenOptions::new().append(true).open(self.path())?.write_all(body);
        }
        let path = self.path().join(&object.path);
        fs::create_dir_all(path.parent().unwrap_or(&self.data)).and_then(|()| fs::write(&path, body))
    }

    /// Gives this host the files of another, without copying them.
    fn replicate(&self, from: &Self, objects: &[SourceObject]) -> io::Result<()> {
        if self.channel.is_pipe {
            return fs::remove_file(self.path()).and_then(|()| fs::hard_link(from.path(), self.path()));
        }
        for object in objects {
            let path = self.path().join(&object.path);
            fs::create_dir_all(path.parent().unwrap_or(&self.data))?;
            // A manifest can list an object twice.
            if !path.exists() {
                fs::hard_link(from.path().join(&object.path), path)?;
            }
        }
        Ok(())
    }
}

fn disk(error: &io::Error) -> TrainingEnd {
    TrainingEnd::Failed(format!("InternalServerError: the job's folder cannot be used: {error}"))
}

fn client_error(reason: &str) -> TrainingEnd {
    TrainingEnd::Failed(format!("ClientError: Data download failed: {reason}"))
}

fn download_failed(channel: &str, error: &dyn std::error::Error) -> TrainingEnd {
    client_error(&format!(
        "Failed to download data of channel {channel}. {error}. Please ensure that the bucket and the objects exist, \
         and that the role may read them."
    ))
}
