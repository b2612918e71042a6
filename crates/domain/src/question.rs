//! The questionnaire.

use serde::Serialize;

use crate::{OPTION_COUNT, QUESTION_COUNT, Text, generated};

/// One question of the questionnaire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Question {
    /// The feature that the answer becomes: its name in schema, survey header and error texts.
    pub feature: &'static str,
    /// What the visitor is asked.
    pub prompt: Text,
    /// What the visitor can choose; option `i` of this array is the answer `i + 1`.
    pub options: [Text; OPTION_COUNT],
}

/// The questions in feature order: answer `i` of an [`Entry`](crate::Entry) answers question `i`.
#[must_use]
pub fn questionnaire() -> &'static [Question; QUESTION_COUNT] {
    generated::questions()
}
