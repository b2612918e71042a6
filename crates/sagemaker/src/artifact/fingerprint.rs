//! Detection of replaced model files.

use std::{
    fs::{self, Metadata},
    io,
    path::Path,
    time::SystemTime,
};

use super::files::{FilePart, Name};

/// The state of a `model.tar.gz`, or of the model's files in a folder, as the file system reports it.
///
/// Replaced or modified files have another fingerprint, as far as sizes, times and inode numbers show. Other files of a folder
/// are ignored. A path that does not exist has a fingerprint, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(FingerprintState);

#[derive(Debug, Clone, PartialEq, Eq)]
enum FingerprintState {
    /// The path does not exist or is not readable.
    Missing,
    File(Stamp),
    /// In the order of the names. A file that disappears meanwhile has no stamp.
    Folder(Vec<(Name, Option<Stamp>)>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    size_bytes: u64,
    modified: Option<SystemTime>,
    /// Distinguishes a file that was renamed over another with the same time and size.
    inode: u64,
}

impl Fingerprint {
    /// Returns the current fingerprint of a file or folder.
    #[must_use]
    pub fn from_path(path: &Path) -> Self {
        Self(FingerprintState::from_path(path).unwrap_or(FingerprintState::Missing))
    }

    /// Returns whether this is the fingerprint of a folder.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        matches!(self.0, FingerprintState::Folder(_))
    }

    /// Returns whether no file of `previous` is left, or the metadata file, which is written last, is at least as new as the
    /// others.
    pub(super) fn is_complete_replacement_of(&self, previous: &Self) -> bool {
        let FingerprintState::Folder(files) = &self.0 else { return true };
        let FingerprintState::Folder(previous) = &previous.0 else { return true };
        let modified = |stamp: &Option<Stamp>| stamp.as_ref().and_then(|stamp| stamp.modified);
        let is_metadata = |(name, _): &&(Name, Option<Stamp>)| name.part == FilePart::Metadata;
        let metadata = files.iter().find(is_metadata).and_then(|(_, stamp)| modified(stamp));
        files.iter().all(|file| !previous.contains(file))
            || files.iter().all(|(_, stamp)| modified(stamp) <= metadata)
    }
}

impl FingerprintState {
    fn from_path(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        if !metadata.is_dir() {
            return Ok(Self::File(Stamp::new(&metadata)));
        }
        let mut files = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            if let Some(name) = Name::parse(entry.file_name().as_encoded_bytes()) {
                let metadata = fs::metadata(entry.path()).ok();
                files.push((name, metadata.as_ref().map(Stamp::new)));
            }
        }
        // Ignore the file of labels that is not read.
        let has_labels = files.iter().any(|(name, _)| name.part == FilePart::Labels);
        files.retain(|(name, _)| !has_labels || name.part != FilePart::Float32Labels);
        files.sort_unstable_by_key(|(name, _)| *name);
        Ok(Self::Folder(files))
    }
}

impl Stamp {
    fn new(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(metadata);
        #[cfg(not(unix))]
        let inode = 0;
        Self { size_bytes: metadata.len(), modified: metadata.modified().ok(), inode }
    }
}
