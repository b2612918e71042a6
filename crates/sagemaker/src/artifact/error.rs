//! What can be wrong with an artifact.

use std::{io, path::PathBuf};

use mysfits_knn::{HyperparameterError, IndexError, TrainError};

/// Why an artifact cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArtifactError {
    /// The archive's reader or writer failed, or the archive is damaged.
    #[error("the archive cannot be read or written")]
    Io(#[from] io::Error),
    /// The file is not a gzip archive.
    #[error("the file is {kind}, not a gzip archive (model.tar.gz): {remedy}")]
    NotGzip {
        /// What its first bytes say that it is.
        kind: &'static str,
        /// What to do about it.
        remedy: &'static str,
    },
    /// A file or folder cannot be read or written.
    #[error("{} cannot be read or written", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The folder's files were replaced while they were being read; the next attempt may succeed.
    #[error("the files in {} were changed while they were read; read them again", .0.display())]
    Changed(PathBuf),
    /// One of the files is not there.
    #[error(
        "there is no file {0:?}; a model is three files, model_algo-1, model_algo-1-labels.npy (or model_algo-1.labels) and \
         model_algo-1.json"
    )]
    Missing(String),
    /// A file is there a second time.
    #[error("there are two files {0:?}; which is meant cannot be told")]
    Twice(String),
    /// There are files of more than one host.
    #[error(
        "there are files of the hosts algo-{0} and algo-{1}; keep those of one: they are different models"
    )]
    Hosts(u32, u32),
    /// Index or labels are not those that the metadata were written for.
    #[error(
        "the SHA-256 of the {file} is {found}, and the metadata say {expected}: the files belong to different models, or \
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
    /// Some files of a folder were replaced and others were not, and there are no digests to check them by.
    #[error(
        "only some files in {} were replaced, and model_algo-N.json is older than they are: if the copy is complete, \
         touch model_algo-N.json", .0.display()
    )]
    PartlyReplaced(PathBuf),
    /// What has the name of one of the files is a link, a folder, a device or the like.
    #[error("{0:?} is not a regular file")]
    NotAFile(String),
    /// A file is larger than it may be.
    #[error("{name:?} is of {size} bytes; at most {limit} are read")]
    TooLarge {
        /// Which.
        name: String,
        /// How large it is, or says that it is.
        size: u64,
        /// How large it may be.
        limit: u64,
    },
    /// The archive unpacks to more than models do, than its files declare, or than there is memory for.
    #[error(
        "{packed} bytes of the archive decompress to {unpacked} and more, which is more than the headers of its index and \
         labels declare or than memory has room for; refusing to read it"
    )]
    Bomb {
        /// How much of the archive was read.
        packed: u64,
        /// What it has unpacked to so far.
        unpacked: u64,
    },
    /// The archive has more entries than are looked at.
    #[error("the archive has more than {limit} entries; a model's has four")]
    TooManyEntries {
        /// How many are looked at.
        limit: usize,
    },
    /// The index is none that is read, or damaged.
    #[error("the index cannot be read")]
    Faiss(#[from] FaissError),
    /// The parts of the index do not fit together.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The metadata are not what they must be.
    #[error("the metadata cannot be read or written")]
    Metadata(#[from] MetadataError),
    /// The labels are not what they must be.
    #[error("the labels cannot be read")]
    Labels(#[from] LabelsError),
    /// A hyperparameter is out of range.
    #[error(transparent)]
    Hyperparameter(#[from] HyperparameterError),
    /// Index, labels and metadata do not make a model.
    #[error(transparent)]
    Model(#[from] TrainError),
}

/// Why `model_algo-1.json` says nothing that can be used, or cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// It is no JSON object.
    #[error("it is no JSON object")]
    Json(#[from] serde_json::Error),
    /// A member is not there.
    #[error("it has no {0}")]
    Missing(&'static str),
    /// A member has a value that it must not have.
    #[error("its {field} is {}; it must be {expected}", shortened(value))]
    Field {
        /// Which, with the objects around it.
        field: &'static str,
        /// As it stands there.
        value: String,
        /// What might stand there.
        expected: &'static str,
    },
    /// The dimension reduction was made by somebody else, who alone knows its matrix.
    #[error(
        "its dimension_reduction {} was made elsewhere: the seed does not tell the matrix, and with another the model \
         would predict nonsense; train again without dimension reduction, or here",
        shortened(.0)
    )]
    ForeignReduction(String),
    /// A member that a caller added has a name that means something.
    #[error(
        "the additional member {0:?} has a name that SageMaker's or our own metadata use; choose another"
    )]
    Reserved(&'static str),
}

impl MetadataError {
    pub(super) fn field(field: &'static str, value: impl ToString, expected: &'static str) -> Self {
        Self::Field { field, value: value.to_string(), expected }
    }
}

/// Why a file of labels cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LabelsError {
    /// `model_algo-1.labels` is not a whole number of `f32`.
    #[error("model_algo-N.labels is {0} bytes; it must be four for each row")]
    Length(usize),
    /// `model_algo-1-labels.npy` does not begin as a `NumPy` file.
    #[error("model_algo-N-labels.npy does not begin with NumPy's magic string")]
    Magic,
    /// The file ends inside the header.
    #[error("the {0} bytes of model_algo-N-labels.npy end inside its header")]
    Truncated(usize),
    /// The file has a version that is not known.
    #[error("the version of the NumPy format is {major}.{minor}; it must be 1.0, 2.0 or 3.0")]
    Version {
        /// The first number.
        major: u8,
        /// The second number.
        minor: u8,
    },
    /// The header is not a dictionary of three members.
    #[error("the NumPy header is {}; it must be a dictionary of descr, fortran_order and shape", shortened(.0))]
    Header(String),
    /// The type of the numbers is not read.
    #[error("descr is {:?}; it must be one of {expected}", shortened(found))]
    Dtype {
        /// As the header says.
        found: String,
        /// The types that are read.
        expected: &'static str,
    },
    /// The shape is not that of a list.
    #[error("shape is {}; it must be (n,) or (n, 1)", shortened(.0))]
    Shape(String),
    /// The numbers are more or fewer than the header says.
    #[error(
        "{found} bytes follow the NumPy header; it declares the shape {} of numbers of {item_bytes} bytes",
        shortened(shape)
    )]
    DataLength {
        /// Bytes behind the header.
        found: usize,
        /// As the header says.
        shape: String,
        /// How long a number of the header's type is.
        item_bytes: u64,
    },
    /// An integer would become another.
    #[error("label {position} is {value}, which a 64-bit float cannot hold exactly; the limit is 2^53")]
    Inexact {
        /// Which, counted from 0.
        position: usize,
        /// The label.
        value: i128,
    },
}

/// What stands in a file may be long; a message is not.
fn shortened(text: &str) -> String {
    const MAX_CHARS: usize = 120;
    let short: String = text.chars().take(MAX_CHARS).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}

/// Why bytes are not an index of faiss that is read here. Fields have faiss's own names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaissError {
    /// The index is of another kind, or no index at all.
    #[error("the kind of {what} is {found:?}; it must be {expected}")]
    Kind {
        /// The index, or a part of it.
        what: &'static str,
        /// Its four letters.
        found: String,
        /// The letters that are read.
        expected: String,
    },
    /// A field has a value that it must not have, or that contradicts another.
    #[error("{field} is {value}; it must be {expected}")]
    Field {
        /// Which.
        field: &'static str,
        /// As it stands there.
        value: i128,
        /// What might stand there.
        expected: String,
    },
    /// The file ends too early for what it says of itself.
    #[error("{field} at byte {at} would be {needed} bytes; {left} are left")]
    Truncated {
        /// What was to be read.
        field: &'static str,
        /// How long it would be.
        needed: u128,
        /// Where.
        at: usize,
        /// How much there is.
        left: usize,
    },
    /// There is something behind the index.
    #[error("the index ends at byte {at}, and {n_bytes} more bytes follow")]
    Trailing {
        /// Where the index ends.
        at: usize,
        /// How much follows.
        n_bytes: usize,
    },
}

impl FaissError {
    pub(super) fn field(field: &'static str, value: impl Into<i128>, expected: impl Into<String>) -> Self {
        Self::Field { field, value: value.into(), expected: expected.into() }
    }

    pub(super) fn kind(what: &'static str, letters: [u8; 4], expected: &[&str]) -> Self {
        let found = String::from_utf8_lossy(&letters).into_owned();
        Self::Kind { what, found, expected: expected.join(" or ") }
    }
}
