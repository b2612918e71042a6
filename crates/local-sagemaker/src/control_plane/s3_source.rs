//! The objects that a job reads: those below a prefix, or those that a manifest lists.

use std::path::PathBuf;

use mysfits_sagemaker::{S3Manifest, is_file_path};

use crate::aws::{
    client::AwsClient,
    json::ApiError,
    s3::{S3Error, S3Uri},
};

/// Where the objects of a job are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum S3Source {
    /// `S3Prefix`: the objects whose keys begin like this.
    Prefix(S3Uri),
    /// `ManifestFile`: the objects that this object lists.
    Manifest(S3Uri),
}

/// An object of a source, and its path below the prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SourceObject {
    pub(super) uri: S3Uri,
    pub(super) path: PathBuf,
}

/// Why the objects of a source are not known.
#[derive(Debug, thiserror::Error)]
pub(super) enum S3SourceError {
    #[error(transparent)]
    S3(#[from] S3Error),
    #[error("No S3 objects found under S3 URL \"{0}\"")]
    Empty(S3Uri),
    #[error("the manifest file \"{uri}\" {reason}")]
    Manifest { uri: S3Uri, reason: String },
    #[error("the key {0:?} is not the relative path of a file")]
    Key(String),
}

impl S3Source {
    /// Creates the source of an `S3DataType` and an `S3Uri`. The member that a refusal names is `member`.
    pub(super) fn new(data_type: &str, uri: &str, member: &str) -> Result<Self, ApiError> {
        let parsed = uri.parse().map_err(|_| {
            let pattern = "Member must satisfy regular expression pattern: (https|s3)://([^/]+)/?(.*)";
            ApiError::constraint(uri, &format!("{member}.s3Uri"), pattern)
        })?;
        match data_type {
            "S3Prefix" => Ok(Self::Prefix(parsed)),
            "ManifestFile" => Ok(Self::Manifest(parsed)),
            "AugmentedManifestFile" => Err(ApiError::validation(
                "S3DataType AugmentedManifestFile is not emulated here; use S3Prefix or ManifestFile",
            )),
            other => {
                let constraint =
                    "Member must satisfy enum value set: [ManifestFile, S3Prefix, AugmentedManifestFile]";
                Err(ApiError::constraint(other, &format!("{member}.s3DataType"), constraint))
            }
        }
    }

    /// Returns the objects: in the order of their keys, or in that of the manifest. Keys that end with a slash are folders,
    /// and left out.
    pub(super) async fn objects(&self, s3: &AwsClient) -> Result<Vec<SourceObject>, S3SourceError> {
        match self {
            Self::Prefix(prefix) => {
                let keys = s3.list(prefix).await?;
                let objects = below_prefix(prefix, keys)?;
                if objects.is_empty() { Err(S3SourceError::Empty(prefix.clone())) } else { Ok(objects) }
            }
            Self::Manifest(uri) => listed(uri, &s3.get(uri).await?),
        }
    }
}

fn below_prefix(prefix: &S3Uri, keys: Vec<String>) -> Result<Vec<SourceObject>, S3SourceError> {
    // A path begins after the prefix's last slash.
    let folder = prefix.key.rfind('/').map_or(0, |slash| slash + 1);
    let files = keys.into_iter().filter(|key| !key.ends_with('/'));
    let object = |key: String| match key.get(folder..).filter(|path| is_file_path(path)) {
        Some(path) => {
            Ok(SourceObject { path: path.into(), uri: S3Uri { bucket: prefix.bucket.clone(), key } })
        }
        None => Err(S3SourceError::Key(key)),
    };
    files.map(object).collect()
}

fn listed(uri: &S3Uri, text: &[u8]) -> Result<Vec<SourceObject>, S3SourceError> {
    let invalid = |reason: String| S3SourceError::Manifest { uri: uri.clone(), reason };
    let S3Manifest { prefix, paths, .. } =
        S3Manifest::from_json(text).map_err(|error| invalid(error.to_string()))?;
    let object = |path: String| {
        let uri = format!("{prefix}{path}").parse();
        Ok(SourceObject {
            uri: uri.map_err(|error| invalid(format!("has an invalid entry: {error}")))?,
            path: path.into(),
        })
    };
    paths.into_iter().map(object).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_lists_objects_below_its_prefix() {
        let uri: S3Uri = "s3://data/m".parse().unwrap();
        let objects = listed(&uri, br#"[{"prefix": "s3://data/train/"}, "a.csv", "b/c.csv"]"#).unwrap();
        let object = |path: &str| SourceObject {
            uri: S3Uri { bucket: "data".to_owned(), key: format!("train/{path}") },
            path: path.into(),
        };
        assert_eq!(objects, [object("a.csv"), object("b/c.csv")]);
        let reason = listed(&uri, br#"[{"prefix": "data/"}, "x"]"#).unwrap_err().to_string();
        assert!(reason.contains(r#"invalid S3 URI: "data/x""#), "{reason}");
    }

    #[test]
    fn a_path_begins_after_the_last_slash_of_the_prefix() {
        let keys = ["a/b", "a/b/", "a/bc/d"].map(str::to_owned).to_vec();
        let objects = below_prefix(&"s3://data/a/b".parse().unwrap(), keys).unwrap();
        let paths: Vec<_> = objects.iter().map(|object| object.path.to_str().unwrap()).collect();
        assert_eq!(paths, ["b", "bc/d"]);
    }
}
