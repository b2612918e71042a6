//! The records in the data folder, as one JSON file.
//!
//! The file is written beside and renamed: it is whole at any time. Models, configurations, endpoints, finished jobs and tags
//! are in it; jobs under way, logs and faults are not.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use mysfits_sagemaker::AccountRegion;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tempfile::NamedTempFile;

use super::services::AllServices;

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
}

impl RecordsFile {
    /// Reads the file in a data folder, if it is there.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(RECORDS);
        let content = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            content => content.with_context(|| format!("cannot read {}", path.display()))?,
        };
        if content.is_empty() {
            return Ok(Self { path, content, read: Vec::new() });
        }
        let invalid =
            || format!("invalid file of records {}; remove it to start without them", path.display());
        let saved: SavedServices = serde_json::from_slice(&content).with_context(invalid)?;
        ensure!(saved.version == VERSION, "{}: version {} (expected {VERSION})", invalid(), saved.version);
        Ok(Self { read: saved.regions, content, path })
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
