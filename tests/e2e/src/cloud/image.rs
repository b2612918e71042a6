//! A container image for the local cloud, which stores images and does not run them.

use std::{fs, path::Path};

use anyhow::Result;
use mysfits_package::hex;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Writes an image with one small layer as a folder in OCI's image layout.
pub fn write(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder.join("blobs/sha256"))?;
    let blob = |media_type: &str, content: &str| -> Result<Value> {
        let hash = hex(&Sha256::digest(content));
        fs::write(folder.join("blobs/sha256").join(&hash), content)?;
        Ok(json!({"mediaType": media_type, "digest": format!("sha256:{hash}"), "size": content.len()}))
    };
    let config = json!({"architecture": "amd64", "os": "linux"}).to_string();
    let manifest = json!({
        "schemaVersion": 2,
        "config": blob("application/vnd.oci.image.config.v1+json", &config)?,
        "layers": [blob("application/vnd.oci.image.layer.v1.tar+gzip", "not a program")?],
    });
    let manifest = blob("application/vnd.oci.image.manifest.v1+json", &manifest.to_string())?;
    fs::write(folder.join("index.json"), json!({"schemaVersion": 2, "manifests": [manifest]}).to_string())?;
    Ok(())
}
