//! A file of feedback: one JSON object a line, which `mysfits-data feedback` reads.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::Path,
    sync::{Mutex, PoisonError},
};

use mysfits_api::FeedbackStore;
use mysfits_domain::Feedback;

/// The largest file, in bytes: about 600,000 lines. Clients must not be able to fill the disk.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// A file to which feedback is appended.
#[derive(Debug)]
pub struct FeedbackFile(Mutex<FileEnd>);

#[derive(Debug)]
struct FileEnd {
    file: File,
    length: u64,
}

impl FeedbackFile {
    /// Opens a file to append to; creates it if it does not exist.
    ///
    /// # Errors
    /// If it cannot be opened for writing.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let length = file.metadata()?.len();
        Ok(Self(Mutex::new(FileEnd { file, length })))
    }
}

impl FeedbackStore for FeedbackFile {
    fn store(&self, feedback: &Feedback) -> io::Result<()> {
        let mut line = serde_json::to_vec(feedback)?;
        line.push(b'\n');
        let mut end = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let length = end.length + line.len() as u64;
        if length > MAX_FILE_BYTES {
            let text = format!("the file of feedback has {MAX_FILE_BYTES} bytes, the most that are stored");
            return Err(io::Error::new(io::ErrorKind::StorageFull, text));
        }
        end.file.write_all(&line)?;
        end.length = length;
        Ok(())
    }
}
