//! A container registry: pushes an image over HTTP, without Docker.
//!
//! Only what the registry does not have is uploaded, each blob by one POST and one PUT, and the manifest last: an interrupted
//! push leaves no image that lacks a layer.
//!
//! Source: OCI Distribution Specification 1.1, "Pushing blobs" and "Pushing manifests".

use bytes::Bytes;
use http::{HeaderName, Method, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Aws,
    client::{AwsResponse, SignedClient},
    existence::ECR,
};
use crate::{
    error::{AwsError, RegistryError},
    image::{ContainerImage, ImageBlob, MANIFEST},
};

/// The number of attempts for a blob or a manifest.
const MAX_ATTEMPTS: u32 = 3;

/// A registry, with the credentials for it.
#[derive(Debug, Clone)]
pub(crate) struct ImageRegistry {
    client: SignedClient,
    url: String,
    authorization: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuthorizationData {
    authorization_token: String,
    proxy_endpoint: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Authorizations {
    authorization_data: Vec<AuthorizationData>,
}

impl Aws {
    /// Returns the account's registry, or the one at `url` with the same credentials.
    pub(crate) async fn image_registry(&self, url: Option<&str>) -> Result<ImageRegistry, AwsError> {
        const OPERATION: &str = "GetAuthorizationToken";
        let found: Authorizations = self.client.json(ECR, OPERATION, &json!({})).await?;
        let data = found.authorization_data.into_iter().next().ok_or_else(|| AwsError {
            service: ECR.id,
            operation: OPERATION,
            code: None,
            message: "the response has no token".to_owned(),
        })?;
        let url = url.map_or(data.proxy_endpoint, str::to_owned);
        Ok(ImageRegistry::new(self.client.clone(), &url, &data.authorization_token))
    }
}

impl ImageRegistry {
    /// Returns a registry with a token for HTTP's basic authentication.
    fn new(client: SignedClient, url: &str, token: &str) -> Self {
        let url = url.trim_end_matches('/').to_owned();
        Self { client, url, authorization: format!("Basic {token}") }
    }

    /// Returns the registry's URL.
    #[cfg(test)]
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Pushes what a repository lacks of an image. Returns the number of bytes that were uploaded.
    pub(crate) async fn push(
        &self,
        repository: &str,
        image: &ContainerImage,
    ) -> Result<usize, RegistryError> {
        let manifest_url = |reference: &str| format!("{}/v2/{repository}/manifests/{reference}", self.url);
        if self.has(&manifest_url(&image.digest)).await? {
            return Ok(0);
        }
        let mut n_uploaded = 0;
        for blob in &image.blobs {
            if !self.has(&format!("{}/v2/{repository}/blobs/{}", self.url, blob.digest)).await? {
                retry(async || self.upload(repository, blob).await).await?;
                n_uploaded += blob.content.len();
            }
        }
        let url = manifest_url(&image.tag);
        retry(async || self.request(Method::PUT, &url, MANIFEST, image.manifest.clone()).await).await?;
        Ok(n_uploaded + image.manifest.len())
    }

    /// Returns whether a blob or a manifest exists.
    async fn has(&self, url: &str) -> Result<bool, RegistryError> {
        match retry(async || self.request(Method::HEAD, url, "", Bytes::new()).await).await {
            Ok(_) => Ok(true),
            Err(error) if error.status == Some(404) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn upload(&self, repository: &str, blob: &ImageBlob) -> Result<(), RegistryError> {
        let start = format!("{}/v2/{repository}/blobs/uploads/", self.url);
        let response = self.request(Method::POST, &start, "", Bytes::new()).await?;
        let location = response.location.as_deref().unwrap_or_default();
        let location = match location.strip_prefix('/') {
            Some(path) => format!("{}/{path}", self.url),
            None => location.to_owned(),
        };
        let separator = if location.contains('?') { '&' } else { '?' };
        let end = format!("{location}{separator}digest={}", blob.digest);
        self.request(Method::PUT, &end, "application/octet-stream", blob.content.clone()).await?;
        Ok(())
    }

    /// Sends a request; a response that is neither success nor redirection is an error.
    async fn request(
        &self,
        method: Method,
        url: &str,
        content_type: &str,
        body: Bytes,
    ) -> Result<AwsResponse, RegistryError> {
        let mut headers: Vec<(HeaderName, &str)> = vec![(header::ACCEPT, MANIFEST)];
        // The credentials are only for the registry itself.
        if url.strip_prefix(&self.url).is_some_and(|rest| rest.starts_with('/')) {
            headers.push((header::AUTHORIZATION, &self.authorization));
        }
        if !content_type.is_empty() {
            headers.push((header::CONTENT_TYPE, content_type));
        }
        let error = |status, problem: String| RegistryError {
            method: method.clone(),
            url: url.split('?').next().unwrap_or_default().to_owned(),
            status,
            problem,
        };
        let response = self.client.public(method.clone(), url, &headers, body).await;
        let response = response.map_err(|problem| error(None, problem))?;
        // A blob may be stored elsewhere; where does not matter.
        if (200..400).contains(&response.status) {
            return Ok(response);
        }
        Err(error(Some(response.status), format!("HTTP {}{}", response.status, message(&response.body))))
    }
}

/// Returns the first error of a response as the end of a sentence.
fn message(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = &body["errors"][0];
    match (error["code"].as_str(), error["message"].as_str()) {
        (Some(code), Some(message)) => format!(" {code}: {message}"),
        (Some(text), None) | (None, Some(text)) => format!(" {text}"),
        (None, None) => String::new(),
    }
}

/// Repeats what may succeed the next time.
async fn retry<T>(attempt: impl AsyncFn() -> Result<T, RegistryError>) -> Result<T, RegistryError> {
    for number in 1..MAX_ATTEMPTS {
        match attempt().await {
            Err(error) if error.is_retryable() => {
                tokio::time::sleep(std::time::Duration::from_millis(200) * number).await;
            }
            done => return done,
        }
    }
    attempt().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        aws::tests::{fake_registry::FakeRegistry, fake_service::FakeService},
        image::tests::write_image,
    };

    fn image(layer: &str) -> ContainerImage {
        let folder = tempfile::tempdir().unwrap();
        write_image(folder.path(), "amd64", layer);
        ContainerImage::read(folder.path()).unwrap()
    }

    async fn registry(fake: &FakeRegistry) -> ImageRegistry {
        let (_, aws) = FakeService::start(&[]).await;
        ImageRegistry::new(aws.client, &fake.url, "dG9rZW4=")
    }

    #[tokio::test]
    async fn pushes_only_what_is_missing() {
        let fake = FakeRegistry::start(0).await;
        let registry = registry(&fake).await;
        let first = image("one layer");
        let n_bytes: usize = first.blobs.iter().map(|blob| blob.content.len()).sum();
        assert_eq!(registry.push("a/b", &first).await.unwrap(), n_bytes + first.manifest.len());
        assert_eq!(fake.manifest("a/b", &first.tag), first.manifest);
        assert_eq!(fake.manifest("a/b", &first.digest), first.manifest);
        assert_eq!(registry.push("a/b", &first).await.unwrap(), 0);
        // The configuration is the same.
        let second = image("another layer");
        let n_bytes = "another layer".len() + second.manifest.len();
        assert_eq!(registry.push("a/b", &second).await.unwrap(), n_bytes);
    }

    #[tokio::test]
    async fn continues_after_failures_of_the_registry() {
        let fake = FakeRegistry::start(2).await;
        let image = image("layer");
        assert!(registry(&fake).await.push("a/b", &image).await.unwrap() > 0);
        assert_eq!(fake.manifest("a/b", &image.digest), image.manifest);
        let fake = FakeRegistry::start(MAX_ATTEMPTS).await;
        let error = registry(&fake).await.push("a/b", &image).await.unwrap_err();
        assert_eq!(error.status, Some(503));
        assert!(error.to_string().contains("HEAD http://127.0.0.1:"), "{error}");
        assert!(error.to_string().contains("run the command again"), "{error}");
    }

    #[tokio::test]
    async fn names_the_registrys_reason() {
        let fake = FakeRegistry::start(0).await;
        let (_, aws) = FakeService::start(&[]).await;
        let other = ImageRegistry::new(aws.client.clone(), &fake.url, "wrong");
        let error = other.push("a/b", &image("layer")).await.unwrap_err().to_string();
        assert!(error.contains("HTTP 401") && error.contains("`mysfits-deploy policy --managed`"), "{error}");
        // The registry verifies digests.
        let mut damaged = image("layer");
        damaged.blobs[1].content = Bytes::from_static(b"other");
        let error = registry(&fake).await.push("a/b", &damaged).await.unwrap_err().to_string();
        assert!(error.contains("PUT") && error.contains("DIGEST_INVALID: digests differ"), "{error}");
    }
}
