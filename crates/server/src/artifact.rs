//! Our models as artifacts: SageMaker's layout, with the schema that says which questions the model answers.

use std::{
    fs::{self, File},
    io::{BufWriter, IntoInnerError},
    path::Path,
    sync::Arc,
};

use anyhow::{Context as _, Result};
use mysfits_domain::ModelSchema;
use mysfits_knn::Model;
use mysfits_sagemaker::artifact::Artifact;
use serde_json::Map;

/// The member of the artifact's metadata that holds the [`ModelSchema`].
const SCHEMA: &str = "schema";

/// Writes a model for this build's questionnaire to `path`, folders included, whole or not at all.
///
/// # Errors
/// If the file cannot be written.
pub fn write(model: Model, path: &Path) -> Result<Arc<Model>> {
    let schema = serde_json::to_value(ModelSchema::current())?;
    let artifact = Artifact { model, extra: Map::from_iter([(SCHEMA.to_owned(), schema)]) };
    write_file(&artifact, path).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Arc::new(artifact.model))
}

fn write_file(artifact: &Artifact, path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let unfinished = path.with_extension("unfinished");
    let written = (|| {
        let mut file = BufWriter::new(File::create(&unfinished)?);
        artifact.write(&mut file)?;
        file.into_inner().map_err(IntoInnerError::into_error)?.sync_all()?;
        Ok(fs::rename(&unfinished, path)?)
    })();
    if written.is_err() {
        // The first error is the one to report.
        drop(fs::remove_file(&unfinished));
    }
    // Makes the rename durable, where folders can be opened and synchronised.
    if let Ok(folder) = File::open(folder) {
        drop(folder.sync_all());
    }
    written
}

/// Reads a model and checks that it answers this build's questionnaire.
///
/// # Errors
/// If the file is no artifact, or its schema is missing or another one; then both versions are named.
pub fn read(path: &Path) -> Result<Arc<Model>> {
    let context = || format!("cannot use the model {}", path.display());
    let file = File::open(path).with_context(context)?;
    let mut artifact = Artifact::read(file).with_context(context)?;
    let schema = artifact
        .extra
        .remove(SCHEMA)
        .with_context(|| format!("{}: it says nothing of its schema; train it with this build", context()))?;
    let schema: ModelSchema = serde_json::from_value(schema).with_context(context)?;
    schema.fits_current().with_context(context)?;
    Ok(Arc::new(artifact.model))
}
