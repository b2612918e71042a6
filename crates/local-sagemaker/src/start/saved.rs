//! The records in the data folder, as one JSON file. A program locks the folder that it uses.
//!
//! The file is written beside and renamed: it is whole at any time. Models, configurations, endpoints, finished jobs and tags
//! are in it; jobs under way, logs and faults are not.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process,
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use mysfits_sagemaker::AccountRegion;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tempfile::NamedTempFile;

use super::services::AllServices;

/// The name of the file that the program locks. It has the program's id.
const LOCK: &str = "lock";
/// The name of the file.
const RECORDS: &str = "records.json";
/// The format of the file.
const VERSION: u32 = 1;
/// The time between two checks for changes.
const INTERVAL: Duration = Duration::from_millis(500);

#[derive(Debug, Serialize, Deserialize)]
struct SavedServices {
    version: u32,
    regions: Vec<SavedRegion>,
}

#[derive(Debug, Serialize, Deserialize)]
struct SavedRegion {
    account: String,
    region: String,
    sagemaker: Value,
}

/// The file, and what it holds.
#[derive(Debug)]
pub(super) struct RecordsFile {
    path: PathBuf,
    content: Vec<u8>,
    /// What was read and is to be restored.
    read: Vec<SavedRegion>,
    /// Unlocked when it is closed.
    _lock: File,
}

impl RecordsFile {
    /// Locks a data folder, which is created if it does not exist, and reads the file in it, if it is there.
    ///
    /// # Errors
    /// If another program uses the folder, or the file cannot be read.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let lock = lock(folder).with_context(|| format!("cannot use the folder {}", folder.display()))?;
        let path = folder.join(RECORDS);
        let content = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            content => content.with_context(|| format!("cannot read {}", path.display()))?,
        };
        if content.is_empty() {
            return Ok(Self { path, content, read: Vec::new(), _lock: lock });
        }
        let invalid =
            || format!("invalid file of records {}; remove it to start without them", path.display());
        let saved: SavedServices = serde_json::from_slice(&content).with_context(invalid)?;
        ensure!(saved.version == VERSION, "{}: version {} (expected {VERSION})", invalid(), saved.version);
        Ok(Self { read: saved.regions, content, path, _lock: lock })
    }

    /// Adds the records that were read. S3 must be reachable.
    pub(super) async fn restore(&mut self, services: &AllServices) {
        for SavedRegion { account, region, sagemaker } in std::mem::take(&mut self.read) {
            let Ok(services) = services.get(&AccountRegion::new(account, region)) else { continue };
            match services.sagemaker.restore(&sagemaker).await {
                Ok(errors) => errors.iter().for_each(|error| tracing::warn!("not restored: {error}")),
                Err(error) => {
                    tracing::warn!(%error, path = %self.path.display(), "not all records were restored");
                }
            }
        }
    }

    /// Writes the records if they have changed.
    ///
    /// # Errors
    /// The system's.
    pub(super) fn save(&mut self, services: &AllServices) -> io::Result<()> {
        let regions = services.all().into_iter().map(|(owner, services)| SavedRegion {
            account: owner.account().to_owned(),
            region: owner.region().to_owned(),
            sagemaker: services.sagemaker.saved(),
        });
        let saved = SavedServices { version: VERSION, regions: regions.collect() };
        let content = serde_json::to_vec_pretty(&saved)?;
        if content == self.content {
            return Ok(());
        }
        let file = NamedTempFile::new_in(self.path.parent().unwrap_or(Path::new(".")))?;
        fs::write(file.path(), &content)?;
        file.persist(&self.path)?;
        self.content = content;
        Ok(())
    }

    /// Writes the records whenever they have changed. Does not end by itself.
    pub(super) async fn watch(&mut self, services: &AllServices) {
        loop {
            tokio::time::sleep(INTERVAL).await;
            self.save_or_warn(services);
        }
    }

    /// Writes the records if they have changed; a failure is logged.
    pub(super) fn save_or_warn(&mut self, services: &AllServices) {
        if let Err(error) = self.save(services) {
            tracing::warn!(%error, path = %self.path.display(), "cannot save the records");
        }
    }
}

/// Locks a folder until the file is closed.
fn lock(folder: &Path) -> Result<File> {
    fs::create_dir_all(folder)?;
    let path = folder.join(LOCK);
    let mut file = File::options().read(true).write(true).create(true).truncate(false).open(&path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let id = fs::read_to_string(&path).unwrap_or_default();
            bail!(
                "it is in use by another local-sagemaker, process {id}; stop that one, or choose another folder with --data"
            );
        }
        // Some network file systems have no locks.
        Err(TryLockError::Error(error)) => {
            tracing::warn!(%error, path = %path.display(), "cannot lock the data folder");
        }
    }
    file.set_len(0)?;
    write!(file, "{}", process::id())?;
    Ok(file)
}
