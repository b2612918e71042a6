//! Reloads models that are replaced on disk.
//!
//! A thread polls each model's file (or the files of its folder) twice a second. A file that has changed, and is then the same
//! at two polls, is read. If it is a model, the endpoint serves it from then on; requests under way finish with the previous
//! model. Otherwise the previous model stays, one line in the log gives the reason, and the file is not read again until it
//! changes. Renaming over a file is safe at any time. A file that is written in place is read when its writer has paused for
//! half a second, and again after the next change.
//!
//! The three files of a folder cannot be replaced in one step. They are read when none has changed for two seconds, and a
//! mixture of two models is refused, see [`Artifact::open_replacement`].

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
    DEFAULT_VARIANT, Endpoint, Variant,
    artifact::{Artifact, Fingerprint},
};

/// The time between two polls.
const PERIOD: Duration = Duration::from_millis(500);
/// The number of consecutive polls with the same state before a file is read.
const FILE_POLLS: u32 = 2;
/// The same for a folder, whose files are copied one after the other.
const FOLDER_POLLS: u32 = 5;

/// Reads a model: a `model.tar.gz`, or the folder of its unpacked files.
///
/// # Errors
/// If the path does not exist or is not a model. The error names the path.
pub fn read(path: &Path) -> Result<Model> {
    let artifact =
        Artifact::open(path).with_context(|| format!("cannot use the model {}", path.display()))?;
    Ok(artifact.model)
}

/// Watches the path of a model.
#[derive(Debug)]
pub struct Watcher {
    endpoint: Arc<Endpoint>,
    /// The name of the variant that serves the model.
    variant: String,
    path: PathBuf,
    /// The state that the endpoint's model was read from.
    served: Fingerprint,
    /// The state that was last read, with or without success.
    read: Fingerprint,
    /// A state that has not been read yet, and the number of consecutive polls that found it.
    changed: Option<(Fingerprint, u32)>,
}

impl Watcher {
    /// Watches `path`, of which the endpoint's model was read when it had the fingerprint `read`. Take the fingerprint
    /// before reading: what changes meanwhile is then noticed.
    #[must_use]
    pub fn new(endpoint: Arc<Endpoint>, path: PathBuf, read: Fingerprint) -> Self {
        let deployment = endpoint.deployment();
        let variant = deployment.variants().first().map_or(DEFAULT_VARIANT, Variant::name).to_owned();
        Self { endpoint, variant, path, served: read.clone(), read, changed: None }
    }

    /// Replaces the model of the variant of this name. By default, that of the first.
    #[must_use]
    pub fn with_variant(mut self, name: &str) -> Self {
        name.clone_into(&mut self.variant);
        self
    }

    /// Polls once, and replaces the endpoint's model if a new one is complete.
    pub fn poll(&mut self) {
        let now = Fingerprint::from_path(&self.path);
        if now == self.read {
            self.changed = None;
            return;
        }
        let polls = match self.changed.take() {
            Some((changed, polls)) if changed == now => polls + 1,
            _ => 1,
        };
        if polls < if now.is_folder() { FOLDER_POLLS } else { FILE_POLLS } {
            self.changed = Some((now, polls));
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
                let before = self.endpoint.variant_model(&self.variant);
                let before = before.map_or(features, |model| model.feature_dim());
                self.endpoint.replace_variant_model(&self.variant, model);
                self.served = self.read.clone();
                if features == before {
                    tracing::info!(endpoint, %path, rows, "model reloaded");
                } else {
                    tracing::warn!(endpoint, %path, rows, features, before, "model reloaded (feature_dim changed)");
                }
            }
            Err(error) => {
                let error = format!("{:#}", anyhow::Error::from(error));
                tracing::warn!(
                    endpoint,
                    %path,
                    error,
                    "reload failed; keeping the previous model"
                );
            }
        }
    }
}

/// Polls all watchers in a thread of their own, until the process ends.
///
/// # Errors
/// If the thread cannot be started.
pub fn watch(mut watchers: Vec<Watcher>) -> io::Result<()> {
    let poll = move || {
        loop {
            thread::sleep(PERIOD);
            watchers.iter_mut().for_each(Watcher::poll);
        }
    };
    thread::Builder::new().name("reload".to_owned()).spawn(poll)?;
    Ok(())
}
