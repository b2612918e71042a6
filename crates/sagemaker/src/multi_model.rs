//! Models that are loaded from a prefix of objects when they are first requested, and unloaded when memory runs out.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Buf as _;
use mysfits_knn::Model;

use crate::{
    artifact::Artifact,
    container::{ObjectError, ObjectStore},
    text::with_causes,
};

/// The default limit for the loaded models of an endpoint, in bytes.
pub const DEFAULT_MODEL_MEMORY_BYTES: usize = 1 << 30;
/// The largest artifact of a model, in bytes.
const MAX_ARTIFACT_BYTES: usize = 1 << 30;
/// What a model needs besides its features and labels, in bytes.
const MODEL_OVERHEAD_BYTES: usize = 4096;

/// The models of a multi-model endpoint: all artifacts (`model.tar.gz`) below a prefix.
///
/// A model is loaded when it is first requested, and stays loaded, even if its object changes or is deleted. When the loaded
/// models exceed the limit, those that were requested least recently are unloaded. One model is loaded at a time.
#[derive(Debug)]
pub struct MultiModel {
    store: Arc<dyn ObjectStore>,
    prefix: String,
    max_bytes: usize,
    loaded: Mutex<LoadedModels>,
    loading: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct LoadedModels {
    by_name: HashMap<String, LoadedModel>,
    /// Grows with each request.
    clock: u64,
}

#[derive(Debug)]
struct LoadedModel {
    model: Arc<Model>,
    bytes: usize,
    last_used: u64,
}

/// A model that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ModelLoadError {
    #[error(
        "Failed to download model data(bucket: {bucket}, key: {key}). Please ensure that there is an object located at the \
         URL and that the role passed to CreateModel has permissions to download the model."
    )]
    NotFound { bucket: String, key: String },
    #[error("{0}")]
    Store(String),
    #[error("Unable to load model: {0}")]
    Invalid(String),
    #[error("Unable to load model: it needs {bytes} bytes, and all models may use {max_bytes}")]
    TooLarge { bytes: usize, max_bytes: usize },
}

impl MultiModel {
    /// Creates a cache of the models below a prefix such as `s3://bucket/models/`. By default, loaded models may use
    /// [`DEFAULT_MODEL_MEMORY_BYTES`].
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, prefix: impl Into<String>) -> Self {
        Self {
            store,
            prefix: prefix.into(),
            max_bytes: DEFAULT_MODEL_MEMORY_BYTES,
            loaded: Mutex::default(),
            loading: tokio::sync::Mutex::new(()),
        }
    }

    /// Sets the most memory of loaded models, in bytes.
    #[must_use]
    pub fn with_max_bytes(mut self, max_bytes: usize) -> Self {
        self.max_bytes = max_bytes;
        self
    }

    /// Returns the names of the loaded models, sorted.
    #[must_use]
    pub fn loaded_models(&self) -> Vec<String> {
        let mut names: Vec<String> = self.loaded().by_name.keys().cloned().collect();
        names.sort();
        names
    }

    fn loaded(&self) -> MutexGuard<'_, LoadedModels> {
        // An entry is added or removed in one step.
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a model, which is loaded if necessary.
    pub(crate) async fn get(&self, name: &str) -> Result<Arc<Model>, ModelLoadError> {
        if let Some(model) = self.loaded().get(name) {
            return Ok(model);
        }
        let _loading = self.loading.lock().await;
        // Another request may have loaded it meanwhile.
        if let Some(model) = self.loaded().get(name) {
            return Ok(model);
        }
        let model = Arc::new(self.load(name).await?);
        let bytes = model_bytes(&model);
        if bytes > self.max_bytes {
            return Err(ModelLoadError::TooLarge { bytes, max_bytes: self.max_bytes });
        }
        self.loaded().insert(name, Arc::clone(&model), bytes, self.max_bytes);
        Ok(model)
    }

    async fn load(&self, name: &str) -> Result<Model, ModelLoadError> {
        let uri = format!("{}{name}", self.prefix);
        // Names are relative to the prefix; a store that is a folder must not be left by them.
        let is_outside = name.split('/').any(|part| part == ".." || part == ".");
        let found = if is_outside {
            Err(ObjectError::NotFound(uri.clone()))
        } else {
            self.store.get(&uri, MAX_ARTIFACT_BYTES).await
        };
        let object = found.map_err(|error| match error {
            ObjectError::NotFound(_) => {
                let path = uri.strip_prefix("s3://").unwrap_or(&uri);
                let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
                ModelLoadError::NotFound { bucket: bucket.to_owned(), key: key.to_owned() }
            }
            error => ModelLoadError::Store(error.to_string()),
        })?;
        let read = tokio::task::spawn_blocking(move || Artifact::read(object.body.reader())).await;
        match read {
            Ok(Ok(artifact)) => Ok(artifact.model),
            Ok(Err(error)) => Err(ModelLoadError::Invalid(with_causes(&error))),
            Err(panic) => Err(ModelLoadError::Invalid(panic.to_string())),
        }
    }
}

impl LoadedModels {
    fn get(&mut self, name: &str) -> Option<Arc<Model>> {
        self.clock += 1;
        let loaded = self.by_name.get_mut(name)?;
        loaded.last_used = self.clock;
        Some(Arc::clone(&loaded.model))
    }

    /// Adds a model, after removing the least recently used ones until it fits.
    fn insert(&mut self, name: &str, model: Arc<Model>, bytes: usize, max_bytes: usize) {
        let mut total: usize = self.by_name.values().map(|loaded| loaded.bytes).sum();
        while total + bytes > max_bytes {
            let oldest = self.by_name.iter().min_by_key(|(_, loaded)| loaded.last_used);
            let Some(oldest) = oldest.map(|(name, _)| name.clone()) else { break };
            if let Some(removed) = self.by_name.remove(&oldest) {
                total -= removed.bytes;
                tracing::info!(model = oldest, bytes = removed.bytes, "unloaded a model");
            }
        }
        self.clock += 1;
        let last_used = self.clock;
        self.by_name.insert(name.to_owned(), LoadedModel { model, bytes, last_used });
        tracing::info!(model = name, bytes, "loaded a model");
    }
}

/// Returns about how much memory a model uses.
fn model_bytes(model: &Model) -> usize {
    // Exact indexes keep a second copy of the rows: as integers, or in a tree.
    let row_bytes = model.feature_dim() * (size_of::<f32>() + size_of::<i16>()) + 2 * size_of::<f64>();
    model.n_samples() * row_bytes + MODEL_OVERHEAD_BYTES
}
