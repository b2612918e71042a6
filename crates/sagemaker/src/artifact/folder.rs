//! A folder with the model's files, as in `/opt/ml/model`.
//!
//! Several files cannot be replaced atomically. The metadata are therefore removed first and written last: a concurrent
//! reader finds no model instead of a mixture of two, or notices that the files have changed. Temporary files are outside of
//! the folder if possible: SageMaker packs all files of the folder when a job is stopped.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use super::{
    ArtifactError, Fingerprint,
    files::{FilePart, Files, FoundFiles, Name},
};

pub(super) fn read(folder: &Path) -> Result<Files<Vec<u8>>, ArtifactError> {
    let before = Fingerprint::from_path(folder);
    let mut found = FoundFiles::new();
    for entry in fs::read_dir(folder).map_err(|error| failure(folder, error))? {
        let entry = entry.map_err(|error| failure(folder, error))?;
        if let Some(name) = Name::parse(entry.file_name().as_encoded_bytes()) {
            found.expect(name)?;
            let size_bytes = fs::metadata(entry.path()).map_or(0, |metadata| metadata.len());
            found.add(name, size_bytes, (name, entry.path()));
        } else {
            found.skip();
        }
    }
    let paths = found.all()?;
    for (name, path) in [&paths.index, &paths.labels, &paths.metadata] {
        check_file(*name, path)?;
    }
    let contents = |(name, path): &(Name, PathBuf)| {
        let mut contents = Vec::new();
        // A file that has grown since the check changes the fingerprint.
        File::open(path)
            .and_then(|file| file.take(name.part.max_bytes()).read_to_end(&mut contents))
            .map_err(|error| failure(path, error))?;
        Ok::<_, ArtifactError>(contents)
    };
    let files = Files {
        index: contents(&paths.index)?,
        labels_part: paths.labels_part,
        labels: contents(&paths.labels)?,
        metadata: contents(&paths.metadata)?,
        listing: paths.listing,
    };
    if Fingerprint::from_path(folder) != before {
        return Err(ArtifactError::ConcurrentModification(folder.to_owned()));
    }
    Ok(files)
}

fn failure(path: &Path, error: io::Error) -> ArtifactError {
    ArtifactError::File { path: path.to_owned(), source: error }
}

/// Checks that a file can be read to its end.
fn check_file(name: Name, path: &Path) -> Result<(), ArtifactError> {
    let metadata = fs::metadata(path).map_err(|error| failure(path, error))?;
    // Opening a pipe would block until there is a writer; a device has no end.
    if !metadata.is_file() {
        return Err(ArtifactError::NotAFile(name.to_string()));
    }
    let (size, limit) = (metadata.len(), name.part.max_bytes());
    if size > limit {
        return Err(ArtifactError::TooLarge { name: name.to_string(), size, limit });
    }
    Ok(())
}

/// Writes the files; holds `lock` while folders are created and files are moved.
pub(super) fn write(
    folder: &Path,
    files: &[(FilePart, Vec<u8>)],
    lock: &Mutex<()>,
) -> Result<(), ArtifactError> {
    fs::create_dir_all(folder).map_err(|error| failure(folder, error))?;
    let mut written = Ok(());
    for unfinished in unfinished_folders(folder) {
        written = write_by_way_of(&unfinished, folder, files, lock);
        // Report the first error only; remaining temporary files do no harm.
        drop(remove(&unfinished));
        // Another file system or mount, or no permission to write to the parent folder: try the next folder.
        match &written {
            Err(ArtifactError::File { source, .. })
                if matches!(
                    source.kind(),
                    io::ErrorKind::CrossesDevices
                        | io::ErrorKind::PermissionDenied
                        | io::ErrorKind::ReadOnlyFilesystem
                ) => {}
            _ => break,
        }
    }
    written
}

/// Removes the temporary files of an interrupted [`write()`].
pub(super) fn remove_unfinished(folder: &Path) -> io::Result<()> {
    unfinished_folders(folder).iter().try_for_each(|unfinished| remove(unfinished))
}

/// Returns the folders for temporary files, in order of preference: next to the folder, and in it.
fn unfinished_folders(folder: &Path) -> Vec<PathBuf> {
    let beside = folder.file_name().map(|name| {
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push("-unfinished");
        folder.with_file_name(hidden)
    });
    beside.into_iter().chain([folder.join(".unfinished")]).collect()
}

fn remove(unfinished: &Path) -> io::Result<()> {
    // A thread that is still writing may create another file meanwhile.
    for _ in 0..100 {
        match fs::remove_dir_all(unfinished) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            removed => return removed,
        }
    }
    fs::remove_dir_all(unfinished)
}

fn write_by_way_of(
    unfinished: &Path,
    folder: &Path,
    files: &[(FilePart, Vec<u8>)],
    lock: &Mutex<()>,
) -> Result<(), ArtifactError> {
    let locked = || lock.lock().unwrap_or_else(PoisonError::into_inner);
    let at = |folder: &Path, part| folder.join(Name::written(part).to_string());
    {
        let _lock = locked();
        remove(unfinished).map_err(|error| failure(unfinished, error))?;
        fs::create_dir(unfinished).map_err(|error| failure(unfinished, error))?;
    }
    for (part, contents) in files {
        write_file(&at(unfinished, *part), contents)?;
    }
    let _lock = locked();
    let metadata = at(folder, FilePart::Metadata);
    // Moved instead of removed: if files cannot be moved between the folders, nothing has changed yet.
    match fs::rename(&metadata, unfinished.join("previous.json")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failure(&metadata, error)),
        _ => {}
    }
    // The metadata are last: without them the folder holds no model.
    for part in FilePart::ALL.into_iter().rev() {
        let path = at(folder, part);
        if files.iter().any(|(written, _)| *written == part) {
            fs::rename(at(unfinished, part), &path).map_err(|error| failure(&path, error))?;
        } else {
            remove_file(&path).map_err(|error| failure(&path, error))?;
        }
    }
    sync_folder(folder).map_err(|error| failure(folder, error))
}

/// Removes a file of the previous model, if it exists.
fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Makes renames durable. Some network file systems do not support it and return `EINVAL`.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        synced => synced,
    }
}

/// Does nothing: there is no such call.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn write_file(path: &Path, contents: &[u8]) -> Result<(), ArtifactError> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(contents)?;
        file.sync_all()
    };
    write().map_err(|error| failure(path, error))
}
