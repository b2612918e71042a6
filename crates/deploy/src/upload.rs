//! Uploads the site, and invalidates the caches.

use std::{fs, path::Path, time::Duration};

use bytes::Bytes;
use mysfits_package::{Package, PackagedFile, hex};
use mysfits_site::{
    settings::{CONFIG, SiteSettings},
    sharing::{needs_origin, with_origin},
};
use sha2::{Digest as _, Sha256};
use tokio::task::JoinSet;

use crate::{
    aws::{
        buckets::Upload,
        conditional::{ReadObject, WriteCondition},
    },
    deployer::StackDeployer,
    digest::sha256,
    error::DeployError,
    names::RELEASES_KEY,
    poll::poll,
    site::{self, Releases, UploadOrder},
};

/// The number of concurrent uploads.
const MAX_CONCURRENT_UPLOADS: usize = 8;
/// How long a cache invalidation may take.
const INVALIDATION_TIMEOUT: Duration = Duration::from_mins(15);
/// The paths of a cache invalidation: all files, because there are many pages and the wildcard is billed as
/// one path. Files with a content hash in their names are fetched again, which no visitor notices.
const INVALIDATED_PATHS: [&str; 1] = ["/*"];

/// A file to upload.
#[derive(Debug, Clone)]
struct SiteUpload {
    upload: Upload,
    content: Bytes,
}

/// The site's files with this deployment's settings and origin.
#[derive(Debug, Clone)]
pub struct SiteContent {
    files: Vec<SiteUpload>,
    sha256: String,
}

impl SiteContent {
    /// Reads the package's site, and inserts the settings and the site's address, `url`.
    ///
    /// # Errors
    /// If a file cannot be read, or its media type is unknown.
    pub fn new(package: &Package, settings: &SiteSettings, url: &str) -> Result<Self, DeployError> {
        let mut files = Vec::new();
        for PackagedFile { key, path, sha256: packaged, .. } in package.site() {
            if key == CONFIG {
                continue;
            }
            let content = read(&path)?;
            let page = str::from_utf8(&content).ok().filter(|_| needs_origin(&key));
            let file = match page.map(|page| with_origin(page, url)) {
                Some(page) => {
                    SiteUpload { upload: upload(key, sha256(page.as_bytes()))?, content: page.into() }
                }
                None => SiteUpload { upload: upload(key, packaged)?, content },
            };
            files.push(file);
        }
        let mut settings = serde_json::to_vec_pretty(settings).map_err(|problem| DeployError::Corrupt {
            what: CONFIG.to_owned(),
            problem: problem.to_string(),
        })?;
        settings.push(b'\n');
        files.push(SiteUpload {
            upload: upload(CONFIG.to_owned(), sha256(&settings))?,
            content: settings.into(),
        });
        files.sort_by(|a, b| {
            (UploadOrder::for_key(&a.upload.key), &a.upload.key)
                .cmp(&(UploadOrder::for_key(&b.upload.key), &b.upload.key))
        });
        let mut whole = Sha256::new();
        for SiteUpload { upload, .. } in &files {
            whole.update(format!("{} {}\n", upload.key, upload.sha256));
        }
        Ok(Self { files, sha256: hex(&whole.finalize()) })
    }

    /// Returns the content of one of the site's files.
    #[must_use]
    pub fn content(&self, key: &str) -> Option<&Bytes> {
        self.files.iter().find(|file| file.upload.key == key).map(|file| &file.content)
    }

    fn keys(&self) -> impl Iterator<Item = String> {
        self.files.iter().map(|file| file.upload.key.clone())
    }
}

impl StackDeployer {
    /// Uploads new and changed files (assets first, pages last) and deletes assets that no kept release uses. Returns the
    /// number of uploaded files.
    pub(crate) async fn upload_site(
        &self,
        site: &SiteContent,
        bucket: &str,
        artifact_bucket: &str,
    ) -> Result<usize, DeployError> {
        let (mut releases, stored) = self.releases(artifact_bucket).await?;
        releases.begin(site.sha256.clone(), site.keys());
        self.save(&releases, artifact_bucket, stored.as_ref()).await?;
        let mut n_uploaded = 0;
        for turn in site
            .files
            .chunk_by(|a, b| UploadOrder::for_key(&a.upload.key) == UploadOrder::for_key(&b.upload.key))
        {
            for some in turn.chunks(MAX_CONCURRENT_UPLOADS) {
                n_uploaded += self.upload_some(some, bucket).await?;
            }
        }
        self.console.line(format!("{n_uploaded} of {} files uploaded to {bucket}", site.files.len()));
        let there = self.aws.keys(bucket, site::ASSETS).await?;
        let outdated = releases.outdated(there.iter().map(String::as_str));
        if !outdated.is_empty() {
            self.aws.delete_objects(bucket, &outdated).await?;
            self.console.line(format!("{} assets of old releases deleted", outdated.len()));
        }
        Ok(n_uploaded)
    }

    /// Deletes pages that the newest release no longer has, once it is served.
    pub(crate) async fn delete_removed_pages(
        &self,
        bucket: &str,
        artifact_bucket: &str,
    ) -> Result<(), DeployError> {
        let (releases, _) = self.releases(artifact_bucket).await?;
        let removed = releases.removed_pages();
        if removed.is_empty() {
            return Ok(());
        }
        // Deleting a missing object would leave a marker each time.
        let there = self.aws.keys(bucket, "").await?;
        let there: Vec<_> = there.iter().map(String::as_str).filter(|key| removed.contains(key)).collect();
        if !there.is_empty() {
            self.aws.delete_objects(bucket, &there).await?;
            self.console.line(format!("deleted, not part of this release: {}", there.join(", ")));
        }
        Ok(())
    }

    async fn upload_some(&self, files: &[SiteUpload], bucket: &str) -> Result<usize, DeployError> {
        let mut uploads = JoinSet::new();
        for SiteUpload { upload, content } in files.iter().cloned() {
            let (aws, bucket) = (self.aws.clone(), bucket.to_owned());
            uploads.spawn(
                async move { aws.upload(&bucket, &upload, content).await.map(|new| (upload.key, new)) },
            );
        }
        let mut n_uploaded = 0;
        while let Some(done) = uploads.join_next().await {
            // A task fails only by a panic, which is passed on.
            let (key, is_new) = done.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))?;
            if is_new {
                n_uploaded += 1;
                self.console.passing(key);
            }
        }
        Ok(n_uploaded)
    }

    /// Invalidates the caches if the site changed, and waits until that is complete.
    pub(crate) async fn invalidate(
        &self,
        distribution: &str,
        artifact_bucket: &str,
    ) -> Result<(), DeployError> {
        let (mut releases, stored) = self.releases(artifact_bucket).await?;
        let Some(reference) = releases.pending_invalidation() else {
            self.console.line("no cache invalidation needed");
            return Ok(());
        };
        let id = self.aws.invalidate(distribution, &INVALIDATED_PATHS, &reference).await?;
        self.console.doing(format!("invalidation {id} of distribution {distribution}"));
        poll(format!("invalidation {id}"), INVALIDATION_TIMEOUT, async || {
            let is_done = self.aws.is_invalidated(distribution, &id).await?;
            Ok::<_, DeployError>(is_done.then_some(()))
        })
        .await?;
        releases.set_invalidated();
        self.save(&releases, artifact_bucket, stored.as_ref()).await
    }

    /// Reads the list of releases, and the object that holds it, if there is one.
    async fn releases(&self, artifact_bucket: &str) -> Result<(Releases, Option<ReadObject>), DeployError> {
        let Some(stored) = self.aws.stored(artifact_bucket, RELEASES_KEY).await? else {
            return Ok((Releases::default(), None));
        };
        match serde_json::from_slice(&stored.content) {
            Ok(releases) => Ok((releases, Some(stored))),
            Err(problem) => Err(DeployError::Corrupt {
                what: format!("s3://{artifact_bucket}/{RELEASES_KEY}"),
                problem: problem.to_string(),
            }),
        }
    }

    /// Writes the list of releases, unless it was changed since `stored` was read.
    async fn save(
        &self,
        releases: &Releases,
        artifact_bucket: &str,
        stored: Option<&ReadObject>,
    ) -> Result<(), DeployError> {
        let text = serde_json::to_vec(releases).map_err(|problem| DeployError::Corrupt {
            what: "the list of releases".to_owned(),
            problem: problem.to_string(),
        })?;
        if stored.is_some_and(|stored| stored.content == text) {
            return Ok(());
        }
        let condition = WriteCondition::unchanged(stored);
        match self.aws.put_if(artifact_bucket, RELEASES_KEY, &text, condition).await? {
            Some(_) => Ok(()),
            None => Err(DeployError::Conflict(format!("s3://{artifact_bucket}/{RELEASES_KEY}"))),
        }
    }
}

fn upload(key: String, sha256: String) -> Result<Upload, DeployError> {
    let content_type =
        site::content_type(&key).ok_or_else(|| DeployError::NoContentType(key.clone()))?.to_owned();
    let cache_control = Some(UploadOrder::for_key(&key).cache_control().to_owned());
    Ok(Upload { key, sha256, content_type, cache_control })
}

/// Returns a file's content.
pub(crate) fn read(path: &Path) -> Result<Bytes, DeployError> {
    match fs::read(path) {
        Ok(content) => Ok(content.into()),
        Err(source) => Err(DeployError::Read { path: path.to_owned(), source }),
    }
}
