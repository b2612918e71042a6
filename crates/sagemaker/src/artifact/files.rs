//! The files of a model, by name.
//!
//! `model_HOST`, `model_HOST-labels.npy` or `model_HOST.labels`, and `model_HOST.json`. The host is `algo-1` for written
//! files, and `algo-` with any number for files to read. A training job of several hosts may write a model for each, with a
//! part of the rows. Files of several hosts are therefore rejected.

use super::ArtifactError;

/// A file of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum FilePart {
    Metadata,
    /// The labels in the format of the container.
    Labels,
    /// The labels in the format of the Developer Guide; only read if the others are missing.
    Float32Labels,
    Index,
}

impl FilePart {
    /// All files, in the order of the container's archives.
    pub(super) const ALL: [Self; 4] = [Self::Metadata, Self::Labels, Self::Float32Labels, Self::Index];

    const fn ending(self) -> &'static str {
        match self {
            Self::Metadata => ".json",
            Self::Labels => "-labels.npy",
            Self::Float32Labels => ".labels",
            Self::Index => "",
        }
    }

    /// Returns the size limit in bytes: an index of four billion numbers, a mebibyte of metadata, whose parsing takes a
    /// multiple of their length.
    pub(super) const fn max_bytes(self) -> u64 {
        match self {
            Self::Index | Self::Labels | Self::Float32Labels => 16 << 30,
            Self::Metadata => 1 << 20,
        }
    }
}

/// The name of a model's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    host: u32,
    pub(super) part: FilePart,
}

impl Name {
    /// Returns the name of a file to write.
    pub(super) const fn written(part: FilePart) -> Self {
        Self { host: 1, part }
    }

    /// Parses the name of a file; `None` if it is not a file of a model.
    pub(super) fn parse(name: &[u8]) -> Option<Self> {
        let name = std::str::from_utf8(name).ok()?.strip_prefix("model_algo-")?;
        FilePart::ALL.into_iter().find_map(|part| {
            let digits = name.strip_suffix(part.ending())?;
            let host: u32 = digits.parse().ok()?;
            // No sign and no leading zero.
            (host > 0 && host.to_string() == digits).then_some(Self { host, part })
        })
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "model_algo-{}{}", self.host, self.part.ending())
    }
}

/// The three files to read, as contents or paths.
#[derive(Debug)]
pub(super) struct Files<T> {
    pub(super) metadata: T,
    /// Which file of labels it is.
    pub(super) labels_part: FilePart,
    pub(super) labels: T,
    pub(super) index: T,
    pub(super) listing: Listing,
}

/// A file of an artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArtifactEntry {
    /// Its name.
    pub name: String,
    /// Its size in bytes, decompressed.
    pub size_bytes: u64,
}

/// What an archive or a folder holds.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// The model's files, in their order.
    pub(super) entries: Vec<ArtifactEntry>,
    /// The number of all others.
    pub(super) n_others: usize,
}

/// The files to write with their contents, in the order of [`FilePart::ALL`].
pub(super) type ArtifactFiles = Vec<(FilePart, Vec<u8>)>;

/// The files found so far.
#[derive(Debug)]
pub(super) struct FoundFiles<T> {
    host: Option<u32>,
    parts: [Option<T>; 4],
    listing: Listing,
}

impl<T> FoundFiles<T> {
    pub(super) const fn new() -> Self {
        let listing = Listing { entries: Vec::new(), n_others: 0 };
        Self { host: None, parts: [None, None, None, None], listing }
    }

    /// Counts an entry that is not a file of a model.
    pub(super) const fn skip(&mut self) {
        self.listing.n_others += 1;
    }

    /// Checks that a file may be added: it has the same host as the others, and is not a duplicate.
    pub(super) fn expect(&mut self, name: Name) -> Result<(), ArtifactError> {
        let host = *self.host.get_or_insert(name.host);
        if host != name.host {
            return Err(ArtifactError::MultipleHosts(host, name.host));
        }
        if self.parts[name.part as usize].is_some() {
            return Err(ArtifactError::DuplicateFile(name.to_string()));
        }
        Ok(())
    }

    pub(super) fn add(&mut self, name: Name, size_bytes: u64, found: T) {
        self.listing.entries.push(ArtifactEntry { name: name.to_string(), size_bytes });
        self.parts[name.part as usize] = Some(found);
    }

    /// Returns the files of a model.
    ///
    /// # Errors
    /// [`ArtifactError::Missing`] if a file is missing.
    pub(super) fn all(self) -> Result<Files<T>, ArtifactError> {
        let Self { host, parts: [metadata, labels, float32_labels, index], listing } = self;
        let host = host.unwrap_or(1);
        let missing = |part| move || ArtifactError::Missing(Name { host, part }.to_string());
        let labels_part = if labels.is_some() { FilePart::Labels } else { FilePart::Float32Labels };
        Ok(Files {
            index: index.ok_or_else(missing(FilePart::Index))?,
            labels_part,
            labels: labels.or(float32_labels).ok_or_else(missing(FilePart::Labels))?,
            metadata: metadata.ok_or_else(missing(FilePart::Metadata))?,
            listing,
        })
    }
}
