//! Parameters, and assertions about several of them.

use serde::Serialize;

use super::Logic;

/// What may be given to a stack.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Parameter {
    r#type: &'static str,
    description: &'static str,
    default: Option<&'static str>,
    pub(super) allowed_values: Option<Vec<&'static str>>,
    allowed_pattern: Option<&'static str>,
    constraint_description: Option<&'static str>,
    min_value: Option<i32>,
    max_value: Option<i32>,
    max_length: Option<u32>,
}

impl Parameter {
    const fn of(r#type: &'static str, description: &'static str) -> Self {
        Self {
            r#type,
            description,
            default: None,
            allowed_values: None,
            allowed_pattern: None,
            constraint_description: None,
            min_value: None,
            max_value: None,
            max_length: None,
        }
    }

    /// Returns a required text parameter.
    #[must_use]
    pub const fn text(description: &'static str) -> Self {
        Self::of("String", description)
    }

    /// Returns a parameter for a whole number in a range.
    #[must_use]
    pub const fn number(description: &'static str, min: i32, max: i32) -> Self {
        let mut parameter = Self::of("Number", description);
        parameter.min_value = Some(min);
        parameter.max_value = Some(max);
        parameter
    }

    /// Returns a parameter with several allowed values.
    #[must_use]
    pub fn choice(description: &'static str, values: &[&'static str]) -> Self {
        Self { allowed_values: Some(values.to_vec()), ..Self::of("String", description) }
    }

    /// Returns a parameter with several allowed numbers.
    #[must_use]
    pub fn number_of(description: &'static str, values: &[&'static str]) -> Self {
        Self { allowed_values: Some(values.to_vec()), ..Self::of("Number", description) }
    }

    /// Sets the default.
    #[must_use]
    pub const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    /// Sets the pattern of a text; `words` describe it to the user.
    #[must_use]
    pub const fn like(mut self, pattern: &'static str, words: &'static str) -> Self {
        self.allowed_pattern = Some(pattern);
        self.constraint_description = Some(words);
        self
    }

    /// Sets the maximum length of a text.
    #[must_use]
    pub const fn up_to(mut self, max_length: u32) -> Self {
        self.max_length = Some(max_length);
        self
    }
}

/// A rule about several parameters, checked before anything is created.
#[derive(Debug, Clone, Serialize)]
pub struct Assertion {
    #[serde(rename = "RuleCondition")]
    pub(super) when: Option<Logic>,
    #[serde(rename = "Assertions")]
    pub(super) assertions: [Assert; 1],
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Assert {
    #[serde(rename = "Assert")]
    pub(super) assert: Logic,
    #[serde(rename = "AssertDescription")]
    description: &'static str,
}

impl Assertion {
    /// Returns a rule: `assert` must hold whenever `when` does; `description` tells the user what to set.
    #[must_use]
    pub const fn new(when: Option<Logic>, assert: Logic, description: &'static str) -> Self {
        Self { when, assertions: [Assert { assert, description }] }
    }
}
