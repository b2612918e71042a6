//! Manifests of S3 objects.

use std::path::{Component, Path};

use mysfits_sagemaker::S3Manifest;
use serde_json::{Value, json};

/// Reads a manifest: its paths stay in their folder, and what is read is what is written.
///
/// # Panics
/// If reading breaks a rule that holds for every input.
pub fn manifest(data: &[u8]) {
    let Ok(manifest) = S3Manifest::from_json(data) else { return };
    assert!(!manifest.paths.is_empty());
    for path in &manifest.paths {
        let inside = Path::new("folder").join(path);
        assert!(inside.components().all(|part| matches!(part, Component::Normal(_))), "{path:?}");
        assert!(inside.components().count() > 1 && !path.ends_with('/'), "{path:?}");
    }
    let head = json!({ "prefix": manifest.prefix });
    let entries: Value = [head].into_iter().chain(manifest.paths.iter().map(|path| json!(path))).collect();
    assert_eq!(S3Manifest::from_json(entries.to_string().as_bytes()).as_ref(), Ok(&manifest));
}
