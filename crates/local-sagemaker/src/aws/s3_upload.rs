//! Objects of S3 that are written in parts, so that they need not be in memory as a whole.

use std::{fmt::Write as _, mem};

use axum::body::Bytes;
use hyper::{Method, header};

use super::{
    client::AwsClient,
    s3::{S3Error, S3Uri, elements},
};

/// The length of a part, in bytes; S3 allows no less than 5 MiB, and at most 10,000 parts.
const PART_BYTES: usize = 8 << 20;

/// An object that is being written. It exists when [`finish`](Self::finish) returns; if this value is dropped before,
/// nothing is left of it.
#[derive(Debug)]
pub struct ObjectUpload {
    client: AwsClient,
    uri: S3Uri,
    buffer: Vec<u8>,
    /// The multipart upload; `None` as long as the object fits into the buffer.
    upload_id: Option<String>,
    etags: Vec<String>,
}

impl AwsClient {
    /// Begins an object. Nothing is sent before there are 8 MiB of it.
    #[must_use]
    pub fn upload(&self, uri: S3Uri) -> ObjectUpload {
        ObjectUpload { client: self.clone(), uri, buffer: Vec::new(), upload_id: None, etags: Vec::new() }
    }
}

impl ObjectUpload {
    /// Appends bytes.
    ///
    /// # Errors
    /// [`S3Error`] if a part cannot be written.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), S3Error> {
        for chunk in bytes.chunks(PART_BYTES) {
            self.buffer.extend_from_slice(chunk);
            if self.buffer.len() >= PART_BYTES {
                self.send_part().await?;
            }
        }
        Ok(())
    }

    /// Completes the object.
    ///
    /// # Errors
    /// [`S3Error`] if it cannot be written.
    pub async fn finish(mut self) -> Result<(), S3Error> {
        if self.upload_id.is_none() {
            let body = mem::take(&mut self.buffer);
            return self.client.put(&self.uri, body.into()).await;
        }
        if !self.buffer.is_empty() {
            self.send_part().await?;
        }
        let mut parts = "<CompleteMultipartUpload>".to_owned();
        for (i, etag) in self.etags.iter().enumerate() {
            let etag = etag.replace('"', "&quot;");
            let _ = write!(parts, "<Part><PartNumber>{}</PartNumber><ETag>{etag}</ETag></Part>", i + 1);
        }
        parts.push_str("</CompleteMultipartUpload>");
        let query = format!("?uploadId={}", self.encoded_id());
        let (_, answer) = self.client.object_response(Method::POST, &self.uri, &query, parts.into()).await?;
        // S3 may fail after it has sent a status of 200.
        if String::from_utf8_lossy(&answer).contains("<Error>") {
            return Err(S3Error::Response(self.uri.clone()));
        }
        self.upload_id = None;
        Ok(())
    }

    async fn send_part(&mut self) -> Result<(), S3Error> {
        if self.upload_id.is_none() {
            let (_, xml) =
                self.client.object_response(Method::POST, &self.uri, "?uploads", Bytes::new()).await?;
            let xml = String::from_utf8_lossy(&xml).into_owned();
            let id = elements(&xml, "UploadId").next();
            self.upload_id = Some(id.ok_or_else(|| S3Error::Response(self.uri.clone()))?);
        }
        let part = mem::take(&mut self.buffer);
        let query = format!("?partNumber={}&uploadId={}", self.etags.len() + 1, self.encoded_id());
        let (headers, _) = self.client.object_response(Method::PUT, &self.uri, &query, part.into()).await?;
        let etag = headers.get(header::ETAG).and_then(|etag| etag.to_str().ok());
        self.etags.push(etag.ok_or_else(|| S3Error::Response(self.uri.clone()))?.to_owned());
        Ok(())
    }

    fn encoded_id(&self) -> String {
        super::signature::encode(self.upload_id.as_deref().unwrap_or_default(), false)
    }
}

/// Removes the parts of an object that was not completed.
impl Drop for ObjectUpload {
    fn drop(&mut self) {
        let query = format!("?uploadId={}", self.encoded_id());
        if self.upload_id.take().is_some()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let (client, uri) = (self.client.clone(), self.uri.clone());
            runtime.spawn(async move {
                let _ = client.object_response(Method::DELETE, &uri, &query, Bytes::new()).await;
            });
        }
    }
}
