//! The artifacts of a deployment: function, model and templates, which go to buckets.

use std::path::Path;

use mysfits_infra::Stack;

use super::Deployment;
use crate::{
    aws::{buckets::Upload, stacks::TemplateSource},
    digest::sha256,
    error::DeployError,
    names::template_key,
    upload::read,
};

/// The longest template that fits into a request, in bytes.
const MAX_TEMPLATE_BODY_BYTES: usize = 51_200;

impl Deployment<'_> {
    /// Returns a stack's template: its text, or, if that is too long for a request, its URL after an upload.
    pub(crate) async fn source(&self, stack: Stack, may_upload: bool) -> Result<TemplateSource, DeployError> {
        let text = self.package.template(stack)?;
        if text.len() <= MAX_TEMPLATE_BODY_BYTES || !may_upload {
            return Ok(TemplateSource::Body(text));
        }
        let aws = &self.deployer.aws;
        let key = template_key(&sha256(text.as_bytes()));
        let upload = Upload::new(key, "application/yaml", text.as_bytes());
        aws.upload(&self.bucket, &upload, text.into()).await?;
        let (region, suffix) = (&aws.region, aws.suffix());
        Ok(TemplateSource::Url(format!("https://{}.s3.{region}.{suffix}/{}", self.bucket, upload.key)))
    }

    /// Uploads a file unless the bucket has it already.
    pub(super) async fn upload(
        &self,
        bucket: &str,
        key: String,
        sha256: String,
        content_type: &str,
        path: &Path,
    ) -> Result<(), DeployError> {
        let upload = Upload { key, sha256, content_type: content_type.to_owned(), cache_control: None };
        let is_new = self.deployer.aws.upload(bucket, &upload, read(path)?).await?;
        let what = if is_new { "uploaded" } else { "unchanged" };
        self.deployer.console.line(format!("s3://{bucket}/{} {what}", upload.key));
        Ok(())
    }
}
