//! Models that are replaced on disk, picked up while they serve.
//!
//! A thread looks at each model's file (or at the files of its folder) twice a second. What has changed, and has then been
//! left alone from one look to the next, is read; if it is a model, the endpoint serves it from then on, and requests under
//! way finish with the one they began with. If it is none, the old one serves on, one line in the log says why, and nothing
//! more is tried until the file changes again. Replacing a file by renaming over it is safe at any time; a file that is
//! written in place is read when its writer has paused for half a second, and again when it went on.

use std::{
    ffi::OsString,
    fs::{self, Metadata},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, Result};
use mysfits_knn::Model;
use mysfits_sagemaker::{Endpoint, artifact::Artifact};

/// How often files are looked at.
const PERIOD: Duration = Duration::from_millis(500);
/// How many files of a folder are looked at: a model has three.
const MAX_FILES: usize = 64;

/// Reads a model: a `model.tar.gz`, or the folder of its unpacked files.
///
/// # Errors
/// If it is not there, or no model; the path is named.
pub fn read(path: &Path) -> Result<Model> {
    let artifact =
        Artifact::open(path).with_context(|| format!("cannot use the model {}", path.display()))?;
    Ok(artifact.model)
}

/// What a file or a folder looks like from outside; other contents look otherwise, as far as the file system can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(Vec<Option<Stamp>>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    name: OsString,
    modified: Option<SystemTime>,
    size_bytes: u64,
    /// Tells a file renamed over another from that one, whatever its time and size.
    inode: u64,
}

impl Stamp {
    fn new(name: OsString, metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(metadata);
        #[cfg(not(unix))]
        let inode = 0;
        Self { name, modified: metadata.modified().ok(), size_bytes: metadata.len(), inode }
    }
}

impl Fingerprint {
    /// Looks at a path. What is not there, or cannot be looked at, has a fingerprint too.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        let look = |path: &Path| -> io::Result<Vec<Option<Stamp>>> {
            let metadata = fs::metadata(path)?;
            if !metadata.is_dir() {
                return Ok(vec![Some(Stamp::new(OsString::new(), &metadata))]);
            }
            let mut names: Vec<OsString> = fs::read_dir(path)?
                .take(MAX_FILES)
                .map(|entry| Ok(entry?.file_name()))
                .collect::<io::Result<_>>()?;
            names.sort();
            // A file may go between the two looks; that is a change like any other.
            let stamp = |name: OsString| {
                fs::metadata(path.join(&name)).ok().map(|metadata| Stamp::new(name, &metadata))
            };
            Ok(names.into_iter().map(stamp).collect())
        };
        Self(look(path).unwrap_or_default())
    }
}

/// A model's path, and what was last made of it.
#[derive(Debug)]
pub struct Watcher {
    endpoint: Arc<Endpoint>,
    path: PathBuf,
    /// What was last read, with or without success.
    read: Fingerprint,
    /// What was there at the last look, if it was something else.
    changed: Option<Fingerprint>,
}

impl Watcher {
    /// Watches `path`, of which the endpoint's model was read when it looked like `read`. Take the fingerprint before
    /// reading: what changes meanwhile is then noticed.
    #[must_use]
    pub fn new(endpoint: Arc<Endpoint>, path: PathBuf, read: Fingerprint) -> Self {
        Self { endpoint, path, read, changed: None }
    }

    /// Looks once, and replaces the endpoint's model if it is time to.
    pub fn look(&mut self) {
        let now = Fingerprint::of(&self.path);
        if now == self.read {
            self.changed = None;
        } else if self.changed.as_ref() == Some(&now) {
            self.changed = None;
            self.read = now;
            self.reload();
        } else {
            self.changed = Some(now);
        }
    }

    fn reload(&self) {
        let (endpoint, path) = (self.endpoint.name(), self.path.display());
        match read(&self.path) {
            Ok(model) => {
                let (rows, features) = (model.n_samples(), model.feature_dim());
                let before = self.endpoint.model().feature_dim();
                self.endpoint.replace_model(model);
                if features == before {
                    tracing::info!(endpoint, %path, rows, "a new model serves");
                } else {
                    tracing::warn!(endpoint, %path, rows, features, before, "a new model serves, of other features");
                }
            }
            Err(error) => {
                let error = format!("{error:#}");
                tracing::warn!(
                    endpoint,
                    error,
                    "a model was replaced by what cannot be used; the old one serves on"
                );
            }
        }
    }
}

/// Looks at all of them from time to time, as long as the process lives.
///
/// # Errors
/// If there is no thread for it.
pub fn watch(mut watchers: Vec<Watcher>) -> io::Result<()> {
    let look = move || {
        loop {
            thread::sleep(PERIOD);
            watchers.iter_mut().for_each(Watcher::look);
        }
    };
    thread::Builder::new().name("reload".to_owned()).spawn(look)?;
    Ok(())
}
