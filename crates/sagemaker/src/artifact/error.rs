//! Errors of artifacts.

use std::{fmt::Display, io, path::PathBuf};

use crate::text::shorten;
use mysfits_knn::{HyperparameterError, IndexError, TrainError};

/// An error of reading or writing an artifact.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArtifactError {
    /// The reader or writer of the archive failed, or the archive is damaged.
    #[error("the archive cannot be read or written")]
    Io(#[from] io::Error),
    /// The file is not a gzip archive.
    #[error("the file is {kind}, not a gzip archive (model.tar.gz): {remedy}")]
    NotGzip {
        /// The kind of file, by its first bytes.
        kind: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// A file or folder cannot be read or written.
    #[error("{} cannot be read or written", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The files of the folder were replaced while they were read; the next attempt may succeed.
    #[error("the files in {} were changed while they were read; read them again", .0.display())]
    ConcurrentModification(PathBuf),
    /// A file is missing.
    #[error(
        "there is no file {0:?}; a model is three files, model_algo-1, model_algo-1-labels.npy (or model_algo-1.labels) and \
         model_algo-1.json"
    )]
    Missing(String),
    /// A file occurs twice.
    #[error("duplicate file {0:?}")]
    DuplicateFile(String),
    /// There are files of several hosts.
    #[error(
        "there are files of the hosts algo-{0} and algo-{1}, which are different models: keep the files of one host"
    )]
    MultipleHosts(u32, u32),
    /// The digest of index or labels is not that of the metadata.
    #[error(
        "the SHA-256 of the {file} is {found}; the metadata have {expected}: the files belong to different models, or \
         one is damaged; copy all files again"
    )]
    Digest {
        /// `index` or `labels`.
        file: &'static str,
        /// The digest of the file.
        found: String,
        /// The digest in the metadata.
        expected: String,
    },
    /// Only some files of a folder without digests were replaced.
    #[error(
        "only some files in {} were replaced, and model_algo-N.json is older than they are: if the copy is complete, \
         touch model_algo-N.json", .0.display()
    )]
    PartlyReplaced(PathBuf),
    /// A file is a link, a folder or a device.
    #[error("{0:?} is not a regular file")]
    NotAFile(String),
    /// A file is too large.
    #[error("{name:?} has {size} bytes; the limit is {limit}")]
    TooLarge {
        /// The file.
        name: String,
        /// Its size, or the size that its header states.
        size: u64,
        /// The largest size.
        limit: u64,
    },
    /// The archive decompresses to more than its files declare, or than there is memory for.
    #[error(
        "{packed} bytes of the archive decompress to more than {unpacked} bytes, which exceeds the declared size of index and \
         labels or the available memory; refusing to read it"
    )]
    DecompressionBomb {
        /// Compressed bytes that were read.
        packed: u64,
        /// Decompressed bytes so far.
        unpacked: u64,
    },
    /// The archive has too many entries.
    #[error("the archive has more than {limit} entries; a model's has four")]
    TooManyEntries {
        /// The limit.
        limit: usize,
    },
    /// The index is damaged or not supported.
    #[error("the index cannot be read")]
    Faiss(#[from] FaissError),
    /// The parts of the index are inconsistent.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The metadata are invalid.
    #[error("the metadata cannot be read or written")]
    Metadata(#[from] MetadataError),
    /// The labels are invalid.
    #[error("the labels cannot be read")]
    Labels(#[from] LabelsError),
    /// A hyperparameter is out of range.
    #[error(transparent)]
    Hyperparameter(#[from] HyperparameterError),
    /// Index, labels and metadata do not form a model.
    #[error(transparent)]
    Model(#[from] TrainError),
}

/// An error of reading or writing `model_algo-1.json`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// The file is not a JSON object.
    #[error("it is not a JSON object")]
    Json(#[from] serde_json::Error),
    /// A member is missing.
    #[error("it has no {0}")]
    Missing(&'static str),
    /// A member has an invalid value.
    #[error("its {field} is {}; it must be {expected}", shorten(value, MAX_SHOWN_CHARS))]
    Field {
        /// The member, with the names of the objects around it.
        field: &'static str,
        /// The value.
        value: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// The dimension reduction was not created by this crate, and its matrix is unknown.
    #[error(
        "its dimension_reduction {} is not supported: the matrix cannot be derived from its seed; train the model without \
         dimension reduction, or with this program",
        shorten(.0, MAX_SHOWN_CHARS)
    )]
    ForeignReduction(String),
    /// An additional member has a reserved name.
    #[error("the name of the additional member {0:?} is reserved; choose another")]
    Reserved(&'static str),
}

impl MetadataError {
    pub(super) fn field(field: &'static str, value: impl ToString, expected: &'static str) -> Self {
        Self::Field { field, value: value.to_string(), expected }
    }
}

/// An error of reading labels.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LabelsError {
    /// The length of `model_algo-1.labels` is not a multiple of four.
    #[error("model_algo-N.labels has {0} bytes; it must have four for each row")]
    Length(usize),
    /// `model_algo-1-labels.npy` is not a `NumPy` file.
    #[error("model_algo-N-labels.npy does not begin with NumPy's magic string")]
    Magic,
    /// The file ends inside the header.
    #[error("the {0} bytes of model_algo-N-labels.npy end inside its header")]
    Truncated(usize),
    /// The version of the format is unknown.
    #[error("the version of the NumPy format is {major}.{minor}; it must be 1.0, 2.0 or 3.0")]
    Version {
        /// The first number.
        major: u8,
        /// The second number.
        minor: u8,
    },
    /// The header is longer than `numpy.load` accepts.
    #[error("the NumPy header has {found} bytes; the limit is {limit}")]
    HeaderLength {
        /// The length that the file states.
        found: u32,
        /// The limit.
        limit: u32,
    },
    /// The header is not a dictionary of three members.
    #[error("the NumPy header is {}; it must be a dictionary of descr, fortran_order and shape", shorten(.0, MAX_SHOWN_CHARS))]
    Header(String),
    /// The type of the numbers is not supported.
    #[error("descr is {:?}; it must be one of {expected}", shorten(found, MAX_SHOWN_CHARS))]
    Dtype {
        /// The type.
        found: String,
        /// The supported types.
        expected: &'static str,
    },
    /// The shape is not that of a list.
    #[error("shape is {}; it must be (n,) or (n, 1)", shorten(.0, MAX_SHOWN_CHARS))]
    Shape(String),
    /// The number of bytes does not fit the header.
    #[error(
        "{found} bytes follow the NumPy header; it declares the shape {} of numbers of {item_bytes} bytes",
        shorten(shape, MAX_SHOWN_CHARS)
    )]
    DataLength {
        /// Bytes after the header.
        found: usize,
        /// The shape in the header.
        shape: String,
        /// The size of a number in bytes.
        item_bytes: u64,
    },
    /// An `f64` cannot hold an integer label exactly.
    #[error("label {position} is {value}, which a 64-bit float cannot hold exactly; the limit is 2^53")]
    Inexact {
        /// The position, counted from 0.
        position: usize,
        /// The label.
        value: i128,
    },
}

/// The most characters of a value that a message repeats.
const MAX_SHOWN_CHARS: usize = 120;

/// An error of reading a faiss index; the message names the field as faiss does, its value, and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FaissError(pub(super) String);

impl FaissError {
    pub(super) fn field(field: &'static str, value: impl Into<i128>, expected: impl Display) -> Self {
        Self(format!("{field} is {}; it must be {expected}", value.into()))
    }

    /// Fails unless a field is valid; `expected` describes the valid values.
    pub(super) fn check(
        is_valid: bool,
        field: &'static str,
        value: impl Into<i128>,
        expected: impl Display,
    ) -> Result<(), Self> {
        if is_valid { Ok(()) } else { Err(Self::field(field, value, expected)) }
    }

    pub(super) fn kind(what: &'static str, letters: [u8; 4], expected: &[&str]) -> Self {
        let (found, expected) = (String::from_utf8_lossy(&letters), expected.join(" or "));
        Self(format!("the kind of {what} is {found:?}; it must be {expected}"))
    }
}
