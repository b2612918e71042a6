//! What can be wrong with a hyperparameter.

/// An invalid hyperparameter. Each message names it, its value, and what is allowed, in the sentences of the toolkit of
/// Amazon's built-in algorithms where these are known (`aws/sagemaker-rl-container`, `vw_serving/sagemaker/validation.py`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHyperparameter {
    /// It must be there, always or because of another.
    #[error(
        "No value(s) were specified for '{name}' which are required hyperparameter(s) (caused by ValidationError): it \
         must be {expected}"
    )]
    Missing {
        /// SageMaker's name for it.
        name: &'static str,
        /// What it must be.
        expected: String,
    },
    /// There is none of this name.
    #[error(
        "Additional hyperparameters are not allowed ('{name}' was unexpected) (caused by ValidationError): {}",
        remedy(*.known)
    )]
    Extraneous {
        /// What was given.
        name: String,
        /// The one that may have been meant.
        known: Option<&'static str>,
    },
    /// The value is no string.
    #[error("Hyperparameter {name}: {value} is not a string; every value is one{}", in_quotes(.value))]
    NotAString {
        /// What was given.
        name: String,
        /// Its value, as JSON.
        value: String,
    },
    /// The text is no number.
    #[error(
        "The value '{value}' is not valid for the '{name}' hyperparameter which expects one of the following: {expected}"
    )]
    Parse {
        /// SageMaker's name for it.
        name: &'static str,
        /// What was given.
        value: String,
        /// What it must be.
        expected: String,
    },
    /// The value is out of range.
    #[error(
        "The value '{value}' is not valid for the '{name}' hyperparameter which expects one of the following: {expected}"
    )]
    Range {
        /// SageMaker's name for it.
        name: &'static str,
        /// What was given.
        value: String,
        /// What it must be.
        expected: String,
    },
    /// The value is not one of the choices.
    #[error(
        "The value '{value}' is not valid for the '{name}' hyperparameter which accepts one of the following: {choices}"
    )]
    Choice {
        /// SageMaker's name for it.
        name: &'static str,
        /// What was given.
        value: String,
        /// The choices, in quotes.
        choices: String,
    },
    /// It does not go with another.
    #[error("Hyperparameter '{name}' should {rule}")]
    Dependency {
        /// SageMaker's name for it.
        name: &'static str,
        /// What it should be, and what is to be changed.
        rule: String,
    },
}

fn remedy(known: Option<&'static str>) -> String {
    known.map_or_else(|| "remove it".to_owned(), |name| format!("did you mean {name}?"))
}

/// What to write instead of a JSON value; what is no text and no number has no such form.
fn in_quotes(json: &str) -> String {
    if json == "null" || json.starts_with(['{', '[']) { String::new() } else { format!(": write {json:?}") }
}

/// As much of what was given as a message repeats, on one line.
pub(super) fn shorten(text: &str) -> String {
    const MAX_CHARS: usize = 60;
    let mut short: String =
        text.chars().take(MAX_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(MAX_CHARS).is_some() {
        short += "...";
    }
    short
}
