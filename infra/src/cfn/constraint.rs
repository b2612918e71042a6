//! Checks values of parameters against the template's constraints.

use serde_yaml::Value;
use thiserror::Error;

use super::Template;

/// A value that a template's parameter does not accept.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("invalid value for the parameter {name}: {value:?} (expected {expected})")]
pub struct InvalidParameter {
    /// The parameter's name.
    pub name: String,
    /// The value.
    pub value: String,
    /// The accepted values, in words.
    pub expected: String,
}

impl Template {
    /// Checks a value of a parameter against the parameter's type, allowed values, range, length and pattern.
    ///
    /// A parameter that the template does not have accepts any value.
    ///
    /// # Errors
    /// [`InvalidParameter`] with the accepted values.
    pub fn check_parameter(&self, name: &str, value: &str) -> Result<(), InvalidParameter> {
        match expected(&self.document()["Parameters"][name], value) {
            None => Ok(()),
            Some(expected) => {
                Err(InvalidParameter { name: name.to_owned(), value: value.to_owned(), expected })
            }
        }
    }

    /// Returns what a parameter accepts, in words; `None` if it accepts any text, or does not exist.
    #[must_use]
    pub fn accepted_values(&self, name: &str) -> Option<String> {
        let parameter = &self.document()["Parameters"][name];
        let number = |key: &str| parameter[key].as_i64();
        if let Some(allowed) = parameter["AllowedValues"].as_sequence() {
            return Some(allowed.iter().map(scalar).collect::<Vec<_>>().join(", "));
        }
        match (number("MinValue"), number("MaxValue")) {
            (Some(min), Some(max)) => Some(format!("{min} to {max}")),
            _ => parameter["ConstraintDescription"].as_str().map(str::to_owned),
        }
    }

    /// Returns the description of a parameter.
    #[must_use]
    pub fn description_of(&self, name: &str) -> Option<&str> {
        self.document()["Parameters"][name]["Description"].as_str()
    }
}

/// Returns what the parameter expects instead of the value; `None` if it accepts the value.
fn expected(parameter: &Value, value: &str) -> Option<String> {
    if let Some(allowed) = parameter["AllowedValues"].as_sequence() {
        let allowed: Vec<_> = allowed.iter().map(scalar).collect();
        let is_allowed = allowed.iter().any(|allowed| allowed == value);
        return (!is_allowed).then(|| format!("one of {}", allowed.join(", ")));
    }
    let number = |key: &str| parameter[key].as_i64();
    if parameter["Type"].as_str() == Some("Number") {
        let (min, max) = (number("MinValue").unwrap_or(i64::MIN), number("MaxValue").unwrap_or(i64::MAX));
        let is_in_range = value.parse().is_ok_and(|value: i64| (min..=max).contains(&value));
        return (!is_in_range).then(|| format!("a whole number from {min} to {max}"));
    }
    if let Some(max) = number("MaxLength").filter(|max| value.chars().count() as i64 > *max) {
        return Some(format!("at most {max} characters"));
    }
    let pattern = parameter["AllowedPattern"].as_str()?;
    // A test compiles each pattern. CloudFormation checks the value too.
    let is_match = regex_lite::Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(value));
    let words = || parameter["ConstraintDescription"].as_str().unwrap_or(pattern).to_owned();
    (!is_match).then(words)
}

fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.as_i64().map_or_else(String::new, |n| n.to_string()), str::to_owned)
}

#[cfg(test)]
mod tests {
    use crate::Stack;

    #[test]
    fn checks_each_kind_of_constraint() {
        let check = |name: &str, value: &str| {
            let checked: Result<(), _> =
                Stack::ALL.iter().try_for_each(|stack| stack.template().check_parameter(name, value));
            checked.map_err(|error| error.to_string())
        };
        for (name, value) in [
            ("Backend", "fallback"),
            ("LogRetentionDays", "30"),
            ("ThrottleRate", "10000"),
            ("ReservedConcurrency", "-1"),
            ("AlarmEmail", ""),
            ("AlarmEmail", "a@example.com"),
            ("Stage", "dev"),
        ] {
            assert_eq!(check(name, value), Ok(()), "{name}");
        }
        for (name, value, expected) in [
            ("Backend", "lambda", "expected one of endpoint, embedded, fallback"),
            ("LogRetentionDays", "31", "expected one of 1, 3, 5"),
            ("ThrottleRate", "0", "expected a whole number from 1 to 10000"),
            ("ThrottleRate", "5.5", "expected a whole number"),
            ("MemorySize", "", "expected a whole number from 128 to 10240"),
            ("AlarmEmail", "team", "expected an e-mail address, or empty"),
            ("Stage", &"a".repeat(23), "expected at most 22 characters"),
        ] {
            let error = check(name, value).unwrap_err();
            assert!(error.contains(name) && error.contains(expected), "{error}");
        }
    }

    #[test]
    fn defaults_are_accepted_and_patterns_are_valid() {
        for stack in Stack::ALL {
            let template = stack.template();
            for name in template.parameters() {
                let parameter = &template.document()["Parameters"][name];
                if let Some(pattern) = parameter["AllowedPattern"].as_str() {
                    regex_lite::Regex::new(pattern).unwrap_or_else(|error| panic!("{name}: {error}"));
                }
                if let Some(default) = template.default_of(name) {
                    template.check_parameter(name, default).unwrap();
                }
            }
        }
    }
}
