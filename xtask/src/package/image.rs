//! The container image of `local-sagemaker`, written without Docker: a folder in OCI's image layout with one layer.
//!
//! The image holds the static program and nothing else that runs. SageMaker starts a container with the argument `train` or
//! `serve`, so the program is the entry point. The same program gives the same bytes: there are no times, and members and
//! entries have a fixed order.
//!
//! Source: OCI Image Format Specification 1.1; SageMaker Developer Guide, "How Amazon SageMaker AI Runs Your Training Image".

use std::{fmt::Write as _, fs, io::Write as _, path::Path};

use anyhow::{Context as _, Result, ensure};
use flate2::{Compression, GzBuilder};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tar::{EntryType, Header};

use crate::{tools::cross::Arch, workspace};

/// The largest image, as it is transferred.
const MAX_BYTES: u64 = 12 << 20;
/// Where the program is.
const PROGRAM: &str = "usr/local/bin/local-sagemaker";
/// The time of everything in the image.
const CREATED: &str = "1970-01-01T00:00:00Z";

/// The image's layer: a tar archive.
struct Layer(tar::Builder<Vec<u8>>);

impl Layer {
    fn new() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }

    fn add(&mut self, path: &str, kind: EntryType, mode: u32, contents: &[u8]) -> Result<()> {
        let mut header = Header::new_ustar();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(contents.len() as u64);
        header.set_mtime(0);
        self.0.append_data(&mut header, path, contents).with_context(|| format!("cannot add {path}"))
    }
}

/// Writes the image into `folder`, replacing what is there, and returns the digest of its manifest.
pub fn write(folder: &Path, program: &[u8], arch: Arch, version: &str) -> Result<String> {
    workspace::remove_folder(folder)?;
    fs::create_dir_all(folder.join("blobs/sha256"))?;
    let layer = layer(program)?;
    let mut gzip = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    gzip.write_all(&layer)?;
    let (diff_id, packed) = (sha256(&layer), gzip.finish()?);
    ensure!(
        packed.len() as u64 <= MAX_BYTES,
        "the image's layer has {} bytes; the limit is {MAX_BYTES}",
        packed.len()
    );
    let config = bytes(config(arch, version, &diff_id));
    let manifest = bytes(json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": blob(folder, "application/vnd.oci.image.config.v1+json", &config)?,
        "layers": [blob(folder, "application/vnd.oci.image.layer.v1.tar+gzip", &packed)?],
    }));
    let mut entry = blob(folder, "application/vnd.oci.image.manifest.v1+json", &manifest)?;
    entry["platform"] = json!({ "architecture": architecture(arch), "os": "linux" });
    entry["annotations"] = json!({ "org.opencontainers.image.ref.name": version });
    let index = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [entry],
    });
    fs::write(folder.join("index.json"), bytes(index))?;
    fs::write(folder.join("oci-layout"), bytes(json!({ "imageLayoutVersion": "1.0.0" })))?;
    Ok(sha256(&manifest))
}

/// Returns the tar archive: the program, the licenses, the folder that SageMaker mounts, and one for temporary files.
fn layer(program: &[u8]) -> Result<Vec<u8>> {
    let mut layer = Layer::new();
    for (path, mode) in [
        ("opt/", 0o755),
        ("opt/ml/", 0o755),
        ("tmp/", 0o1777),
        ("usr/", 0o755),
        ("usr/local/", 0o755),
        ("usr/local/bin/", 0o755),
    ] {
        layer.add(path, EntryType::Directory, mode, b"")?;
    }
    layer.add(PROGRAM, EntryType::Regular, 0o755, program)?;
    for folder in ["usr/local/share/", "usr/local/share/local-sagemaker/"] {
        layer.add(folder, EntryType::Directory, 0o755, b"")?;
    }
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        let license = fs::read(workspace::root().join("crates/local-sagemaker").join(name))?;
        layer.add(&format!("usr/local/share/local-sagemaker/{name}"), EntryType::Regular, 0o644, &license)?;
    }
    Ok(layer.0.into_inner()?)
}

fn config(arch: Arch, version: &str, diff_id: &str) -> Value {
    json!({
        "architecture": architecture(arch),
        "os": "linux",
        "created": CREATED,
        "config": {
            "Entrypoint": [format!("/{PROGRAM}")],
            // Without an argument, as in compose: reachable from outside of the container.
            "Cmd": ["start", "--host", "0.0.0.0"],
            "Env": ["PATH=/usr/local/bin"],
            "ExposedPorts": { "4600/tcp": {}, "8080/tcp": {} },
            "WorkingDir": "/",
            "Labels": {
                "com.amazonaws.sagemaker.capabilities.accept-bind-to-port": "true",
                "org.opencontainers.image.licenses": "MIT OR Apache-2.0",
                "org.opencontainers.image.title": "local-sagemaker",
                "org.opencontainers.image.version": version,
            },
        },
        "rootfs": { "type": "layers", "diff_ids": [diff_id] },
        "history": [{ "created": CREATED, "created_by": "cargo xtask package image" }],
    })
}

/// Writes a blob, and returns its descriptor.
fn blob(folder: &Path, media_type: &str, contents: &[u8]) -> Result<Value> {
    let digest = sha256(contents);
    let path = folder.join("blobs").join(digest.replace(':', "/"));
    fs::write(&path, contents).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(json!({ "mediaType": media_type, "digest": digest, "size": contents.len() }))
}

/// Returns the name of a processor in images.
const fn architecture(arch: Arch) -> &'static str {
    match arch {
        Arch::X86_64 => "amd64",
        Arch::Arm64 => "arm64",
    }
}

/// Whether a map keeps its order depends on a feature of `serde_json`, which other crates may enable.
fn bytes(mut value: Value) -> Vec<u8> {
    value.sort_all_objects();
    value.to_string().into_bytes()
}

/// Returns a digest as images have it: `sha256:` and hexadecimal digits.
fn sha256(contents: &[u8]) -> String {
    Sha256::digest(contents).iter().fold("sha256:".to_owned(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn read(path: &Path) -> Value {
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    }

    #[test]
    fn same_program_gives_the_same_image() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name, program: &[u8]| write(&folder.path().join(name), program, Arch::X86_64, "1.0.0").unwrap();
        let (first, again, other) = (write("a", b"program"), write("b", b"program"), write("c", b"another"));
        assert_eq!(first, again);
        assert_ne!(first, other);
        let index = |name: &str| fs::read(folder.path().join(name).join("index.json")).unwrap();
        assert_eq!(index("a"), index("b"));
    }

    #[test]
    fn every_descriptor_is_that_of_a_blob() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("image");
        write(&folder, b"program", Arch::Arm64, "1.0.0").unwrap();
        let content = |descriptor: &Value| {
            let digest = descriptor["digest"].as_str().unwrap();
            let contents = fs::read(folder.join("blobs").join(digest.replace(':', "/"))).unwrap();
            assert_eq!(
                (sha256(&contents).as_str(), contents.len() as u64),
                (digest, descriptor["size"].as_u64().unwrap())
            );
            contents
        };
        let index = read(&folder.join("index.json"));
        assert_eq!(index["manifests"][0]["platform"]["architecture"], "arm64");
        let manifest: Value = serde_json::from_slice(&content(&index["manifests"][0])).unwrap();
        let config: Value = serde_json::from_slice(&content(&manifest["config"])).unwrap();
        assert_eq!(config["config"]["Entrypoint"], json!(["/usr/local/bin/local-sagemaker"]));

        let mut layer = Vec::new();
        flate2::read::GzDecoder::new(content(&manifest["layers"][0]).as_slice())
            .read_to_end(&mut layer)
            .unwrap();
        assert_eq!(config["rootfs"]["diff_ids"], json!([sha256(&layer)]));
        let mut archive = tar::Archive::new(layer.as_slice());
        let modes: Vec<_> = archive
            .entries()
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                (entry.path().unwrap().display().to_string(), entry.header().mode().unwrap())
            })
            .collect();
        assert!(modes.contains(&(PROGRAM.to_owned(), 0o755)), "{modes:?}");
        assert!(modes.contains(&("tmp/".to_owned(), 0o1777)), "{modes:?}");
    }
}
