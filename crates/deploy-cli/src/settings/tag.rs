//! Tags.

use mysfits_infra::names::{PROJECT_TAG, STAGE_TAG};

use super::SettingError;

/// AWS's limits of a tag, in characters.
const MAX_KEY_CHARS: usize = 128;
const MAX_VALUE_CHARS: usize = 256;
/// The prefix of tags that only AWS may set.
const RESERVED_PREFIX: &str = "aws:";

/// Checks a user's tag.
pub(super) fn check(key: &str, value: &str) -> Result<(), SettingError> {
    // The characters that all services accept.
    let is_allowed = |text: &str| text.chars().all(|c| c.is_alphanumeric() || " _.:/=+-@".contains(c));
    let is_own = OWN.iter().any(|own| key.eq_ignore_ascii_case(own));
    let problem = if key.is_empty() || key.chars().count() > MAX_KEY_CHARS {
        "a key has 1 to 128 characters"
    } else if value.chars().count() > MAX_VALUE_CHARS {
        "a value has at most 256 characters"
    } else if key.to_lowercase().starts_with(RESERVED_PREFIX) {
        "keys that begin with aws: are reserved"
    } else if is_own {
        "this tool sets this tag itself"
    } else if !is_allowed(key) || !is_allowed(value) {
        "only letters, digits, spaces and _ . : / = + - @ are allowed"
    } else {
        return Ok(());
    };
    Err(SettingError::Tag { key: key.to_owned(), value: value.to_owned(), problem })
}

/// The keys of this tool's own tags.
const OWN: [&str; 2] = [PROJECT_TAG.0, STAGE_TAG];

/// Parses `NAME=VALUE`.
pub(crate) fn assignment(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_only_tags_that_aws_accepts() {
        assert_eq!(check("team", "mysfits"), Ok(()));
        assert_eq!(check("cost center", ""), Ok(()));
        for (key, value, problem) in [
            ("", "a", "1 to 128"),
            (&"k".repeat(129), "a", "1 to 128"),
            ("a", &"v".repeat(257), "at most 256"),
            ("aws:cloudformation:stack-id", "a", "reserved"),
            ("Project", "a", "this tool"),
            ("stage", "a", "this tool"),
            ("a", "b;c", "only letters"),
        ] {
            let error = check(key, value).unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
        }
    }

    #[test]
    fn parses_assignments() {
        assert_eq!(assignment("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert_eq!(assignment("a="), Ok(("a".to_owned(), String::new())));
        assert!(assignment("a").is_err() && assignment("=b").is_err());
    }
}
