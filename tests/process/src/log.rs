//! The file that a program's output goes to.

use std::{
    fs::{self, File},
    io::{Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

/// A file for the output of one or more programs, readable while they run.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    /// Where the output of these programs begins.
    start: u64,
    /// Removed with the value.
    _folder: Option<TempDir>,
}

impl LogFile {
    /// Creates an empty file, and its folder if that is missing.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let context = || format!("cannot write {}", path.display());
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(context)?;
        }
        File::create(&path).with_context(context)?;
        Ok(Self { path, start: 0, _folder: None })
    }

    /// Appends to a file that exists.
    ///
    /// # Errors
    /// If the file does not exist.
    pub fn append(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let metadata = path.metadata().with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self { path, start: metadata.len(), _folder: None })
    }

    /// Creates a file that is removed when the value is dropped.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn temporary() -> Result<Self> {
        let folder = tempfile::tempdir().context("cannot create a temporary folder")?;
        let log = Self::create(folder.path().join("log"))?;
        Ok(Self { _folder: Some(folder), ..log })
    }

    /// Returns the path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns a handle for `Command::stdout` or `Command::stderr`. Several programs may write to the same file.
    ///
    /// # Errors
    /// If the file cannot be opened.
    pub fn stdio(&self) -> Result<Stdio> {
        let file = File::options().append(true).open(&self.path);
        Ok(file.with_context(|| format!("cannot write {}", self.path.display()))?.into())
    }

    /// Returns the output so far.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn text(&self) -> Result<String> {
        self.read_from(self.start)
    }

    /// Returns the last `n_bytes` of the output, or all of it if there is less.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn tail(&self, n_bytes: u64) -> Result<String> {
        let len = self.path.metadata().with_context(|| format!("cannot read {}", self.path.display()))?.len();
        self.read_from(len.saturating_sub(n_bytes).max(self.start))
    }

    fn read_from(&self, start: u64) -> Result<String> {
        let read = || {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            std::io::Result::Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        read().with_context(|| format!("cannot read {}", self.path.display()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn appended_output_is_apart_from_what_was_there() {
        let first = LogFile::temporary().unwrap();
        fs::write(first.path(), "old\n").unwrap();
        let log = LogFile::append(first.path()).unwrap();
        assert_eq!(log.text().unwrap(), "");
        fs::write(log.path(), "old\nnew and newer\n").unwrap();
        assert_eq!(log.text().unwrap(), "new and newer\n");
        assert_eq!(
            (log.tail(6).unwrap(), log.tail(100).unwrap()),
            ("newer\n".into(), "new and newer\n".into())
        );
        assert_eq!(first.text().unwrap(), "old\nnew and newer\n");
    }
}
