//! Manifests of S3 objects, as `S3DataType: ManifestFile` names one: a prefix, and the paths of objects below it.
//!
//! Source: the service model of `sagemaker`, `S3DataSource`; `record_set()` of the SageMaker Python SDK writes such a file.

use std::path::{Component, Path};

use serde::Deserialize;
use serde_json::Value;

/// The largest manifest that is read, in bytes.
const MAX_MANIFEST_BYTES: usize = 16 << 20;

/// The objects that a manifest lists. The URI of an object is the prefix and its path, one after the other.
///
/// ```
/// use mysfits_sagemaker::S3Manifest;
///
/// let manifest = S3Manifest::from_json(br#"[{"prefix": "s3://data/train/"}, "a.csv", "b/c.csv"]"#)?;
/// assert_eq!(manifest.prefix, "s3://data/train/");
/// assert_eq!(manifest.paths, ["a.csv", "b/c.csv"]);
/// # Ok::<(), mysfits_sagemaker::S3ManifestError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct S3Manifest {
    /// The beginning of every object's URI; unchecked.
    pub prefix: String,
    /// The paths of the objects, in the order of the manifest; at least one. Each is the relative path of a file, without `.`
    /// and `..`.
    pub paths: Vec<String>,
}

/// An invalid manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a JSON array of {{\"prefix\": \"s3://bucket/folder/\"}} and at least one path below it: {reason}"
)]
pub struct S3ManifestError {
    reason: String,
}

impl S3Manifest {
    /// Reads a manifest: `[{"prefix": "s3://bucket/folder/"}, "a.csv", "b/c.csv"]`.
    ///
    /// # Errors
    /// [`S3ManifestError`] if the text is not such an array, lists no path or one that leaves its folder, or is longer than
    /// 16 MiB.
    pub fn from_json(text: &[u8]) -> Result<Self, S3ManifestError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct ManifestHead {
            prefix: String,
        }
        let invalid = |reason: String| S3ManifestError { reason };
        if text.len() > MAX_MANIFEST_BYTES {
            return Err(invalid(format!("it is longer than {MAX_MANIFEST_BYTES} bytes")));
        }
        let entries: Vec<Value> = serde_json::from_slice(text).map_err(|error| invalid(error.to_string()))?;
        let mut entries = entries.into_iter();
        let head = entries.next().ok_or_else(|| invalid("it is empty".to_owned()))?;
        let ManifestHead { prefix } =
            ManifestHead::deserialize(&head).map_err(|error| invalid(format!("{head}: {error}")))?;
        let path = |entry: Value| match entry {
            Value::String(path) if is_file_path(&path) => Ok(path),
            Value::String(path) => Err(invalid(format!("{path:?} is not the relative path of a file"))),
            other => Err(invalid(format!("{other} is not a string"))),
        };
        let paths = entries.map(path).collect::<Result<Vec<_>, _>>()?;
        if paths.is_empty() {
            return Err(invalid("it lists no object".to_owned()));
        }
        Ok(Self { prefix, paths })
    }
}

/// Returns whether a key is the relative path of a file: it neither leaves its folder nor ends with a slash.
#[must_use]
pub fn is_file_path(key: &str) -> bool {
    let is_inside = Path::new(key).components().all(|component| matches!(component, Component::Normal(_)));
    !key.is_empty() && !key.ends_with('/') && !key.contains('\0') && is_inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_paths_inside_the_folder_only() {
        for path in ["a/b.csv", "train.csv", ".hidden"] {
            assert!(is_file_path(path), "{path}");
        }
        for path in ["", "/", "/x", "../x", "a/../x", "a/", "a\0b"] {
            assert!(!is_file_path(path), "{path}");
        }
    }

    #[test]
    fn names_what_is_wrong_with_a_manifest() {
        for (text, expected) in [
            ("", "EOF while parsing"),
            ("[]", "it is empty"),
            (r#"["a.csv"]"#, "invalid type"),
            (r#"[{"prefix": "s3://data/"}]"#, "it lists no object"),
            (r#"[{"prefix": "s3://data/", "suffix": ""}, "x"]"#, "unknown field `suffix`"),
            (r#"[{"prefix": "s3://data/"}, 1]"#, "1 is not a string"),
            (r#"[{"prefix": "s3://data/"}, "../x"]"#, r#""../x" is not the relative path of a file"#),
        ] {
            let reason = S3Manifest::from_json(text.as_bytes()).unwrap_err().to_string();
            assert!(reason.starts_with("must be a JSON array of {\"prefix\": "), "{reason}");
            assert!(reason.contains(expected), "{text}: {reason}");
        }
        let long = vec![b' '; MAX_MANIFEST_BYTES + 1];
        assert!(S3Manifest::from_json(&long).unwrap_err().to_string().contains("longer than"));
    }
}
