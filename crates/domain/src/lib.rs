//! The domain of the recommendation module: mysfits, questions, entries, recommendations, and the schema of a model.
//!
//! Data and pure functions only; compiles to wasm32. It is the single definition of the order of the features, the number of
//! options, and the mysfit of each label. The survey generator, the trainer, the API, the page and the templates use it.
//!
//! Source: module 7 of the AWS Modern Application Workshop. The texts, in English and Korean, are ours; they are embedded at
//! build time from the workspace's `data/` folder.
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
//! | `openapi` | OpenAPI schemas (`utoipa`) of the types in requests and responses; off by default |

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

pub use entry::{Answer, AnswerOutOfRange, Entry, EntryError};
pub use locale::{Locale, LocalizedText, UnknownLocale};
pub use mysfit::{
    Alignment, GoodEvil, Label, LawChaos, Mysfit, MysfitId, UnknownAlignment, UnknownLabel, UnknownMysfit,
    catalogue,
};
pub use question::{Question, questionnaire};
pub use recommendation::{Explanation, Feedback, Recommendation, Vote};
pub use schema::{Feature, ModelSchema, SchemaMismatch};

/// Counts and versions of the data files.
mod counts {
    include!(concat!(env!("OUT_DIR"), "/counts.rs"));
}

pub use counts::{FEATURES, MYSFIT_COUNT, OPTION_COUNT, QUESTION_COUNT};
