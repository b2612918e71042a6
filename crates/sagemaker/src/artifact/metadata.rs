//! `model_algo-1.json`.

use mysfits_knn::PredictorType;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ArtifactError;

pub(super) const VERSION: &str = "1.0";

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Metadata {
    pub(super) k: usize,
    pub(super) predictor_type: String,
    /// Whether vectors are scaled to length 1: the metric is the cosine.
    #[serde(default)]
    pub(super) normalize: bool,
    pub(super) version: String,
    #[serde(flatten)]
    pub(super) extra: Map<String, Value>,
}

impl Metadata {
    pub(super) fn from_json(bytes: &[u8]) -> Result<Self, String> {
        let metadata: Self = match serde_json::from_slice(bytes) {
            Ok(metadata) => metadata,
            // The Developer Guide's own sample has Python's spelling of the two words.
            Err(error) => {
                let text =
                    String::from_utf8_lossy(bytes).replace(": False", ": false").replace(": True", ": true");
                serde_json::from_str(&text).map_err(|_| error.to_string())?
            }
        };
        if metadata.version != VERSION {
            return Err(format!("its version is {:?}; this build reads {VERSION:?}", metadata.version));
        }
        if let Some(reduction) = metadata.extra.get("dimension_reduction").filter(|value| !value.is_null()) {
            return Err(format!("it asks for the dimension reduction {reduction}, which this build has not"));
        }
        Ok(metadata)
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).expect("strings, numbers and JSON values serialise");
        json.push(b'\n');
        json
    }

    pub(super) fn predictor_type(&self) -> Result<PredictorType, ArtifactError> {
        [PredictorType::Classifier, PredictorType::Regressor]
            .into_iter()
            .find(|kind| kind.as_str() == self.predictor_type)
            .ok_or_else(|| {
                ArtifactError::Metadata(format!(
                    "predictor_type is {:?}; it must be \"classifier\" or \"regressor\"",
                    self.predictor_type
                ))
            })
    }
}
