//! S3: objects that are only written if they are what the writer has read.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::{error::ProvideErrorMetadata as _, primitives::ByteStream};
use bytes::Bytes;

use super::{
    Aws,
    buckets::{S3, s3_request},
    service_error,
};
use crate::error::{AwsError, DeployError};

/// What an object must be to be written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WriteCondition<'a> {
    /// It does not exist.
    Absent,
    /// It has this entity tag.
    Is(&'a str),
}

impl<'a> WriteCondition<'a> {
    /// Returns the condition that nothing was written since this was read.
    pub(crate) fn unchanged(read: Option<&'a ReadObject>) -> Self {
        read.map_or(Self::Absent, |stored| Self::Is(&stored.etag))
    }
}

/// An object as it was read.
#[derive(Debug, Clone)]
pub(crate) struct ReadObject {
    /// The content.
    pub(crate) content: Bytes,
    /// The entity tag.
    pub(crate) etag: String,
    /// The time since it was written.
    pub(crate) age: Duration,
}

impl Aws {
    /// Returns an object with its entity tag; `None` if it or its bucket does not exist.
    pub(crate) async fn stored(&self, bucket: &str, key: &str) -> Result<Option<ReadObject>, DeployError> {
        let object = match s3_request!(self, get_object, bucket).key(key).send().await {
            Ok(object) => object,
            Err(error) if matches!(error.code(), Some("NoSuchKey" | "NoSuchBucket")) => return Ok(None),
            Err(error) => return Err(service_error(S3, "GetObject", &error).into()),
        };
        let etag = object.e_tag().unwrap_or_default().to_owned();
        let written = object.last_modified().and_then(|time| SystemTime::try_from(*time).ok());
        let age = written.and_then(|written| written.elapsed().ok()).unwrap_or_default();
        let content = object.body.collect().await.map_err(|error| AwsError {
            service: S3,
            operation: "GetObject",
            code: None,
            message: error.to_string(),
        })?;
        Ok(Some(ReadObject { content: content.into_bytes(), etag, age }))
    }

    /// Writes a JSON object under a condition; returns its entity tag, or `None` if the condition is not met.
    pub(crate) async fn put_if(
        &self,
        bucket: &str,
        key: &str,
        content: &[u8],
        condition: WriteCondition<'_>,
    ) -> Result<Option<String>, DeployError> {
        let request = s3_request!(self, put_object, bucket)
            .key(key)
            .content_type("application/json")
            .body(ByteStream::from(content.to_vec()));
        let request = match condition {
            WriteCondition::Absent => request.if_none_match("*"),
            WriteCondition::Is(etag) => request.if_match(etag),
        };
        match request.send().await {
            Ok(written) => Ok(Some(written.e_tag().unwrap_or_default().to_owned())),
            Err(error) if is_unmet(error.code()) => Ok(None),
            Err(error) => Err(service_error(S3, "PutObject", &error).into()),
        }
    }

    /// Deletes an object unless it was changed. A missing object is not an error.
    pub(crate) async fn delete_if(&self, bucket: &str, key: &str, etag: &str) -> Result<(), DeployError> {
        let request = s3_request!(self, delete_object, bucket).key(key).if_match(etag);
        match request.send().await {
            Err(error) if !is_unmet(error.code()) && error.code() != Some("NoSuchBucket") => {
                Err(service_error(S3, "DeleteObject", &error).into())
            }
            _ => Ok(()),
        }
    }
}

/// Returns whether a condition is not met: the object was changed or deleted, or another request writes it now.
fn is_unmet(code: Option<&str>) -> bool {
    matches!(code, Some("PreconditionFailed" | "ConditionalRequestConflict" | "NoSuchKey"))
}
