//! The subset of JSONPath in which batch transform filters data.
//!
//! | operator | selects |
//! | --- | --- |
//! | `$` | the whole; first in every path |
//! | `.name`, `['name']` | a member of an object |
//! | `['a', 'b']` | an object with these members; last in a path |
//! | `[0]`, `[-1]` | an element of an array, from its start or its end |
//! | `[0, 2]`, `[0, 5:]` | an array of these elements; at most one slice |
//! | `[1:4]`, `[1:]`, `[:5]` | a slice: the elements from the first position to the second |
//! | `.*`, `[*]` | all members or elements |
//!
//! A row of CSV is an array of its columns. The end of a slice is part of it, as the developer guide says: `[1:4]` is the
//! second to the fifth column. A negative end counts from the end and is not part of the slice, as in published notebooks,
//! where `[:-1]` leaves the last column out; the guide is silent about it. Positions that do not exist are errors.
//! `.['name']` is accepted, as in the guide.
//!
//! Source: SageMaker Developer Guide, "Associate Prediction Results with Input Records"; the service model of `sagemaker`,
//! `DataProcessing`.

use std::{fmt, str::FromStr};

mod parser;
mod selection;

pub use selection::SelectError;

/// The longest path by the service model, in characters.
pub const MAX_PATH_CHARS: usize = 63;

/// A JSONPath expression.
///
/// ```
/// use mysfits_sagemaker::batch::JsonPath;
///
/// let path: JsonPath = "$['id','SageMakerOutput']".parse()?;
/// let record = r#"{"id": 7, "features": [1, 2], "SageMakerOutput": {"predicted_label": 1.0}}"#;
/// assert_eq!(path.select(record)?, r#"{"id":7,"SageMakerOutput":{"predicted_label": 1.0}}"#);
/// assert_eq!("$[1:]".parse::<JsonPath>()?.select("[5, 6, 7]")?, "[6,7]");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonPath {
    text: String,
    steps: Vec<PathStep>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum PathStep {
    /// One name or several.
    Names(Vec<String>),
    /// One position, or several, or a slice.
    Positions(Vec<Position>),
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    Index(i64),
    Slice { start: Option<i64>, end: Option<i64> },
}

/// An invalid or unsupported JSONPath expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Invalid JsonPath: {path}: {reason} (at character {position})")]
#[non_exhaustive]
pub struct JsonPathError {
    /// The expression.
    pub path: String,
    /// Where it is wrong: the characters before that.
    pub position: usize,
    /// What is wrong.
    pub reason: String,
}

impl JsonPath {
    /// Returns the path that selects the whole, `$`.
    #[must_use]
    pub fn root() -> Self {
        Self { text: "$".to_owned(), steps: Vec::new() }
    }

    /// Returns whether the path selects the whole.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.steps.is_empty()
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for JsonPath {
    type Err = JsonPathError;

    /// Parses a path of at most [`MAX_PATH_CHARS`] characters.
    fn from_str(text: &str) -> Result<Self, JsonPathError> {
        parser::parse(text).map(|steps| Self { text: text.to_owned(), steps })
    }
}
