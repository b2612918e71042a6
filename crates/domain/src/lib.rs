//! The vocabulary of the recommendation module: mysfits, questions, entries, recommendations, and the schema that a
//! model must have to speak of them.
//!
//! Everything here is data and pure functions: no HTTP, no AWS, no files, no clock, no randomness. It compiles to
//! wasm32 and is the single definition of the feature order, the number of options, and which label means which
//! mysfit; the survey generator, the trainer, the API, the page and the templates all derive theirs from it.
//!
//! Source of the facts: module 7 of the AWS Modern Application Workshop. The texts, in English and Korean, are ours and
//! are embedded at build time from the workspace's `data/` folder.
//!
//! ```
//! use mysfits_domain::{Entry, Label, Mysfit};
//!
//! let entry = Entry::try_from([1, 2, 3, 4, 5])?;
//! assert_eq!(entry.index(), 668); // its place among all 32,768 entries
//! let atlantis = Label::try_from(8)?.mysfit();
//! assert_eq!(atlantis.name.en, "Atlantis");
//!
//! let error = Entry::try_from([1, 2, 9, 4, 5]).unwrap_err();
//! assert_eq!(error.to_string(), "entry[2] (relaxation) is 9; it must be a whole number from 1 to 8");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `openapi` | OpenAPI schemas (`utoipa`) of the types that travel; off by default |

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod entry;
mod locale;
mod mysfit;
#[cfg(feature = "openapi")]
mod openapi;
mod question;
mod recommendation;
mod schema;

pub use entry::{Answer, Entry, EntryError};
pub use locale::{Locale, Text, UnknownLocale};
pub use mysfit::{
    Alignment, GoodEvil, Label, LawChaos, Mysfit, MysfitId, UnknownLabel, UnknownMysfit, catalogue,
};
pub use question::{Question, questionnaire};
pub use recommendation::{Explanation, Recommendation, Vote};
pub use schema::{Feature, ModelSchema, SchemaMismatch};

/// What the build script made of the data files: counts, versions and the two tables.
#[expect(clippy::unreadable_literal, reason = "the build script writes ages as they stand in the data")]
mod generated {
    use crate::{Alignment, GoodEvil, Label, LawChaos, Mysfit, MysfitId, Question, Text};

    include!(concat!(env!("OUT_DIR"), "/data.rs"));

    pub(crate) fn mysfits() -> &'static [Mysfit; MYSFIT_COUNT] {
        &CATALOGUE
    }

    /// The UUIDs in label order.
    pub(crate) fn mysfit_ids() -> &'static [&'static str; MYSFIT_COUNT] {
        &MYSFIT_IDS
    }

    /// The alignments in label order.
    pub(crate) fn alignments() -> &'static [Alignment; MYSFIT_COUNT] {
        &ALIGNMENTS
    }

    pub(crate) fn questions() -> &'static [Question; QUESTION_COUNT] {
        &QUESTIONS
    }

    /// Version of questionnaire and catalogue together: a model trained for another pair does not fit.
    pub(crate) fn data_version() -> (u32, u32) {
        (QUESTIONNAIRE_VERSION, CATALOGUE_VERSION)
    }
}

pub use generated::{FEATURES, MYSFIT_COUNT, OPTION_COUNT, QUESTION_COUNT};
