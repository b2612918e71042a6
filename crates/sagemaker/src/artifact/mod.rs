//! The model artifact: `model.tar.gz` as SageMaker's built-in k-NN lays it out, and the same files in a folder.
//!
//! Three files, at the archive's root or in the folder: `model_algo-1`, a FAISS index as `faiss.write_index` writes it
//! (flat, `IVFFlat` or `IVFPQ`); `model_algo-1-labels.npy`, a `NumPy` array with a number for each row; `model_algo-1.json`,
//! `k`, `predictor_type` and the like. What else a project wants its models to say goes into the JSON beside these
//! ([`Artifact::extra`]). `algo-1` is the host that wrote them: read are those of any one host `algo-N`. This is the layout
//! of artifacts that SageMaker wrote.
//!
//! *Labels.* The Developer Guide names another file of labels, `model_algo-1.labels`, a little-endian `f32` for each row.
//! No artifact with it is known. It is read if there is no `model_algo-1-labels.npy`, and written beside it for readers
//! that follow the guide, unless a label is not exactly an `f32`.
//!
//! *Dimension reduction.* Without one, the metadata say `identity`, as the container's do. SageMaker stores the seed of the projection, and how it makes a matrix of it is not known. So
//! the dimension reductions that are made here are marked (`"projection": "mysfits-1"` beside the seed), and all others
//! are refused: they would be read, and would predict nonsense.
//!
//! *Digests.* Written metadata hold the SHA-256 of index and labels (`sha256`), which is checked when it is there.
//!
//! Writing is deterministic: the same model gives the same bytes. Reading trusts nothing: names, sizes and numbers
//! are checked before anything is allocated for them. An archive may unpack to 64 MiB and 200 times its own size, and
//! beyond that to what the headers of index and labels declare, if there is memory for it. A file may have 16 GiB, and the
//! JSON 1 MiB. Nothing is ever unpacked to the disk.

mod archive;
mod error;
mod faiss;
mod file_kind;
mod files;
mod fingerprint;
mod folder;
mod labels;
mod metadata;
mod model;

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
    sync::Mutex,
};

use mysfits_knn::Model;
use serde_json::{Map, Value};

pub use error::{ArtifactError, FaissError, LabelsError, MetadataError};
use files::{Files, Part};
pub use fingerprint::Fingerprint;
use metadata::Metadata;

/// A model with what its artifact says beside it.
#[derive(Debug)]
pub struct Artifact {
    /// The model.
    pub model: Model,
    /// Further members of `model_algo-1.json`; SageMaker ignores them. Their names must not be those of the members
    /// that mean something: `k`, `predictor_type`, `dimension_reduction`, `normalize`, `version`, `feature_dim` and
    /// `sha256`.
    pub extra: Map<String, Value>,
}

impl Artifact {
    /// Reads `model.tar.gz`.
    ///
    /// # Errors
    /// [`ArtifactError`] that says what is missing, damaged or too large.
    pub fn read(reader: impl Read) -> Result<Self, ArtifactError> {
        Ok(Self::from_owned(archive::read(reader)?)?.0)
    }

    /// Reads the files from a folder, as SageMaker unpacks them to `/opt/ml/model`; links to them are followed.
    ///
    /// # Errors
    /// [`ArtifactError`], as for [`read`](Self::read); [`ArtifactError::Changed`] if the files are replaced meanwhile.
    pub fn read_folder(folder: &Path) -> Result<Self, ArtifactError> {
        Ok(Self::from_owned(folder::read(folder)?)?.0)
    }

    /// Reads a folder, if it is one, else `model.tar.gz`.
    ///
    /// # Errors
    /// [`ArtifactError`], as for [`read_folder`](Self::read_folder) and [`read`](Self::read);
    /// [`ArtifactError::NotAFile`] for a pipe, a socket or a device, which could block for ever.
    pub fn open(path: &Path) -> Result<Self, ArtifactError> {
        if path.is_dir() { Self::read_folder(path) } else { Self::read(open_file(path)?) }
    }

    /// Reads what has replaced the artifact at `path`, which was read when it had the fingerprint `previous`.
    ///
    /// The files of a folder cannot be replaced in one step. Folders written by this crate hold digests, by which a
    /// mixture of two models is refused. Of other folders, all files must differ from those before, or the metadata
    /// file must be at least as new as the others.
    ///
    /// # Errors
    /// [`ArtifactError`], as for [`open`](Self::open); [`ArtifactError::PartlyReplaced`].
    pub fn open_replacement(path: &Path, previous: &Fingerprint) -> Result<Self, ArtifactError> {
        if !path.is_dir() {
            return Self::read(open_file(path)?);
        }
        let current = Fingerprint::from_path(path);
        let (artifact, has_digests) = Self::from_owned(folder::read(path)?)?;
        if !has_digests && !current.is_complete_replacement_of(previous) {
            return Err(ArtifactError::PartlyReplaced(path.to_owned()));
        }
        if Fingerprint::from_path(path) != current {
            return Err(ArtifactError::Changed(path.to_owned()));
        }
        Ok(artifact)
    }

    /// Reads the contents of the three files: `model_algo-1`, `model_algo-1-labels.npy` and `model_algo-1.json`. The labels
    /// may also be those of `model_algo-1.labels`; `NumPy`'s magic string tells which.
    ///
    /// # Errors
    /// [`ArtifactError`] that says what does not fit.
    pub fn from_files(index: &[u8], labels: &[u8], metadata: &[u8]) -> Result<Self, ArtifactError> {
        let metadata = Metadata::from_json(metadata)?;
        if let Some(digests) = &metadata.digests {
            digests.check(Part::Index, index)?;
            digests.check(Part::Labels, labels)?;
        }
        let labels = labels::read(labels::part_of(labels), labels)?;
        let model = model::read(model::read_index(index)?, labels, &metadata)?;
        Ok(Self { model, extra: metadata.extra })
    }

    /// The same, with each file let go as soon as it is read: a model is large, and need not be there twice.
    /// Also returns whether index and labels were checked by digests.
    fn from_owned(files: Files<Vec<u8>>) -> Result<(Self, bool), ArtifactError> {
        let Files { index, labels_part, labels, metadata } = files;
        let metadata = Metadata::from_json(&metadata)?;
        if let Some(digests) = &metadata.digests {
            digests.check(Part::Index, &index)?;
            digests.check(Part::Labels, &labels)?;
        }
        let labels = {
            let bytes = labels;
            labels::read(labels_part, &bytes)?
        };
        let index = {
            let bytes = index;
            model::read_index(&bytes)?
        };
        let model = model::read(index, labels, &metadata)?;
        Ok((Self { model, extra: metadata.extra }, metadata.digests.is_some()))
    }

    /// Writes `model.tar.gz`.
    ///
    /// # Errors
    /// [`ArtifactError::Io`], the writer's; [`ArtifactError::Metadata`] if [`extra`](Self::extra) has a name that means
    /// something.
    pub fn write(&self, writer: impl Write) -> Result<(), ArtifactError> {
        Ok(archive::write(writer, &model::write(&self.model, &self.extra)?)?)
    }

    /// Writes the files into a folder, which is made if it is not there.
    ///
    /// The files are written to the folder `.NAME-unfinished` beside it first, and moved at the end: a reader of the folder
    /// finds the previous model, or for a moment none, but never a part of one or a mixture of two. Where files cannot be
    /// moved from there (the folder is a mount point), `.unfinished` in the folder itself takes its place.
    ///
    /// # Errors
    /// [`ArtifactError::File`]; [`ArtifactError::Metadata`], as for [`write`](Self::write).
    pub fn write_folder(&self, folder: &Path) -> Result<(), ArtifactError> {
        self.write_folder_with(folder, &Mutex::new(()))
    }

    /// Does the same, and holds `lock` while the folder or one of temporary files is made and while files are moved.
    pub(crate) fn write_folder_with(&self, folder: &Path, lock: &Mutex<()>) -> Result<(), ArtifactError> {
        folder::write(folder, &model::write(&self.model, &self.extra)?, lock)
    }
}

/// Removes what an interrupted [`Artifact::write_folder`] may have left behind.
pub(crate) fn remove_unfinished(folder: &Path) -> io::Result<()> {
    folder::remove_unfinished(folder)
}

/// Opens a regular file. Opening a pipe would wait for a writer, and a device has no end.
fn open_file(path: &Path) -> Result<File, ArtifactError> {
    let failed = |source| ArtifactError::File { path: path.to_owned(), source };
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(ArtifactError::NotAFile(path.display().to_string()));
    }
    File::open(path).map_err(failed)
}
