//! The lock that keeps two deployments apart: an object in the artifact bucket, written by condition.
//!
//! Its holder renews it. A lock that is not renewed, or whose process on this machine has ended, is taken over.

mod process;

use std::{
    env,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use aws_smithy_types::{DateTime, date_time::Format};
use mysfits_infra::names::{LOCK_KEY, artifact_bucket};
use serde::{Deserialize, Serialize};

use crate::{
    aws::{
        Aws,
        conditional::{ReadObject, WriteCondition},
    },
    deployer::StackDeployer,
    error::DeployError,
};
use process::ProcessId;

/// How often the holder renews its lock.
const RENEWAL: Duration = Duration::from_mins(2);
/// After which time without a renewal a lock is taken over. It exceeds the clock difference that AWS accepts.
const STALE: Duration = Duration::from_mins(20);

/// What the lock's object holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LockRecord {
    /// The ARN of the caller.
    pub(crate) holder: String,
    /// The command.
    pub(crate) command: String,
    /// The machine's name.
    pub(crate) host: String,
    /// When the command began, in UTC.
    pub(crate) since: String,
    /// The process, where it can be identified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    process: Option<ProcessId>,
}

impl LockRecord {
    fn new(aws: &Aws, command: &str) -> Self {
        let now = DateTime::from(SystemTime::now());
        let seconds = DateTime::from_secs(now.secs());
        Self {
            holder: aws.caller.clone(),
            command: command.to_owned(),
            host: host(),
            since: seconds.fmt(Format::DateTime).unwrap_or_default(),
            process: ProcessId::current(),
        }
    }

    /// Returns whether the lock of this age may be taken over.
    fn is_stale(&self, age: Duration) -> bool {
        age > STALE || self.process.as_ref().is_some_and(ProcessId::has_ended)
    }

    fn locked(self) -> DeployError {
        let Self { holder, command, host, since, .. } = self;
        DeployError::Locked { command, holder, host, since }
    }
}

/// The lock of a run. Clones share their state.
#[derive(Debug, Clone, Default)]
pub(crate) struct DeployLock(Arc<Mutex<Option<HeldLock>>>);

#[derive(Debug, Clone)]
struct HeldLock {
    bucket: String,
    content: Vec<u8>,
    /// The object's version for conditions.
    etag: String,
}

impl DeployLock {
    /// Checks that no other run holds the lock.
    ///
    /// # Errors
    /// [`DeployError::Locked`], or S3's error.
    pub(crate) async fn check(&self, aws: &Aws, bucket: &str) -> Result<(), DeployError> {
        match read(aws, bucket).await {
            Ok(Some((record, stored))) if !record.is_stale(stored.age) => Err(record.locked()),
            // A bucket of another account, which its creation reports.
            Err(DeployError::Service(error)) if error.is("AccessDenied") => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Ok(()),
        }
    }

    /// Takes the lock; returns whose stale lock it took over, if any.
    ///
    /// # Errors
    /// [`DeployError::Locked`], or S3's error.
    pub(crate) async fn acquire(
        &self,
        aws: &Aws,
        bucket: &str,
        command: &str,
    ) -> Result<Option<LockRecord>, DeployError> {
        let content = serde_json::to_vec_pretty(&LockRecord::new(aws, command)).unwrap_or_default();
        let hold = |etag| {
            self.set(Some(HeldLock { bucket: bucket.to_owned(), content: content.clone(), etag }));
        };
        if let Some(etag) = aws.put_if(bucket, LOCK_KEY, &content, WriteCondition::Absent).await? {
            hold(etag);
            return Ok(None);
        }
        // If it is gone by now, its holder has just ended: another run may have begun.
        let Some((record, stored)) = read(aws, bucket).await? else {
            return Err(DeployError::Conflict("the lock".to_owned()));
        };
        // A request that was repeated after a lost response.
        if stored.content == content {
            hold(stored.etag);
            return Ok(None);
        }
        if !record.is_stale(stored.age) {
            return Err(record.locked());
        }
        match aws.put_if(bucket, LOCK_KEY, &content, WriteCondition::Is(&stored.etag)).await? {
            Some(etag) => hold(etag),
            None => return Err(DeployError::Conflict("the lock".to_owned())),
        }
        Ok(Some(record))
    }

    /// Renews the lock while the run holds it; returns if it is lost.
    pub(crate) async fn keep(&self, aws: &Aws) -> DeployError {
        loop {
            tokio::time::sleep(RENEWAL).await;
            if let Err(error) = self.renew(aws).await {
                return error;
            }
        }
    }

    async fn renew(&self, aws: &Aws) -> Result<(), DeployError> {
        let Some(held) = self.held() else { return Ok(()) };
        let renewed = aws.put_if(&held.bucket, LOCK_KEY, &held.content, WriteCondition::Is(&held.etag)).await;
        match renewed {
            Ok(Some(etag)) => self.set(Some(HeldLock { etag, ..held })),
            // The run may have ended meanwhile.
            Ok(None) if self.held().is_some() => return Err(DeployError::LockLost),
            // The next renewal is in time.
            Ok(None) | Err(_) => {}
        }
        Ok(())
    }

    /// Stops renewing the lock, whose bucket is deleted.
    pub(crate) fn forget(&self) {
        self.set(None);
    }

    /// Releases the lock, if the run holds it.
    ///
    /// # Errors
    /// S3's.
    pub(crate) async fn release(&self, aws: &Aws) -> Result<(), DeployError> {
        let Some(held) = self.held() else { return Ok(()) };
        self.set(None);
        aws.delete_if(&held.bucket, LOCK_KEY, &held.etag).await
    }

    fn held(&self) -> Option<HeldLock> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, held: Option<HeldLock>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = held;
    }
}

impl StackDeployer {
    /// Takes the lock for a command.
    ///
    /// # Errors
    /// [`DeployError::Locked`], or S3's error.
    pub(crate) async fn lock(
        &self,
        lock: &DeployLock,
        bucket: &str,
        command: &str,
    ) -> Result<(), DeployError> {
        if let Some(LockRecord { command, holder, host, since, .. }) =
            lock.acquire(&self.aws, bucket, command).await?
        {
            self.console.line(format!(
                "the lock of an earlier {command} by {holder} on {host}, begun {since}, is stale: taken over"
            ));
        }
        Ok(())
    }

    /// Removes the lock, which another run left.
    pub(crate) async fn unlock(&self, yes: bool) -> Result<(), DeployError> {
        let bucket = artifact_bucket(&self.aws.stage, &self.aws.account, &self.aws.region);
        let Some(stored) = self.aws.stored(&bucket, LOCK_KEY).await? else {
            self.console.line("there is no lock");
            return Ok(());
        };
        let holder = serde_json::from_slice(&stored.content).map_or_else(
            |_| "a run of another version of this tool".to_owned(),
            |LockRecord { command, holder, host, since, .. }| {
                format!("{command} by {holder} on {host}, begun {since}")
            },
        );
        self.console.line(format!("{holder} holds the lock; it was renewed {} s ago", stored.age.as_secs()));
        self.console.confirm("remove the lock; this run must have ended", yes)?;
        self.aws.delete_if(&bucket, LOCK_KEY, &stored.etag).await?;
        self.console.line("lock removed");
        Ok(())
    }
}

/// Reads the lock; returns `None` if the lock or the bucket does not exist.
pub(crate) async fn read(aws: &Aws, bucket: &str) -> Result<Option<(LockRecord, ReadObject)>, DeployError> {
    let Some(stored) = aws.stored(bucket, LOCK_KEY).await? else { return Ok(None) };
    let record = serde_json::from_slice(&stored.content).map_err(|problem| DeployError::Corrupt {
        what: format!("s3://{bucket}/{LOCK_KEY}"),
        problem: problem.to_string(),
    })?;
    Ok(Some((record, stored)))
}

/// Returns the machine's name.
fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = name.or_else(|| env::var("HOSTNAME").ok()).or_else(|| env::var("COMPUTERNAME").ok());
    name.map_or_else(|| "an unnamed machine".to_owned(), |name| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{aws::tests::fake_service::FakeService, console::Console};

    fn record(process: Option<ProcessId>) -> LockRecord {
        LockRecord {
            holder: "arn:aws:iam::1:user/a".to_owned(),
            command: "deploy".to_owned(),
            host: "ci-7".to_owned(),
            since: "2026-11-30T10:00:00Z".to_owned(),
            process,
        }
    }

    #[test]
    fn a_lock_is_stale_when_its_holder_stopped_renewing_it() {
        assert!(!record(None).is_stale(RENEWAL * 3));
        assert!(record(None).is_stale(STALE + Duration::from_secs(1)));
        assert!(!record(ProcessId::current()).is_stale(Duration::ZERO), "this process runs");
    }

    #[test]
    fn the_error_says_who_since_when_and_how_to_remove_it() {
        let text = record(None).locked().to_string();
        for words in
            ["deploy by arn:aws:iam::1:user/a", "on ci-7", "2026-11-30T10:00:00Z", "`mysfits-deploy unlock`"]
        {
            assert!(text.contains(words), "{text}");
        }
    }

    const MET: (u16, &str, &str) = (200, "etag: \"e1\"\r\n", "");
    const UNMET: (u16, &str, &str) = (412, "", "<Error><Code>PreconditionFailed</Code></Error>");

    #[tokio::test]
    async fn takes_renews_and_releases_the_lock_by_condition() {
        let (fake, aws) = FakeService::start_with_headers(&[MET, MET, (204, "", "")]).await;
        let lock = DeployLock::default();
        assert!(lock.acquire(&aws, "b", "deploy").await.unwrap().is_none());
        lock.renew(&aws).await.unwrap();
        lock.release(&aws).await.unwrap();
        let asked = fake.requests();
        assert!(asked[0].line.starts_with("PUT /b/deployment-lock.json"), "{}", asked[0].line);
        assert_eq!(asked[0].header("if-none-match"), "*");
        assert!(asked[0].body.contains("arn:aws:iam::123456789012:user/tester"), "{}", asked[0].body);
        assert_eq!(asked[1].header("if-match"), "\"e1\"");
        assert!(asked[2].line.starts_with("DELETE /b/deployment-lock.json"), "{}", asked[2].line);
        assert_eq!(asked[2].header("if-match"), "\"e1\"");
        lock.release(&aws).await.unwrap();
        assert_eq!(fake.requests().len(), 3, "there is nothing to release");
    }

    #[tokio::test]
    async fn a_lock_that_another_run_holds_is_respected() {
        let held = serde_json::to_string(&record(ProcessId::current())).unwrap();
        let (_, aws) = FakeService::start_with_headers(&[UNMET, (200, "etag: \"e2\"\r\n", &held)]).await;
        let error = DeployLock::default().acquire(&aws, "b", "deploy").await.unwrap_err();
        assert!(matches!(error, DeployError::Locked { .. }), "{error}");
        let (_, aws) = FakeService::start(&[(200, &held)]).await;
        assert!(DeployLock::default().check(&aws, "b").await.is_err());
        let missing = "<Error><Code>NoSuchBucket</Code></Error>";
        let (_, aws) = FakeService::start(&[(404, missing)]).await;
        DeployLock::default().check(&aws, "b").await.unwrap();
    }

    #[tokio::test]
    async fn a_lock_that_was_taken_over_ends_the_run() {
        let (_, aws) = FakeService::start_with_headers(&[MET, UNMET]).await;
        let lock = DeployLock::default();
        lock.acquire(&aws, "b", "deploy").await.unwrap();
        assert!(matches!(lock.renew(&aws).await, Err(DeployError::LockLost)));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_lock_of_a_killed_process_is_taken_over() {
        let held = serde_json::to_string(&record(ProcessId::ended())).unwrap();
        let stored = (200, "etag: \"e2\"\r\n", held.as_str());
        let (fake, aws) = FakeService::start_with_headers(&[UNMET, stored, MET]).await;
        let former = DeployLock::default().acquire(&aws, "b", "deploy").await.unwrap();
        assert_eq!(former.map(|record| record.host).as_deref(), Some("ci-7"));
        assert_eq!(fake.requests()[2].header("if-match"), "\"e2\"");
    }

    #[tokio::test]
    async fn unlock_removes_a_lock_that_it_cannot_read() {
        let (fake, aws) =
            FakeService::start_with_headers(&[(200, "etag: \"e3\"\r\n", "{}"), (204, "", "")]).await;
        StackDeployer { aws, console: Console::for_json() }.unlock(true).await.unwrap();
        assert_eq!(fake.requests()[1].header("if-match"), "\"e3\"");
    }
}
