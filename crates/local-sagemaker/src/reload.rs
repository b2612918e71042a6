//! Models that are replaced on disk, picked up while they serve.
//!
//! A thread looks at each model's file (or at the files of its folder) twice a second. What has changed, and has then been
//! left alone from one look to the next, is read; if it is a model, the endpoint serves it from then on, and requests under
//! way finish with the one they began with. If it is none, the old one serves on, one line in the log says why, and nothing
//! more is tried until the file changes again. Replacing a file by renaming over it is safe at any time; a file that is
//! written in place is read when its writer has paused for half a second, and again when it went on.
//!
//! The three files of a folder cannot be replaced in one step. They are read when none has changed for two seconds, and a
//! mixture of two models is refused, as [`Artifact::open_replacement`] says.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result};
use mysfits_knn::Model;
use mysfits_sagemaker::{
    Endpoint,
    artifact::{Artifact, Fingerprint},
};

/// How often files are looked at.
const PERIOD: Duration = Duration::from_millis(500);
/// How many looks in a row must find a file in the same state before it is read.
const FILE_LOOKS: u32 = 2;
/// The same for a folder: its files are copied one after the other.
const FOLDER_LOOKS: u32 = 5;

/// Reads a model: a `model.tar.gz`, or the folder of its unpacked files.
///
/// # Errors
/// If it is not there, or no model; the path is named.
pub fn read(path: &Path) -> Result<Model> {
    let artifact =
        Artifact::open(path).with_context(|| format!("cannot use the model {}", path.display()))?;
    Ok(artifact.model)
}

/// A model's path, and what was last made of it.
#[derive(Debug)]
pub struct Watcher {
    endpoint: Arc<Endpoint>,
    path: PathBuf,
    /// The state that the endpoint's model was read from.
    served: Fingerprint,
    /// The state that was last read, with or without success.
    read: Fingerprint,
    /// A state that has not been read yet, and how many looks in a row have found it.
    changed: Option<(Fingerprint, u32)>,
}

impl Watcher {
    /// Watches `path`, of which the endpoint's model was read when it had the fingerprint `read`. Take the fingerprint
    /// before reading: what changes meanwhile is then noticed.
    #[must_use]
    pub fn new(endpoint: Arc<Endpoint>, path: PathBuf, read: Fingerprint) -> Self {
        Self { endpoint, path, served: read.clone(), read, changed: None }
    }

    /// Looks once, and replaces the endpoint's model if it is time to.
    pub fn look(&mut self) {
        let now = Fingerprint::from_path(&self.path);
        if now == self.read {
            self.changed = None;
            return;
        }
        let looks = match self.changed.take() {
            Some((changed, looks)) if changed == now => looks + 1,
            _ => 1,
        };
        if looks < if now.is_folder() { FOLDER_LOOKS } else { FILE_LOOKS } {
            self.changed = Some((now, looks));
        } else {
            self.read = now;
            self.reload();
        }
    }

    fn reload(&mut self) {
        let (endpoint, path) = (self.endpoint.name(), self.path.display());
        match Artifact::open_replacement(&self.path, &self.served) {
            Ok(Artifact { model, .. }) => {
                let (rows, features) = (model.n_samples(), model.feature_dim());
                let before = self.endpoint.model().feature_dim();
                self.endpoint.replace_model(model);
                self.served = self.read.clone();
                if features == before {
                    tracing::info!(endpoint, %path, rows, "a new model serves");
                } else {
                    tracing::warn!(endpoint, %path, rows, features, before, "a new model serves, of other features");
                }
            }
            Err(error) => {
                let error = format!("{:#}", anyhow::Error::from(error));
                tracing::warn!(
                    endpoint,
                    %path,
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
