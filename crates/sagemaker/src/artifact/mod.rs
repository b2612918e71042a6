//! The model artifact: `model.tar.gz` as SageMaker's built-in k-NN lays it out, and the same files in a folder.
//!
//! Three files, at the root of the archive or in the folder: `model_algo-1`, a FAISS index as `faiss.write_index` writes it
//! (flat, `IVFFlat` or `IVFPQ`); `model_algo-1-labels.npy`, a `NumPy` array with a number for each row; `model_algo-1.json`,
//! the metadata (`k`, `predictor_type` and others), to which a project can add its own members ([`Artifact::extra`]). `algo-1`
//! is the host that wrote the files: files of any single host `algo-N` are read. This is the layout of SageMaker's artifacts.
//!
//! *Labels.* The Developer Guide describes another file of labels, `model_algo-1.labels`, a little-endian `f32` for each row.
//! No artifact with it is known. It is read if there is no `model_algo-1-labels.npy`. It is written, too, for readers that
//! follow the guide, unless an `f32` cannot hold a label exactly.
//!
//! *Dimension reduction.* Without one, the metadata have the type `identity`, as in the container. SageMaker stores only the
//! seed of a projection, and how it derives the matrix is unknown. Projections of this crate are therefore marked
//! (`"projection": "mysfits-1"` with the seed), and all others are rejected: their predictions would be wrong.
//!
//! *Digests.* Written metadata hold the SHA-256 of index and labels (`sha256`), which is verified if it is present.
//!
//! Writing is deterministic: the same model gives the same bytes. Readers trust nothing: names, sizes and numbers are checked
//! before memory is allocated for them. An archive may decompress to 64 MiB plus 200 times its own size, and to more if the
//! headers of index and labels declare it and there is memory for it. A file may have 16 GiB, the JSON 1 MiB. Nothing is
//! extracted to disk.

mod archive;
mod description;
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

pub use description::{ArtifactDescription, ArtifactWriter, LabelsDescription};
pub use error::{ArtifactError, FaissError, LabelsError, MetadataError};
pub use files::ArtifactEntry;
use files::{ArtifactFiles, FilePart, Files, Listing};
pub use fingerprint::Fingerprint;
use metadata::ArtifactMetadata;

/// A model and the additional members of its metadata.
#[derive(Debug)]
pub struct Artifact {
    /// The model.
    pub model: Model,
    /// Additional members of `model_algo-1.json`, which SageMaker ignores. The names `k`, `predictor_type`,
    /// `dimension_reduction`, `normalize`, `version`, `feature_dim` and `sha256` are reserved.
    pub extra: Map<String, Value>,
}

/// A borrowed [`Artifact`], to write a model without giving it away.
///
/// ```
/// use mysfits_knn::{Dataset, Hyperparameters, Model, ndarray::array};
/// use mysfits_sagemaker::artifact::{Artifact, ArtifactRef};
///
/// let (features, labels) = (array![[1.0, 1.0], [9.0, 9.0]], array![0.0, 1.0]);
/// let dataset = Dataset::new(features.view(), labels.view())?;
/// let model = Model::train(dataset, &Hyperparameters::classifier(1).check()?)?;
/// let mut archive = Vec::new();
/// ArtifactRef::new(&model).write(&mut archive)?;
/// assert_eq!(Artifact::read(archive.as_slice())?.model.n_samples(), model.n_samples());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ArtifactRef<'a> {
    model: &'a Model,
    extra: Option<&'a Map<String, Value>>,
}

impl Artifact {
    /// Reads `model.tar.gz`.
    ///
    /// # Errors
    /// [`ArtifactError`] if a file is missing, damaged or too large.
    pub fn read(reader: impl Read) -> Result<Self, ArtifactError> {
        Ok(Self::from_contents(archive::read(reader)?)?.0)
    }

    /// Reads the files of a folder, as SageMaker extracts them to `/opt/ml/model`; follows links.
    ///
    /// # Errors
    /// [`ArtifactError`], as for [`read`](Self::read); [`ArtifactError::ConcurrentModification`] if the files are replaced
    /// meanwhile.
    pub fn read_folder(folder: &Path) -> Result<Self, ArtifactError> {
        Ok(Self::from_contents(folder::read(folder)?)?.0)
    }

    /// Reads a folder or a `model.tar.gz`.
    ///
    /// # Errors
    /// [`ArtifactError`], as for [`read_folder`](Self::read_folder) and [`read`](Self::read);
    /// [`ArtifactError::NotAFile`] for a pipe, a socket or a device, which could block forever.
    pub fn open(path: &Path) -> Result<Self, ArtifactError> {
        if path.is_dir() { Self::read_folder(path) } else { Self::read(open_file(path)?) }
    }

    /// Reads the replacement of the artifact at `path`, which had the fingerprint `previous` when it was last read.
    ///
    /// The files of a folder cannot be replaced atomically. Folders written by this crate hold digests, which detect a mixture
    /// of two models. In other folders, all files must differ from the previous ones, or the metadata file must be at least
    /// as new as the others.
    ///
    /// # Errors
    /// [`ArtifactError`], as for [`open`](Self::open); [`ArtifactError::PartlyReplaced`].
    pub fn open_replacement(path: &Path, previous: &Fingerprint) -> Result<Self, ArtifactError> {
        if !path.is_dir() {
            return Self::read(open_file(path)?);
        }
        let current = Fingerprint::from_path(path);
        let (artifact, has_digests) = Self::from_contents(folder::read(path)?)?;
        if !has_digests && !current.is_complete_replacement_of(previous) {
            return Err(ArtifactError::PartlyReplaced(path.to_owned()));
        }
        if Fingerprint::from_path(path) != current {
            return Err(ArtifactError::ConcurrentModification(path.to_owned()));
        }
        Ok(artifact)
    }

    /// Reads the contents of the three files: `model_algo-1`, `model_algo-1-labels.npy` (or `model_algo-1.labels`, which has
    /// no `NumPy` magic string) and `model_algo-1.json`.
    ///
    /// # Errors
    /// [`ArtifactError`] if the contents are invalid.
    pub fn from_files(index: &[u8], labels: &[u8], metadata: &[u8]) -> Result<Self, ArtifactError> {
        let labels_part = labels::part_of(labels);
        Ok(Self::from_contents(Files { metadata, labels_part, labels, index, listing: Listing::default() })?
            .0)
    }

    /// Reads the contents of the files, and drops each as soon as it is parsed, to save memory. Also returns whether index
    /// and labels were verified by digests.
    fn from_contents<T: AsRef<[u8]>>(files: Files<T>) -> Result<(Self, bool), ArtifactError> {
        let Files { index, labels_part, labels, metadata, .. } = files;
        let metadata = ArtifactMetadata::from_json(metadata.as_ref())?;
        if let Some(digests) = &metadata.digests {
            digests.check(FilePart::Index, index.as_ref())?;
            digests.check(FilePart::Labels, labels.as_ref())?;
        }
        let parsed_labels = labels::read(labels_part, labels.as_ref())?;
        drop(labels);
        let parsed_index = faiss::parse(index.as_ref())?;
        drop(index);
        let model = model::read(parsed_index, parsed_labels, &metadata)?;
        Ok((Self { model, extra: metadata.extra }, metadata.digests.is_some()))
    }

    /// Writes `model.tar.gz`.
    ///
    /// # Errors
    /// As for [`ArtifactRef::write`].
    pub fn write(&self, writer: impl Write) -> Result<(), ArtifactError> {
        self.as_ref().write(writer)
    }

    /// Writes the files to a folder.
    ///
    /// # Errors
    /// As for [`ArtifactRef::write_folder`].
    pub fn write_folder(&self, folder: &Path) -> Result<(), ArtifactError> {
        self.as_ref().write_folder(folder)
    }

    fn as_ref(&self) -> ArtifactRef<'_> {
        ArtifactRef::new(&self.model).extra(&self.extra)
    }
}

impl<'a> ArtifactRef<'a> {
    /// Creates an artifact of a model.
    #[must_use]
    pub const fn new(model: &'a Model) -> Self {
        Self { model, extra: None }
    }

    /// Sets additional members of the metadata, as in [`Artifact::extra`]. By default, there are none.
    #[must_use]
    pub const fn extra(mut self, extra: &'a Map<String, Value>) -> Self {
        self.extra = Some(extra);
        self
    }

    /// Writes `model.tar.gz`.
    ///
    /// # Errors
    /// [`ArtifactError::Io`] of the writer; [`ArtifactError::Metadata`] if an additional member has a reserved name.
    pub fn write(self, writer: impl Write) -> Result<(), ArtifactError> {
        Ok(archive::write(writer, self.files()?)?)
    }

    /// Writes the files to a folder, which is created if necessary.
    ///
    /// The files are first written to the folder `.NAME-unfinished` next to it, and moved at the end. A reader of the folder
    /// finds the previous model, or none for a moment, but never a part of a model or a mixture of two. If files cannot be
    /// moved from there (the folder is a mount point), `.unfinished` in the folder itself is used.
    ///
    /// # Errors
    /// [`ArtifactError::File`]; [`ArtifactError::Metadata`], as for [`write`](Self::write).
    pub fn write_folder(self, folder: &Path) -> Result<(), ArtifactError> {
        self.write_folder_with(folder, &Mutex::new(()))
    }

    /// Does the same, and holds `lock` while folders are created and files are moved.
    pub(crate) fn write_folder_with(self, folder: &Path, lock: &Mutex<()>) -> Result<(), ArtifactError> {
        folder::write(folder, &self.files()?, lock)
    }

    fn files(self) -> Result<ArtifactFiles, ArtifactError> {
        model::write(self.model, self.extra.cloned().unwrap_or_default())
    }
}

/// Removes the temporary files of an interrupted [`ArtifactRef::write_folder`].
pub(crate) fn remove_unfinished(folder: &Path) -> io::Result<()> {
    folder::remove_unfinished(folder)
}

/// Opens a regular file. Opening a pipe would block until there is a writer; a device has no end.
fn open_file(path: &Path) -> Result<File, ArtifactError> {
    let failed = |source| ArtifactError::File { path: path.to_owned(), source };
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(ArtifactError::NotAFile(path.display().to_string()));
    }
    File::open(path).map_err(failed)
}
