//! Models as SageMaker's `model.tar.gz`, with the schema of their features and labels.

use std::{
    fs::{self, File},
    io::{self, BufWriter, IntoInnerError},
    path::{Path, PathBuf},
    sync::Arc,
};

use mysfits_domain::{ModelSchema, SchemaMismatch};
use mysfits_sagemaker::artifact::{Artifact, ArtifactError, ArtifactRef};
use serde_json::Map;

use crate::{IncompatibleModel, RecommendationModel};

/// The member of the artifact's metadata that holds the [`ModelSchema`].
const SCHEMA: &str = "schema";

/// An artifact that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", path.display())]
pub struct WriteModelError {
    /// The file.
    pub path: PathBuf,
    /// The cause.
    #[source]
    pub cause: ArtifactError,
}

/// An artifact that cannot be read, or does not answer this build's questionnaire.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the model {}", path.display())]
pub struct ReadModelError {
    /// The file.
    pub path: PathBuf,
    /// The cause.
    #[source]
    pub cause: InvalidModel,
}

/// Why a file is not a model for this build's questionnaire.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidModel {
    /// The file cannot be opened.
    #[error(transparent)]
    Open(#[from] io::Error),
    /// The file is not an artifact.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The artifact has no schema.
    #[error("the model has no schema; train it with this build")]
    MissingSchema,
    /// The schema is malformed.
    #[error(transparent)]
    InvalidSchema(#[from] serde_json::Error),
    /// The schema is that of other questions or mysfits.
    #[error(transparent)]
    SchemaMismatch(#[from] SchemaMismatch),
    /// The model does not answer the questionnaire.
    #[error(transparent)]
    Incompatible(#[from] IncompatibleModel),
}

/// Writes a model to a file, whose folder is created if it does not exist. The file holds a whole model or keeps its
/// previous content.
///
/// # Errors
/// [`WriteModelError`] if the file cannot be written.
pub fn write(model: &RecommendationModel, path: &Path) -> Result<(), WriteModelError> {
    let failed = |cause| WriteModelError { path: path.to_owned(), cause };
    let schema = serde_json::to_value(ModelSchema::current()).map_err(io::Error::from);
    let schema = schema.map_err(|error| failed(error.into()))?;
    let extra = Map::from_iter([(SCHEMA.to_owned(), schema)]);
    write_file(ArtifactRef::new(model.knn()).extra(&extra), path).map_err(failed)
}

fn write_file(artifact: ArtifactRef<'_>, path: &Path) -> Result<(), ArtifactError> {
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
    // Makes the rename durable, on systems where folders can be opened and synchronised.
    if let Ok(folder) = File::open(folder) {
        drop(folder.sync_all());
    }
    written
}

/// Reads a model, and checks that it answers this build's questionnaire.
///
/// # Errors
/// [`ReadModelError`] if the file is not an artifact, its schema is missing or another one (the error names both
/// versions), or the model does not answer the questionnaire.
pub fn read(path: &Path) -> Result<RecommendationModel, ReadModelError> {
    read_file(path).map_err(|cause| ReadModelError { path: path.to_owned(), cause })
}

fn read_file(path: &Path) -> Result<RecommendationModel, InvalidModel> {
    let mut artifact = Artifact::read(File::open(path)?)?;
    let schema = artifact.extra.remove(SCHEMA).ok_or(InvalidModel::MissingSchema)?;
    serde_json::from_value::<ModelSchema>(schema)?.fits_current()?;
    Ok(RecommendationModel::new(Arc::new(artifact.model))?)
}
