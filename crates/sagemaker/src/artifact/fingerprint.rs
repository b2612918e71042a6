//! The state of a model's files, to notice that they were replaced.

use std::{
    fs::{self, Metadata},
    io,
    path::Path,
    time::SystemTime,
};

use super::files::{Name, Part};

/// The state of a `model.tar.gz`, or of the model's files in a folder, as the file system reports it.
///
/// Files that were replaced or written to have another fingerprint, as far as sizes, times and inode numbers tell. Other
/// files in a folder do not count, however many there are. A path that does not exist has a fingerprint too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(State);

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// Not there, or not readable.
    Missing,
    File(Stamp),
    /// In the order of the names. A file that vanishes while the folder is read has no stamp.
    Folder(Vec<(Name, Option<Stamp>)>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    size_bytes: u64,
    modified: Option<SystemTime>,
    /// Tells a file renamed over another from that one, whatever its time and size.
    inode: u64,
}

impl Fingerprint {
    /// Returns the present fingerprint of a file or folder.
    #[must_use]
    pub fn from_path(path: &Path) -> Self {
        Self(State::from_path(path).unwrap_or(State::Missing))
    }

    /// Returns whether this is a folder's.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        matches!(self.0, State::Folder(_))
    }

    /// Returns whether no file of `previous` is left, or the metadata file is at least as new as the others: it is written
    /// last.
    pub(super) fn is_complete_replacement_of(&self, previous: &Self) -> bool {
        let State::Folder(files) = &self.0 else { return true };
        let State::Folder(previous) = &previous.0 else { return true };
        let modified = |stamp: &Option<Stamp>| stamp.as_ref().and_then(|stamp| stamp.modified);
        let is_metadata = |(name, _): &&(Name, Option<Stamp>)| name.part == Part::Metadata;
        let metadata = files.iter().find(is_metadata).and_then(|(_, stamp)| modified(stamp));
        files.iter().all(|file| !previous.contains(file))
            || files.iter().all(|(_, stamp)| modified(stamp) <= metadata)
    }
}

impl State {
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
        // What is not read does not count.
        let has_labels = files.iter().any(|(name, _)| name.part == Part::Labels);
        files.retain(|(name, _)| !has_labels || name.part != Part::Float32Labels);
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
