//! Survey rows from what visitors said about their recommendations.

use std::io::{self, BufRead};

use mysfits_domain::Feedback;

use crate::Sample;

/// Why feedback cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FeedbackError {
    /// The file cannot be read.
    #[error("line {line} cannot be read")]
    Read {
        /// The line, counted from 1.
        line: usize,
        /// The cause.
        #[source]
        cause: io::Error,
    },
    /// A line is not feedback.
    #[error(
        "line {line} is not feedback; expected {{\"entry\": [1, 2, 3, 4, 5], \"mysfit\": \"ID\", \"suits\": true}}"
    )]
    Invalid {
        /// The line, counted from 1.
        line: usize,
        /// The cause.
        #[source]
        cause: serde_json::Error,
    },
}

/// Reads feedback, one JSON object a line, and returns a survey row for each answer with `suits: true`. Feedback of other
/// visitors has no row: it does not tell which mysfit would suit them. Empty lines are skipped.
///
/// ```
/// use mysfits_data::samples_from_feedback;
///
/// let feedback = r#"{"entry":[1,2,3,4,5],"mysfit":"c0684344-1eb7-40e7-b334-06d25ac9268c","suits":true}
/// {"entry":[8,8,8,8,8],"mysfit":"c0684344-1eb7-40e7-b334-06d25ac9268c","suits":false}
/// "#;
/// let samples = samples_from_feedback(feedback.as_bytes()).collect::<Result<Vec<_>, _>>()?;
/// assert_eq!((samples.len(), samples[0].label.get()), (1, 8));
/// # Ok::<(), mysfits_data::FeedbackError>(())
/// ```
pub fn samples_from_feedback(lines: impl BufRead) -> impl Iterator<Item = Result<Sample, FeedbackError>> {
    lines.lines().zip(1..).filter_map(|(text, line)| {
        let text = match text {
            Ok(text) if text.trim().is_empty() => return None,
            Ok(text) => text,
            Err(cause) => return Some(Err(FeedbackError::Read { line, cause })),
        };
        match serde_json::from_str(&text) {
            Ok(Feedback { entry, mysfit, suits }) => {
                suits.then(|| Ok(Sample { entry, label: mysfit.mysfit().label }))
            }
            Err(cause) => Some(Err(FeedbackError::Invalid { line, cause })),
        }
    })
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn an_invalid_line_is_named() {
        let good = r#"{"entry":[1,2,3,4,5],"mysfit":"c0684344-1eb7-40e7-b334-06d25ac9268c","suits":true}"#;
        for bad in ["1,2,3,4,5,8", &good.replace("5]", "9]"), &good.replace("c0684344", "00000000")] {
            let text = format!("{good}\n\n{bad}\n{good}\n");
            let found: Vec<_> = samples_from_feedback(text.as_bytes()).collect();
            assert_eq!(found.len(), 3, "{bad}");
            let error = found[1].as_ref().unwrap_err();
            assert!(error.to_string().starts_with("line 3 is not feedback; expected {\"entry\""), "{error}");
            assert!(error.source().is_some());
        }
    }
}
