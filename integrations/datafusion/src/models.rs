//! The models of the process, each loaded once.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use datafusion::common::{DataFusionError, Result};
use mysfits_knn::Model;
use mysfits_sagemaker::artifact::{Artifact, Fingerprint};

/// The most models that are kept without being used.
const MAX_UNUSED_MODELS: usize = 8;

/// A model, and the state of its file when it was read.
type LoadedModel = (Fingerprint, Arc<Model>);

/// A model by path. Threads that need the same model wait for the first of them to load it.
#[derive(Debug, Default)]
struct ModelSlot(Mutex<Option<LoadedModel>>);

static SLOTS: LazyLock<Mutex<HashMap<String, Arc<ModelSlot>>>> = LazyLock::new(Mutex::default);

/// Returns the model at `path`, which is read when it is first used, and again when its file has changed.
///
/// # Errors
/// [`DataFusionError::Execution`] with the path if the model cannot be read.
pub(crate) fn load(function: &str, path: &str) -> Result<Arc<Model>> {
    let slot = slot(path);
    let mut loaded = slot.0.lock().unwrap_or_else(PoisonError::into_inner);
    let fingerprint = Fingerprint::from_path(Path::new(path));
    if let Some((_, model)) = loaded.as_ref().filter(|(read, _)| *read == fingerprint) {
        return Ok(Arc::clone(model));
    }
    let artifact = Artifact::open(Path::new(path)).map_err(|error| {
        let message = format!("{function}: cannot read the model \"{path}\": {error}");
        DataFusionError::Execution(message)
    })?;
    let model = Arc::new(artifact.model);
    *loaded = Some((fingerprint, Arc::clone(&model)));
    Ok(model)
}

fn slot(path: &str) -> Arc<ModelSlot> {
    let mut slots = SLOTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(slot) = slots.get(path) {
        return Arc::clone(slot);
    }
    if slots.len() >= MAX_UNUSED_MODELS {
        slots.retain(|_, slot| Arc::strong_count(slot) > 1);
    }
    Arc::clone(slots.entry(path.to_owned()).or_default())
}
