//! The questionnaire.

use serde::Serialize;

use crate::{LocalizedText, OPTION_COUNT, QUESTION_COUNT};

/// One question of the questionnaire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Question {
    /// The name of the feature, in the schema, the header of the survey and error messages.
    pub feature: &'static str,
    /// The text of the question.
    pub prompt: LocalizedText,
    /// The options; option `i` of this array is the answer `i + 1`.
    pub options: [LocalizedText; OPTION_COUNT],
}

/// Returns the questions in feature order: answer `i` of an [`Entry`](crate::Entry) answers question `i`.
#[must_use]
pub fn questionnaire() -> &'static [Question; QUESTION_COUNT] {
    &tables::QUESTIONS
}

mod tables {
    use super::{LocalizedText, QUESTION_COUNT, Question};

    include!(concat!(env!("OUT_DIR"), "/questions.rs"));
}
