//! S3: buckets and objects.

use aws_sdk_s3::{
    error::ProvideErrorMetadata as _,
    operation::head_object::{HeadObjectError, HeadObjectOutput},
    primitives::ByteStream,
    types::{ChecksumMode, Delete, ObjectIdentifier},
};
use bytes::Bytes;
use mysfits_package::hex;
use sha2::{Digest as _, Sha256};

use super::{Aws, service_error};
use crate::{
    error::{AwsError, DeployError},
    names::is_of_stage,
};

/// The service, for errors.
pub(super) const S3: &str = "S3";
/// The owner of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BucketOwner {
    /// The bucket does not exist.
    NotFound,
    /// This stage: the bucket has our tags.
    Ours,
    /// This stage: the bucket has no tag and is empty, because a run was interrupted after it had created the bucket.
    Unfinished,
    /// Another owner.
    Foreign,
}

/// The metadata of an object to upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its key.
    pub key: String,
    /// SHA-256 of its content, in hexadecimal digits. S3 verifies it, and keeps it as the object's checksum.
    pub sha256: String,
    /// Its media type.
    pub content_type: String,
    /// Its `Cache-Control` header.
    pub cache_control: Option<String>,
}

impl Upload {
    /// Returns the metadata of an object with this content.
    #[must_use]
    pub fn new(key: String, content_type: &str, content: &[u8]) -> Self {
        let sha256 = hex(&Sha256::digest(content));
        Self { key, sha256, content_type: content_type.to_owned(), cache_control: None }
    }
}

/// Converts an error of an S3 operation.
macro_rules! s3_error {
    ($operation:literal) => {
        |error| service_error(S3, $operation, &error)
    };
}
pub(super) use s3_error;

/// Begins a request about a bucket, which fails if another account owns the bucket.
macro_rules! s3_request {
    ($aws:ident, $operation:ident, $bucket:expr) => {
        $aws.s3.$operation().expected_bucket_owner(&$aws.account).bucket($bucket)
    };
}
pub(super) use s3_request;

impl Aws {
    /// Returns the owner of the bucket of this name.
    pub(crate) async fn bucket_owner(&self, bucket: &str) -> Result<BucketOwner, DeployError> {
        let request = s3_request!(self, get_bucket_tagging, bucket);
        let tags = match request.send().await {
            Ok(answer) => answer.tag_set,
            Err(error) => match error.code() {
                Some("NoSuchBucket") => return Ok(BucketOwner::NotFound),
                Some("NoSuchTagSet" | "NoSuchTagSetError") => Vec::new(),
                // A bucket of another account in the same partition: names are shared by all.
                Some("PermanentRedirect" | "AuthorizationHeaderMalformed") => {
                    return Ok(BucketOwner::Foreign);
                }
                // A bucket of another account, or a missing permission.
                Some("AccessDenied") if !self.is_own_bucket(bucket).await => {
                    return Ok(BucketOwner::Foreign);
                }
                _ => return Err(service_error(S3, "GetBucketTagging", &error).into()),
            },
        };
        if is_of_stage(&self.stage, tags.iter().map(|tag| (tag.key(), tag.value()))) {
            return Ok(BucketOwner::Ours);
        }
        let request = s3_request!(self, list_object_versions, bucket).max_keys(1);
        let listed = request.send().await.map_err(s3_error!("ListObjectVersions"))?;
        let is_empty = listed.versions().is_empty() && listed.delete_markers().is_empty();
        Ok(if tags.is_empty() && is_empty { BucketOwner::Unfinished } else { BucketOwner::Foreign })
    }

    /// Returns whether the caller's account has the bucket, or does not tell.
    async fn is_own_bucket(&self, bucket: &str) -> bool {
        let own = self.buckets(&[bucket.to_owned()]).await.ok();
        own.is_none_or(|own| own.iter().any(|name| name == bucket))
    }

    /// Returns the metadata of an object; `None` if it does not exist.
    async fn head(&self, bucket: &str, key: &str) -> Result<Option<HeadObjectOutput>, AwsError> {
        let request = s3_request!(self, head_object, bucket).key(key).checksum_mode(ChecksumMode::Enabled);
        match request.send().await {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.as_service_error().is_some_and(HeadObjectError::is_not_found) => Ok(None),
            // Without permission to list the bucket, S3 returns 403 for a missing object.
            Err(error) => Err(service_error(S3, "HeadObject", &error)),
        }
    }

    /// Uploads an object unless it exists with the same content and headers; returns whether it did.
    ///
    /// # Errors
    /// S3's.
    pub async fn upload(&self, bucket: &str, upload: &Upload, content: Bytes) -> Result<bool, DeployError> {
        let there = self.head(bucket, &upload.key).await?;
        let checksum = base64_of_hex(&upload.sha256);
        let is_same = there.is_some_and(|there| {
            there.checksum_sha256() == Some(&checksum)
                && there.content_type() == Some(&upload.content_type)
                && there.cache_control() == upload.cache_control.as_deref()
                && there.content_length() == Some(content.len() as i64)
        });
        if is_same {
            return Ok(false);
        }
        let request = s3_request!(self, put_object, bucket)
            .key(&upload.key)
            .content_type(&upload.content_type)
            .set_cache_control(upload.cache_control.clone())
            .checksum_sha256(checksum)
            .body(ByteStream::from(content));
        request.send().await.map_err(s3_error!("PutObject"))?;
        Ok(true)
    }

    /// Returns all keys below a prefix.
    pub(crate) async fn keys(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, DeployError> {
        let mut keys = Vec::new();
        let request = s3_request!(self, list_objects_v2, bucket).prefix(prefix);
        let mut pages = request.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(s3_error!("ListObjectsV2"))?;
            keys.extend(page.contents().iter().filter_map(|object| object.key().map(str::to_owned)));
        }
        Ok(keys)
    }

    /// Deletes objects; the bucket's lifecycle rules delete their versions later.
    pub(crate) async fn delete_objects(&self, bucket: &str, keys: &[&str]) -> Result<(), DeployError> {
        let objects = keys.iter().map(|key| ((*key).to_owned(), None)).collect();
        self.delete_versions(bucket, objects).await
    }

    /// Deletes everything in a bucket: objects, old versions, delete markers and unfinished uploads. Returns the number. A
    /// missing bucket is not an error.
    pub(crate) async fn empty_bucket(&self, bucket: &str) -> Result<usize, DeployError> {
        let mut removed = 0;
        loop {
            // Always the first page: what it lists is deleted before the next request.
            let page = match s3_request!(self, list_object_versions, bucket).send().await {
                Err(error) if error.code() == Some("NoSuchBucket") => return Ok(removed),
                page => page.map_err(s3_error!("ListObjectVersions"))?,
            };
            let versions = page.versions().iter().map(|v| (v.key(), v.version_id()));
            let markers = page.delete_markers().iter().map(|m| (m.key(), m.version_id()));
            let objects: Vec<_> = versions
                .chain(markers)
                .filter_map(|(key, version)| Some((key?.to_owned(), version.map(str::to_owned))))
                .collect();
            if objects.is_empty() {
                break;
            }
            removed += objects.len();
            self.delete_versions(bucket, objects).await?;
        }
        let request = s3_request!(self, list_multipart_uploads, bucket);
        let uploads = request.send().await.map_err(s3_error!("ListMultipartUploads"))?;
        for upload in uploads.uploads() {
            let (Some(key), Some(id)) = (upload.key(), upload.upload_id()) else { continue };
            let request = s3_request!(self, abort_multipart_upload, bucket).key(key).upload_id(id);
            request.send().await.map_err(s3_error!("AbortMultipartUpload"))?;
            removed += 1;
        }
        Ok(removed)
    }

    async fn delete_versions(
        &self,
        bucket: &str,
        objects: Vec<(String, Option<String>)>,
    ) -> Result<(), DeployError> {
        // At most a thousand in one request.
        for some in objects.chunks(1000) {
            let identifiers = some
                .iter()
                .map(|(key, version)| {
                    ObjectIdentifier::builder().key(key).set_version_id(version.clone()).build()
                })
                .collect::<Result<Vec<_>, _>>()
                .map_err(unfinished("object"))?;
            let delete = Delete::builder()
                .set_objects(Some(identifiers))
                .quiet(true)
                .build()
                .map_err(unfinished("list"))?;
            let request = s3_request!(self, delete_objects, bucket).delete(delete);
            let answer = request.send().await.map_err(s3_error!("DeleteObjects"))?;
            if let Some(error) = answer.errors().first() {
                return Err(DeployError::Service(AwsError {
                    service: S3,
                    operation: "DeleteObjects",
                    code: error.code().map(str::to_owned),
                    message: format!(
                        "{bucket}/{}: {}",
                        error.key().unwrap_or("?"),
                        error.message().unwrap_or("?")
                    ),
                }));
            }
        }
        Ok(())
    }

    /// Deletes an empty bucket. A missing bucket is not an error.
    pub(crate) async fn delete_bucket(&self, bucket: &str) -> Result<(), DeployError> {
        let request = s3_request!(self, delete_bucket, bucket);
        match request.send().await {
            Err(error) if error.code() != Some("NoSuchBucket") => {
                Err(service_error(S3, "DeleteBucket", &error).into())
            }
            _ => Ok(()),
        }
    }

    /// Returns the names of the account's buckets in this region that begin with one of the prefixes.
    pub(crate) async fn buckets(&self, prefixes: &[String]) -> Result<Vec<String>, DeployError> {
        let mut found = Vec::new();
        let mut pages = self.s3.list_buckets().bucket_region(&self.region).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(s3_error!("ListBuckets"))?;
            let names = page.buckets().iter().filter_map(|bucket| bucket.name());
            found
                .extend(names.filter(|name| prefixes.iter().any(|p| name.starts_with(p))).map(str::to_owned));
        }
        Ok(found)
    }
}

/// Returns a hash in Base64, as S3 and Lambda write it, from its hexadecimal digits.
pub(crate) fn base64_of_hex(hex: &str) -> String {
    let digits: Vec<u8> =
        hex.chars().filter_map(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
    let bytes: Vec<u8> =
        digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
    aws_smithy_types::base64::encode(bytes)
}

/// Returns a `map_err` function for a request without a required part, which only a bug in this file can
/// cause.
pub(super) fn unfinished(
    what: &'static str,
) -> impl Fn(aws_smithy_types::error::operation::BuildError) -> AwsError {
    move |error| AwsError {
        service: S3,
        operation: "request",
        code: None,
        message: format!("{what}: {error}"),
    }
}
