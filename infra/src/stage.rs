//! Stages: deployments side by side in one account and region.

use std::{borrow::Cow, fmt, str::FromStr};

use crate::cfn::Parameter;

/// The name of a stage, such as `dev` or `prod`: a part of the name of everything that is deployed.
///
/// ```
/// use mysfits_infra::{Stack, Stage};
///
/// let stage: Stage = "pull-42".parse()?;
/// assert_eq!(Stack::Website.name(&stage), "Mysfits-pull-42-Site");
/// # Ok::<(), mysfits_infra::StageError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Stage(Cow<'static, str>);

/// The parameter of each template that holds the stage's name.
pub const STAGE_PARAMETER: &str = "Stage";

/// The stage's name in `Fn::Sub`.
pub(crate) const STAGE: &str = "${Stage}";

/// The same rule as that of [`Stage::from_str`], for CloudFormation.
const PATTERN: &str = "^[a-z0-9]+(-[a-z0-9]+)*$";
const WORDS: &str = "1 to 22 lower-case letters, digits and single hyphens between them";

impl Stage {
    /// The stage `dev`, of commands that name none.
    pub const DEFAULT: Self = Self(Cow::Borrowed("dev"));
    /// The longest name: generated names must fit the limits of AWS in each region.
    pub const MAX_LENGTH: usize = 22;

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the template parameter with the stage's name.
    pub(crate) fn parameter() -> Parameter {
        let parameter = Parameter::text("Stage: a part of the name of every resource");
        parameter.or("dev").like(PATTERN, WORDS).up_to(Self::MAX_LENGTH as u32)
    }
}

impl Default for Stage {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Stage {
    type Err = StageError;

    fn from_str(name: &str) -> Result<Self, StageError> {
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if name.len() <= Self::MAX_LENGTH && name.split('-').all(is_word) {
            Ok(Self(Cow::Owned(name.to_owned())))
        } else {
            Err(StageError(name.to_owned()))
        }
    }
}

/// An invalid name of a stage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid stage {0:?} (expected {WORDS}, such as dev or prod-eu)")]
pub struct StageError(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_lower_case_words() {
        for name in ["dev", "prod-eu", "1", "a-1-b", "production-eu-west-one"] {
            assert_eq!(name.parse::<Stage>().map(|stage| stage.to_string()), Ok(name.to_owned()));
        }
        assert_eq!("dev".parse(), Ok(Stage::DEFAULT));
    }

    #[test]
    fn names_the_value_and_the_rule_of_an_invalid_stage() {
        for name in ["", "-", "-a", "a-", "a--b", "Dev", "a_b", "ü", "production-europe-west1"] {
            let error = name.parse::<Stage>().unwrap_err().to_string();
            assert!(error.contains(&format!("{name:?}")) && error.contains(WORDS), "{error}");
        }
    }
}
