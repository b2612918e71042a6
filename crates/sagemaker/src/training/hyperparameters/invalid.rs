//! Errors of hyperparameters.

/// An invalid hyperparameter. Messages have its name, its value and what is allowed, in the words of the toolkit of Amazon's
/// built-in algorithms if these are known (`aws/sagemaker-rl-container`, `vw_serving/sagemaker/validation.py`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidHyperparameter {
    /// It is required, always or because of another.
    #[error(
        "No value(s) were specified for '{name}' which are required hyperparameter(s) (caused by ValidationError): it \
         must be {expected}"
    )]
    Missing {
        /// The name.
        name: &'static str,
        /// What is allowed.
        expected: String,
    },
    /// The name is unknown.
    #[error(
        "Additional hyperparameters are not allowed ('{name}' was unexpected) (caused by ValidationError): {}",
        remedy(*.known)
    )]
    Extraneous {
        /// The name.
        name: String,
        /// A similar known name.
        known: Option<&'static str>,
    },
    /// The value is not a string.
    #[error("Hyperparameter {name}: {value} is not a string; every value is one{}", in_quotes(.value))]
    NotAString {
        /// The name.
        name: String,
        /// The value, as JSON.
        value: String,
    },
    /// The value is not a number, or out of range.
    #[error(
        "The value '{value}' is not valid for the '{name}' hyperparameter which expects one of the following: {expected}"
    )]
    Range {
        /// The name.
        name: &'static str,
        /// The value.
        value: String,
        /// What is allowed.
        expected: String,
    },
    /// The value is not one of the choices.
    #[error(
        "The value '{value}' is not valid for the '{name}' hyperparameter which accepts one of the following: {choices}"
    )]
    Choice {
        /// The name.
        name: &'static str,
        /// The value.
        value: String,
        /// The choices, in quotes.
        choices: String,
    },
    /// It is inconsistent with another.
    #[error("Hyperparameter '{name}' should {rule}")]
    Dependency {
        /// The name.
        name: &'static str,
        /// What it should be, and what to change.
        rule: String,
    },
}

fn remedy(known: Option<&'static str>) -> String {
    known.map_or_else(|| "remove it".to_owned(), |name| format!("did you mean {name}?"))
}

/// Returns a hint how to write a JSON value as a string, if it can be written so.
fn in_quotes(json: &str) -> String {
    if json == "null" || json.starts_with(['{', '[']) { String::new() } else { format!(": write {json:?}") }
}

/// Returns the beginning of a name or value, on one line.
pub(super) fn shorten(text: &str) -> String {
    const MAX_CHARS: usize = 60;
    crate::text::shorten(text, MAX_CHARS).replace(char::is_control, " ")
}
