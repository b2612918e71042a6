//! `model_algo-1.json`: the metadata.
//!
//! `k`, `predictor_type`, `normalize`, `version` and `dimension_reduction` are SageMaker's. Without a dimension reduction, the
//! container writes `{"input_dim": .., "type": "identity"}`, and so does this module. The index may be wider than
//! `input_dim`, because of a product quantizer. Only the seed of a dimension reduction is stored, and how SageMaker's
//! container derives the matrix is unknown: with another matrix, predictions would be wrong. Dimension reductions of this
//! crate are therefore marked with the member `projection`, and all others are rejected. `sha256` holds the digests of index
//! and labels, to detect a folder in which only some of the files were replaced. `feature_dim` is read but no longer
//! written; `input_dim` replaces it. All other members are the caller's.

use std::fmt::Write as _;

use mysfits_knn::{PredictorType, Projection, ProjectionKind};
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::{ArtifactError, MetadataError, files::FilePart};

const VERSION: &str = "1.0";
/// Marks a dimension reduction whose matrix is that of [`Projection`]; the number is the version of its algorithm.
const PROJECTION_MARK: &str = "mysfits-1";
/// The container's word for no dimension reduction.
const IDENTITY: &str = "identity";
const INPUT_DIM: &str = "dimension_reduction.input_dim";
/// The names that additional members must not have.
const RESERVED: [&str; 7] =
    ["k", "predictor_type", "dimension_reduction", "normalize", "version", "feature_dim", "sha256"];

#[derive(Debug)]
pub(super) struct ArtifactMetadata {
    pub(super) k: usize,
    pub(super) predictor_type: PredictorType,
    pub(super) reduction: Option<Reduction>,
    /// Whether vectors are scaled to length 1, for the cosine metric.
    pub(super) normalize: bool,
    pub(super) feature_dim: Option<usize>,
    /// `None` for models of other programs.
    pub(super) digests: Option<Digests>,
    pub(super) extra: Map<String, Value>,
}

/// The SHA-256 digests of the index and the labels, in lower-case hexadecimal.
#[derive(Debug, Serialize)]
pub(super) struct Digests {
    index: String,
    labels: String,
}

/// The transform from a query to a vector of the index.
#[derive(Debug, Clone)]
pub(super) enum Reduction {
    Identity {
        input_dim: Option<usize>,
    },
    Projection {
        projection: Projection,
        input_dim: usize,
    },
    /// A transform whose matrix is unknown, as JSON.
    Foreign(Value),
}

/// The file to write, in this order.
#[derive(Serialize)]
struct MetadataFile<'a> {
    k: usize,
    predictor_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimension_reduction: Option<WrittenReduction>,
    normalize: bool,
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<Digests>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum WrittenReduction {
    Identity {
        input_dim: Option<usize>,
        r#type: &'static str,
    },
    Projection {
        r#type: &'static str,
        seed: u64,
        target_dim: usize,
        input_dim: usize,
        projection: &'static str,
    },
}

impl ArtifactMetadata {
    pub(super) fn from_json(bytes: &[u8]) -> Result<Self, MetadataError> {
        let fields = match serde_json::from_slice(bytes) {
            Ok(fields) => fields,
            // The sample in the Developer Guide has literals of Python.
            Err(error) => serde_json::from_slice(&without_python(bytes)).map_err(|_| error)?,
        };
        let mut fields = MetadataMembers(fields);
        fields.required("version", |value| value.as_str().filter(|&v| v == VERSION).map(drop), "\"1.0\"")?;
        Ok(Self {
            k: fields.required("k", whole, WHOLE)?,
            predictor_type: fields.required(
                "predictor_type",
                |value| value.as_str()?.parse::<PredictorType>().ok(),
                "\"classifier\" or \"regressor\"",
            )?,
            reduction: fields
                .optional("dimension_reduction", |value| value.as_object().cloned(), "an object or null")?
                .map(Reduction::read)
                .transpose()?,
            normalize: fields.optional("normalize", Value::as_bool, "true or false")?.unwrap_or(false),
            feature_dim: fields.optional("feature_dim", whole, WHOLE)?,
            digests: fields
                .optional("sha256", |value| value.as_object().cloned(), "an object or null")?
                .map(Digests::read)
                .transpose()?,
            extra: fields.0,
        })
    }

    /// Returns the JSON.
    ///
    /// # Errors
    /// [`MetadataError::Reserved`] if an additional member has a reserved name.
    pub(super) fn into_json(self) -> Result<Vec<u8>, MetadataError> {
        if let Some(name) = RESERVED.into_iter().find(|&name| self.extra.contains_key(name)) {
            return Err(MetadataError::Reserved(name));
        }
        // Whether a map keeps its order depends on a feature of serde_json, which other crates may enable.
        let mut extra = self.extra;
        extra.sort_keys();
        extra.values_mut().for_each(Value::sort_all_objects);
        let mut json = serde_json::to_vec_pretty(&MetadataFile {
            k: self.k,
            predictor_type: self.predictor_type.as_str(),
            dimension_reduction: self.reduction.and_then(Reduction::written),
            normalize: self.normalize,
            version: VERSION,
            sha256: self.digests,
            extra,
        })?;
        json.push(b'\n');
        Ok(json)
    }
}

impl Digests {
    pub(super) fn new(index: &[u8], labels: &[u8]) -> Self {
        Self { index: digest(index), labels: digest(labels) }
    }

    fn read(fields: Map<String, Value>) -> Result<Self, MetadataError> {
        let mut fields = MetadataMembers(fields);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let expected = "64 hexadecimal digits";
        Ok(Self {
            index: fields.required("sha256.index", text, expected)?,
            labels: fields.required("sha256.labels", text, expected)?,
        })
    }

    /// Verifies the contents of a file.
    ///
    /// # Errors
    /// [`ArtifactError::Digest`] if they have another digest.
    pub(super) fn check(&self, part: FilePart, contents: &[u8]) -> Result<(), ArtifactError> {
        let (file, expected) = match part {
            FilePart::Index => ("index", &self.index),
            FilePart::Labels | FilePart::Float32Labels => ("labels", &self.labels),
            FilePart::Metadata => return Ok(()),
        };
        let found = digest(contents);
        if found.eq_ignore_ascii_case(expected) {
            return Ok(());
        }
        Err(ArtifactError::Digest { file, found, expected: expected.clone() })
    }
}

/// Returns the SHA-256 digest in lower-case hexadecimal.
fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Reduction {
    fn read(fields: Map<String, Value>) -> Result<Self, MetadataError> {
        if fields.get("type").is_some_and(|kind| kind == IDENTITY) {
            let mut fields = MetadataMembers(fields);
            return Ok(Self::Identity { input_dim: fields.optional(INPUT_DIM, whole, WHOLE)? });
        }
        if fields.get("projection").is_none_or(|mark| mark != PROJECTION_MARK) {
            // Whether a map keeps its order depends on a feature of serde_json, which other crates may enable.
            let mut reduction = Value::from(fields);
            reduction.sort_all_objects();
            return Ok(Self::Foreign(reduction));
        }
        let mut fields = MetadataMembers(fields);
        let kind = fields.required(
            "dimension_reduction.type",
            |value| value.as_str()?.parse::<ProjectionKind>().ok(),
            "\"sign\" or \"fjlt\"",
        )?;
        let target_dim = fields.required("dimension_reduction.target_dim", whole, WHOLE)?;
        let seed = fields.required("dimension_reduction.seed", Value::as_u64, WHOLE)?;
        let input_dim = fields.required(INPUT_DIM, whole, WHOLE)?;
        Ok(Self::Projection { projection: Projection { kind, target_dim, seed }, input_dim })
    }

    fn written(self) -> Option<WrittenReduction> {
        Some(match self {
            Self::Identity { input_dim } => WrittenReduction::Identity { input_dim, r#type: IDENTITY },
            Self::Projection { projection: Projection { kind, target_dim, seed }, input_dim } => {
                let r#type = kind.as_str();
                WrittenReduction::Projection {
                    r#type,
                    seed,
                    target_dim,
                    input_dim,
                    projection: PROJECTION_MARK,
                }
            }
            // A model does not have it.
            Self::Foreign(_) => return None,
        })
    }
}

const WHOLE: &str = "a whole number";

fn whole(value: &Value) -> Option<usize> {
    value.as_u64()?.try_into().ok()
}

/// The members of an object; reading removes a member.
struct MetadataMembers(Map<String, Value>);

impl MetadataMembers {
    /// Reads an optional member; `null` counts as absent. `field` is its name with those of the objects around it.
    fn optional<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&Value) -> Option<T>,
        expected: &'static str,
    ) -> Result<Option<T>, MetadataError> {
        let name = field.rsplit_once('.').map_or(field, |(_, name)| name);
        let Some(value) = self.0.remove(name).filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let wrong = || MetadataError::field(field, value.to_string(), expected);
        read(&value).map(Some).ok_or_else(wrong)
    }

    fn required<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&Value) -> Option<T>,
        expected: &'static str,
    ) -> Result<T, MetadataError> {
        self.optional(field, read, expected)?.ok_or(MetadataError::Missing(field))
    }
}

/// Returns whether JSON is exactly what the container writes: its five members, in order, on one line.
pub(super) fn is_containers(json: &[u8], metadata: &ArtifactMetadata) -> bool {
    const START: [&str; 5] = [
        "{\"k\": ",
        "\"predictor_type\": ",
        "\"dimension_reduction\": {",
        "\"normalize\": ",
        "\"version\": ",
    ];
    let Ok(mut rest) = std::str::from_utf8(json) else { return false };
    let in_order = START.iter().all(|member| {
        let found = rest.split_once(member);
        rest = found.map_or("", |(_, after)| after);
        found.is_some()
    });
    in_order && !json.contains(&b'\n') && metadata.extra.is_empty() && metadata.feature_dim.is_none()
}

/// Replaces Python's `True`, `False` and `None` outside of strings by those of JSON.
fn without_python(text: &[u8]) -> Vec<u8> {
    const WORDS: [(&[u8], &[u8]); 3] = [(b"True", b"true"), (b"False", b"false"), (b"None", b"null")];
    let mut out = Vec::with_capacity(text.len());
    let (mut rest, mut in_string) = (text, false);
    while let [first, after @ ..] = rest {
        let word = WORDS.into_iter().find_map(|(python, json)| Some((rest.strip_prefix(python)?, json)));
        match (word, after) {
            (Some((after, json)), _) if !in_string => {
                out.extend(json);
                rest = after;
            }
            (_, [second, after @ ..]) if in_string && *first == b'\\' => {
                out.extend([*first, *second]);
                rest = after;
            }
            _ => {
                in_string ^= *first == b'"';
                out.push(*first);
                rest = after;
            }
        }
    }
    out
}
