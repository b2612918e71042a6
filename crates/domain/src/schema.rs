//! The schema of a model: features in order, their ranges, and the meaning of labels.

use serde::{Deserialize, Serialize};

use crate::{
    Answer, catalogue,
    counts::{CATALOGUE_VERSION, QUESTIONNAIRE_VERSION},
    questionnaire,
};

/// The schema of a model's features and labels. It is stored in the model artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ModelSchema {
    /// `QUESTIONNAIRE.CATALOGUE`, the versions of the two data files; changes when the meaning of a number changes.
    pub version: String,
    /// The features in order.
    pub features: Vec<Feature>,
    /// Mysfit ids in label order: label `i` means `labels[i]`.
    pub labels: Vec<String>,
}

/// A feature: a whole number in `min..=max`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// Name, as in the questionnaire.
    pub name: String,
    /// Lowest value.
    pub min: u8,
    /// Highest value.
    pub max: u8,
}

impl Feature {
    /// Returns the number of values of the feature.
    #[must_use]
    pub fn cardinality(&self) -> usize {
        usize::from(self.max.saturating_sub(self.min)) + 1
    }
}

impl ModelSchema {
    /// Returns the schema of this build's questionnaire and catalogue.
    #[must_use]
    pub fn current() -> Self {
        let (questionnaire_version, catalogue_version) = (QUESTIONNAIRE_VERSION, CATALOGUE_VERSION);
        Self {
            version: format!("{questionnaire_version}.{catalogue_version}"),
            features: questionnaire()
                .iter()
                .map(|q| Feature {
                    name: q.feature.to_owned(),
                    min: Answer::MIN.get(),
                    max: Answer::MAX.get(),
                })
                .collect(),
            labels: catalogue().iter().map(|m| m.id.to_string()).collect(),
        }
    }

    /// Checks that this build can use a model with this schema.
    ///
    /// # Errors
    /// [`SchemaMismatch`] with both versions and the first difference.
    pub fn fits_current(&self) -> Result<(), SchemaMismatch> {
        let current = Self::current();
        let difference = if self.features != current.features {
            let names = |s: &Self| {
                let list: Vec<_> =
                    s.features.iter().map(|f| format!("{} {}..={}", f.name, f.min, f.max)).collect();
                list.join(", ")
            };
            format!("the features are [{}], expected [{}]", names(self), names(&current))
        } else if let Some(label) = (0..self.labels.len().max(current.labels.len()))
            .find(|&i| self.labels.get(i) != current.labels.get(i))
        {
            let meaning =
                |s: &Self| s.labels.get(label).map_or_else(|| "nothing".to_owned(), |id| format!("{id:?}"));
            format!("label {label} means {}, expected {}", meaning(self), meaning(&current))
        } else if self.version != current.version {
            "only the versions differ".to_owned()
        } else {
            return Ok(());
        };
        Err(SchemaMismatch { found: self.version.clone(), expected: current.version, difference })
    }
}

/// A model for other questions or other mysfits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the model has schema version {found:?}, this build has {expected:?}: {difference}; train the model again with this build"
)]
pub struct SchemaMismatch {
    /// Version of the model's schema.
    pub found: String,
    /// Version of this build's schema.
    pub expected: String,
    /// The first difference.
    pub difference: String,
}
