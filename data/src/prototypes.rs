//! The prototypes: for each label, the entry that the mysfit suits best.

use std::collections::BTreeMap;

use mysfits_domain::{Entry, MYSFIT_COUNT, Mysfit, catalogue};
use serde::Deserialize;

/// One entry for each mysfit, in label order, and how fast affinity falls with the squared distance from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Prototypes {
    /// How fast affinity falls: probabilities are proportional to exp(-decay · squared distance).
    pub decay: f64,
    /// The prototypes, in label order.
    pub entries: [Entry; MYSFIT_COUNT],
}

/// Why a file is not a set of prototypes.
#[derive(Debug, thiserror::Error)]
pub enum PrototypeError {
    /// Malformed JSON, or an invalid entry.
    #[error("the prototypes cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// The decay is no positive number.
    #[error("decay is {0}; it must be a positive number")]
    Decay(f64),
    /// A mysfit has none.
    #[error("the mysfit {0:?} has no prototype")]
    Missing(&'static str),
    /// A prototype of an unknown mysfit.
    #[error("there is a prototype for {0:?}, and no such mysfit")]
    Unknown(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "version")]
    _version: u32,
    decay: f64,
    prototypes: BTreeMap<String, Entry>,
}

impl Prototypes {
    /// Returns the prototypes of `data/prototypes.json`.
    ///
    /// # Panics
    /// If the embedded file is invalid, which a test rules out.
    #[must_use]
    pub fn embedded() -> Self {
        Self::from_json(include_str!("../prototypes.json")).expect("data/prototypes.json is valid")
    }

    /// Reads prototypes from JSON: `{"version", "decay", "prototypes": {slug: [answers]}}`, one for each mysfit.
    ///
    /// # Errors
    /// [`PrototypeError`] that names what is missing, unknown or out of range.
    pub fn from_json(json: &str) -> Result<Self, PrototypeError> {
        let File { decay, prototypes, .. } = serde_json::from_str(json)?;
        if !(decay > 0.0 && decay.is_finite()) {
            return Err(PrototypeError::Decay(decay));
        }
        if let Some(slug) = prototypes.keys().find(|slug| Mysfit::by_slug(slug).is_none()) {
            return Err(PrototypeError::Unknown(slug.clone()));
        }
        if let Some(mysfit) = catalogue().iter().find(|mysfit| !prototypes.contains_key(mysfit.slug)) {
            return Err(PrototypeError::Missing(mysfit.slug));
        }
        Ok(Self { decay, entries: catalogue().each_ref().map(|mysfit| prototypes[mysfit.slug]) })
    }
}
