//! A container image in a folder of OCI's image layout, as `cargo xtask package image` writes it.
//!
//! SageMaker accepts manifests in Docker's format only, so the manifest is written anew; configuration and layers have the same
//! bytes in both formats.
//!
//! Source: OCI Image Format Specification 1.1; Docker Image Manifest Version 2, Schema 2.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::digest::sha256;

/// The media type of a manifest in Docker's format.
pub(crate) const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const CONFIG: &str = "application/vnd.docker.container.image.v1+json";
const LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";
/// The media type of OCI's compressed layers.
const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
/// The only processor that training jobs and serverless endpoints have.
const ARCHITECTURE: &str = "amd64";

/// Why an image cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ImageError {
    /// A file cannot be read.
    #[error(
        "cannot read the container image's {path}; make it with `cargo xtask package image`, or name its folder with --image"
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The image is invalid.
    #[error(
        "the container image {folder} cannot be used: {problem}; make it again with `cargo xtask package image`"
    )]
    Invalid {
        /// The image's folder.
        folder: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

/// An image: its manifest, and the blobs to which that refers.
#[derive(Debug, Clone)]
pub(crate) struct ContainerImage {
    /// The manifest.
    pub(crate) manifest: Bytes,
    /// The manifest's digest.
    pub(crate) digest: String,
    /// The image's tag, of which the digest is a part: tags of the repository are immutable.
    pub(crate) tag: String,
    /// Configuration and layers.
    pub(crate) blobs: Vec<ImageBlob>,
}

/// A configuration or a layer.
#[derive(Debug, Clone)]
pub(crate) struct ImageBlob {
    /// `sha256:` and hexadecimal digits.
    pub(crate) digest: String,
    /// Its bytes.
    pub(crate) content: Bytes,
}

#[derive(Deserialize)]
struct ImageIndex {
    manifests: Vec<Descriptor>,
}

#[derive(Deserialize)]
struct OciManifest {
    config: Descriptor,
    layers: Vec<Descriptor>,
}

/// What refers to a blob.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: String,
    #[serde(default)]
    annotations: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DockerManifest<'a> {
    schema_version: u32,
    media_type: &'static str,
    config: DockerDescriptor<'a>,
    layers: Vec<DockerDescriptor<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DockerDescriptor<'a> {
    media_type: &'static str,
    size: usize,
    digest: &'a str,
}

impl<'a> DockerDescriptor<'a> {
    fn new(media_type: &'static str, blob: &'a ImageBlob) -> Self {
        Self { media_type, size: blob.content.len(), digest: &blob.digest }
    }
}

impl ContainerImage {
    /// Reads an image, and verifies all digests.
    ///
    /// # Errors
    /// If a file is missing, a digest is wrong, or SageMaker could not run the image.
    pub(crate) fn read(folder: &Path) -> Result<Self, ImageError> {
        let invalid = |problem: String| ImageError::Invalid { folder: folder.to_owned(), problem };
        let parse_error = |error: serde_json::Error| invalid(error.to_string());
        let index: ImageIndex =
            serde_json::from_slice(&file(&folder.join("index.json"))?).map_err(parse_error)?;
        let [entry] = &index.manifests[..] else {
            return Err(invalid(format!("it has {} manifests (expected 1)", index.manifests.len())));
        };
        let manifest: OciManifest =
            serde_json::from_slice(&blob(folder, &entry.digest)?.content).map_err(parse_error)?;
        if let Some(layer) = manifest.layers.iter().find(|layer| layer.media_type != OCI_LAYER) {
            return Err(invalid(format!("a layer is {} (expected {OCI_LAYER})", layer.media_type)));
        }
        let config = blob(folder, &manifest.config.digest)?;
        let settings: Value = serde_json::from_slice(&config.content).map_err(parse_error)?;
        let architecture = settings["architecture"].as_str().unwrap_or_default();
        if architecture != ARCHITECTURE {
            return Err(invalid(format!(
                "its architecture is {architecture:?} (expected {ARCHITECTURE:?}, that of SageMaker's training jobs)"
            )));
        }
        let layers = manifest.layers.iter().map(|layer| blob(folder, &layer.digest));
        let layers = layers.collect::<Result<Vec<_>, _>>()?;
        let docker = serde_json::to_vec(&DockerManifest {
            schema_version: 2,
            media_type: MANIFEST,
            config: DockerDescriptor::new(CONFIG, &config),
            layers: layers.iter().map(|layer| DockerDescriptor::new(LAYER, layer)).collect(),
        });
        let docker = docker.map_err(parse_error)?;
        let hash = sha256(&docker);
        let version = entry.annotations["org.opencontainers.image.ref.name"].as_str().unwrap_or("image");
        Ok(Self {
            digest: format!("sha256:{hash}"),
            tag: format!("{version}-{}", &hash[..12]),
            manifest: docker.into(),
            blobs: [vec![config], layers].concat(),
        })
    }

    /// Returns the image's address in a repository, by its digest.
    pub(crate) fn address(&self, repository: &str) -> String {
        format!("{repository}@{}", self.digest)
    }
}

fn file(path: &Path) -> Result<Bytes, ImageError> {
    let content = fs::read(path).map_err(|source| ImageError::Read { path: path.to_owned(), source })?;
    Ok(content.into())
}

/// Reads a blob, and verifies its digest.
fn blob(folder: &Path, digest: &str) -> Result<ImageBlob, ImageError> {
    let invalid = |problem| ImageError::Invalid { folder: folder.to_owned(), problem };
    let hash = digest.strip_prefix("sha256:").filter(|hash| hash.bytes().all(|b| b.is_ascii_hexdigit()));
    let hash = hash.ok_or_else(|| invalid(format!("{digest:?} is no SHA-256")))?;
    let content = file(&folder.join("blobs/sha256").join(hash))?;
    let found = sha256(&content);
    if found != hash {
        return Err(invalid(format!("the blob {digest} has the digest sha256:{found}")));
    }
    Ok(ImageBlob { digest: digest.to_owned(), content })
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;

    /// Writes an image with a layer of these bytes.
    pub(crate) fn write_image(folder: &Path, architecture: &str, layer: &str) {
        fs::create_dir_all(folder.join("blobs/sha256")).unwrap();
        let write = |media_type: &str, content: &str| {
            let hash = sha256(content.as_bytes());
            fs::write(folder.join("blobs/sha256").join(&hash), content).unwrap();
            json!({"mediaType": media_type, "digest": format!("sha256:{hash}"), "size": content.len()})
        };
        let config = json!({"architecture": architecture, "os": "linux"}).to_string();
        let manifest = json!({
            "schemaVersion": 2,
            "config": write("application/vnd.oci.image.config.v1+json", &config),
            "layers": [write(OCI_LAYER, layer)],
        });
        let mut entry = write("application/vnd.oci.image.manifest.v1+json", &manifest.to_string());
        entry["annotations"] = json!({"org.opencontainers.image.ref.name": "0.1.0"});
        let index = json!({"schemaVersion": 2, "manifests": [entry]}).to_string();
        fs::write(folder.join("index.json"), index).unwrap();
    }

    #[test]
    fn the_manifest_is_in_dockers_format() {
        let folder = tempfile::tempdir().unwrap();
        write_image(folder.path(), "amd64", "layer");
        let image = ContainerImage::read(folder.path()).unwrap();
        let manifest: Value = serde_json::from_slice(&image.manifest).unwrap();
        assert_eq!(manifest["mediaType"], MANIFEST);
        assert_eq!(manifest["config"]["mediaType"], CONFIG);
        assert_eq!(manifest["layers"][0]["mediaType"], LAYER);
        assert_eq!(manifest["layers"][0]["size"], 5);
        assert_eq!(manifest["layers"][0]["digest"], format!("sha256:{}", sha256(b"layer")));
        assert_eq!(image.digest, format!("sha256:{}", sha256(&image.manifest)));
        assert_eq!(image.tag, format!("0.1.0-{}", &image.digest[7..19]));
        assert_eq!(image.blobs.len(), 2);
        assert_eq!(image.address("r.example.org/a/b"), format!("r.example.org/a/b@{}", image.digest));
    }

    #[test]
    fn refuses_damaged_images_and_those_of_other_processors() {
        let folder = tempfile::tempdir().unwrap();
        let refused = || ContainerImage::read(folder.path()).unwrap_err().to_string();
        assert!(refused().contains("`cargo xtask package image`"));
        write_image(folder.path(), "arm64", "layer");
        assert!(refused().contains("\"arm64\" (expected \"amd64\""), "{}", refused());
        write_image(folder.path(), "amd64", "layer");
        fs::write(folder.path().join("blobs/sha256").join(sha256(b"layer")), "other").unwrap();
        assert!(refused().contains("has the digest sha256:"), "{}", refused());
        fs::write(folder.path().join("index.json"), r#"{"manifests": []}"#).unwrap();
        assert!(refused().contains("0 manifests"), "{}", refused());
    }
}
