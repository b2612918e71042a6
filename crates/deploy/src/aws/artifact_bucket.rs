//! S3: the artifact bucket. It belongs to no stack, because the stacks are deployed from it.

use aws_sdk_s3::{
    error::ProvideErrorMetadata as _,
    types::{
        AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, BucketLocationConstraint,
        BucketVersioningStatus, CreateBucketConfiguration, ExpirationStatus, LifecycleExpiration,
        LifecycleRule, LifecycleRuleFilter, NoncurrentVersionExpiration, ObjectOwnership, OwnershipControls,
        OwnershipControlsRule, PublicAccessBlockConfiguration, ServerSideEncryption,
        ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Tag,
        Tagging, VersioningConfiguration,
    },
};
use mysfits_infra::names::tags;

use super::{
    Aws,
    buckets::{BucketOwner, S3, s3_error, s3_request, unfinished},
    service_error,
};
use crate::{error::DeployError, names::tag_text};

/// How long artifacts and old versions are kept, in days.
const KEPT_DAYS: i32 = 30;

impl Aws {
    /// Creates the artifact bucket unless it exists; returns whether it was created.
    ///
    /// Our tags are set last, so a bucket with them has all other settings.
    ///
    /// # Errors
    /// If the bucket has another owner ([`BucketOwner::Foreign`]), or a request to S3 fails.
    pub(crate) async fn ensure_artifact_bucket(&self, bucket: &str) -> Result<bool, DeployError> {
        match self.bucket_owner(bucket).await? {
            BucketOwner::Ours => return Ok(false),
            BucketOwner::Foreign => {
                return Err(DeployError::ForeignBucket {
                    name: bucket.to_owned(),
                    tags: tag_text(&self.stage),
                });
            }
            BucketOwner::Unfinished => {}
            BucketOwner::NotFound => self.create_bucket(bucket).await?,
        }
        self.secure_bucket(bucket).await?;
        let tags = tags(&self.stage).map(|(key, value)| Tag::builder().key(key).value(value).build());
        let tags = tags.into_iter().collect::<Result<_, _>>().map_err(unfinished("tag"))?;
        let tagging = Tagging::builder().set_tag_set(Some(tags)).build().map_err(unfinished("tags"))?;
        let request = s3_request!(self, put_bucket_tagging, bucket).tagging(tagging);
        request.send().await.map_err(s3_error!("PutBucketTagging"))?;
        Ok(true)
    }

    async fn create_bucket(&self, bucket: &str) -> Result<(), DeployError> {
        // us-east-1 must not be named.
        let elsewhere = (self.region != "us-east-1").then(|| {
            CreateBucketConfiguration::builder()
                .location_constraint(BucketLocationConstraint::from(self.region.as_str()))
                .build()
        });
        let made =
            self.s3.create_bucket().bucket(bucket).set_create_bucket_configuration(elsewhere).send().await;
        match made {
            Err(error) if error.code() != Some("BucketAlreadyOwnedByYou") => {
                Err(service_error(S3, "CreateBucket", &error).into())
            }
            _ => Ok(()),
        }
    }

    /// Makes the bucket private, encrypted and versioned, and sets its lifecycle rules.
    async fn secure_bucket(&self, bucket: &str) -> Result<(), DeployError> {
        let rule = OwnershipControlsRule::builder()
            .object_ownership(ObjectOwnership::BucketOwnerEnforced)
            .build()
            .map_err(unfinished("ownership"))?;
        let controls = OwnershipControls::builder().rules(rule).build().map_err(unfinished("ownership"))?;
        let request = s3_request!(self, put_bucket_ownership_controls, bucket).ownership_controls(controls);
        request.send().await.map_err(s3_error!("PutBucketOwnershipControls"))?;
        let block = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .block_public_policy(true)
            .ignore_public_acls(true)
            .restrict_public_buckets(true)
            .build();
        let request =
            s3_request!(self, put_public_access_block, bucket).public_access_block_configuration(block);
        request.send().await.map_err(s3_error!("PutPublicAccessBlock"))?;
        let by_default = ServerSideEncryptionByDefault::builder()
            .sse_algorithm(ServerSideEncryption::Aes256)
            .build()
            .map_err(unfinished("encryption"))?;
        let rule =
            ServerSideEncryptionRule::builder().apply_server_side_encryption_by_default(by_default).build();
        let encryption = ServerSideEncryptionConfiguration::builder()
            .rules(rule)
            .build()
            .map_err(unfinished("encryption"))?;
        let request =
            s3_request!(self, put_bucket_encryption, bucket).server_side_encryption_configuration(encryption);
        request.send().await.map_err(s3_error!("PutBucketEncryption"))?;
        let versioning = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        let request = s3_request!(self, put_bucket_versioning, bucket).versioning_configuration(versioning);
        request.send().await.map_err(s3_error!("PutBucketVersioning"))?;
        let request = s3_request!(self, put_bucket_lifecycle_configuration, bucket)
            .lifecycle_configuration(lifecycle()?);
        request.send().await.map_err(s3_error!("PutBucketLifecycleConfiguration"))?;
        Ok(())
    }
}

/// Returns the lifecycle rules: old code, old versions and unfinished uploads are deleted.
fn lifecycle() -> Result<BucketLifecycleConfiguration, DeployError> {
    // The list of the site's releases is kept: it determines which assets are deleted.
    let below = |prefix: &str| LifecycleRuleFilter::builder().prefix(prefix).build();
    let mut rules = Vec::new();
    for prefix in ["lambda/", "templates/"] {
        let expiration = LifecycleExpiration::builder().days(KEPT_DAYS).build();
        rules.push(
            LifecycleRule::builder()
                .id(format!("old-{}", prefix.trim_end_matches('/')))
                .filter(below(prefix))
                .status(ExpirationStatus::Enabled)
                .expiration(expiration)
                .build(),
        );
    }
    let versions = NoncurrentVersionExpiration::builder().noncurrent_days(KEPT_DAYS).build();
    let uploads = AbortIncompleteMultipartUpload::builder().days_after_initiation(1).build();
    rules.push(
        LifecycleRule::builder()
            .id("old-versions")
            .filter(below(""))
            .status(ExpirationStatus::Enabled)
            .noncurrent_version_expiration(versions)
            .abort_incomplete_multipart_upload(uploads)
            .build(),
    );
    let rules = rules.into_iter().collect::<Result<Vec<_>, _>>().map_err(unfinished("lifecycle"))?;
    BucketLifecycleConfiguration::builder()
        .set_rules(Some(rules))
        .build()
        .map_err(|e| unfinished("lifecycle")(e).into())
}
