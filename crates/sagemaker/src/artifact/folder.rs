//! A folder with the three files, as `/opt/ml/model` has them.
//!
//! Three files cannot be replaced in one step. The metadata are therefore taken away first and put back last: whoever
//! reads in between finds no model rather than a mixture of two, and whoever began before notices that the files are
//! not those any more.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{
    ArtifactError,
    files::{Files, Found, Name, Part},
};

pub(super) fn read(folder: &Path) -> Result<Files<Vec<u8>>, ArtifactError> {
    let mut found = Found::nothing();
    for entry in fs::read_dir(folder).map_err(|error| failure(folder, error))? {
        let entry = entry.map_err(|error| failure(folder, error))?;
        if let Some(name) = Name::parse(entry.file_name().as_encoded_bytes()) {
            found.expect(name)?;
            found.add(name.part, (name, entry.path()));
        }
    }
    let paths = found.all()?;
    let before = stamps(&paths)?;
    let contents = |(name, path): &(Name, PathBuf)| read_file(*name, path);
    let files = Files {
        index: contents(&paths.index)?,
        labels: contents(&paths.labels)?,
        metadata: contents(&paths.metadata)?,
    };
    if stamps(&paths)? != before {
        return Err(ArtifactError::Changed(folder.to_owned()));
    }
    Ok(files)
}

fn failure(path: &Path, error: io::Error) -> ArtifactError {
    ArtifactError::File { path: path.to_owned(), source: error }
}

/// Enough to notice that a file was replaced or written to.
#[derive(Debug, PartialEq)]
struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
    number: u64,
}

fn stamps(paths: &Files<(Name, PathBuf)>) -> Result<[Stamp; 3], ArtifactError> {
    let stamp = |(name, path): &(Name, PathBuf)| {
        let metadata = fs::metadata(path).map_err(|error| failure(path, error))?;
        // Opening a pipe would wait for somebody to write; a device has no end.
        if !metadata.is_file() {
            return Err(ArtifactError::NotAFile(name.to_string()));
        }
        let (size, limit) = (metadata.len(), name.part.max_bytes());
        if size > limit {
            return Err(ArtifactError::TooLarge { name: name.to_string(), size, limit });
        }
        Ok(Stamp { size, modified: metadata.modified().ok(), number: number(&metadata) })
    };
    Ok([stamp(&paths.index)?, stamp(&paths.labels)?, stamp(&paths.metadata)?])
}

#[cfg(unix)]
fn number(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> u64 {
    0
}

fn read_file(name: Name, path: &Path) -> Result<Vec<u8>, ArtifactError> {
    let limit = name.part.max_bytes();
    let mut contents = Vec::new();
    let file = File::open(path).map_err(|error| failure(path, error))?;
    file.take(limit + 1).read_to_end(&mut contents).map_err(|error| failure(path, error))?;
    let size = contents.len() as u64;
    if size > limit {
        return Err(ArtifactError::TooLarge { name: name.to_string(), size, limit });
    }
    Ok(contents)
}

pub(super) fn write(folder: &Path, files: &Files<Vec<u8>>) -> Result<(), ArtifactError> {
    fs::create_dir_all(folder).map_err(|error| failure(folder, error))?;
    let path = |part| folder.join(Name::written(part).to_string());
    let unfinished = |part| folder.join(format!("{}.unfinished", Name::written(part)));
    let written = (|| {
        for (part, contents) in files.in_order() {
            write_file(&unfinished(part), contents)?;
        }
        let metadata = path(Part::Metadata);
        match fs::remove_file(&metadata) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failure(&metadata, error)),
            _ => {}
        }
        for part in Part::ALL {
            fs::rename(unfinished(part), path(part)).map_err(|error| failure(&path(part), error))?;
        }
        Ok(())
    })();
    if written.is_err() {
        // The first error is the one to tell; what cannot be removed does no harm under its name.
        for part in Part::ALL {
            drop(fs::remove_file(unfinished(part)));
        }
    }
    written
}

fn write_file(path: &Path, contents: &[u8]) -> Result<(), ArtifactError> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(contents)?;
        file.sync_all()
    };
    write().map_err(|error| failure(path, error))
}
