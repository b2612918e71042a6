//! Validation of InvokeEndpoint requests: constraints of the service model, and features of other kinds of endpoints.

use axum::http::{HeaderMap, HeaderName, header};

use super::{
    headers::{CUSTOM_ATTRIBUTES, field_value},
    service_error::ServiceError,
};
use crate::{
    endpoint::{Endpoint, MAX_NAME_CHARS, matches_name_pattern},
    text::shorten,
};

/// The most characters of a value that a message repeats.
const MAX_SHOWN_CHARS: usize = 100;

const TARGET_MODEL: HeaderName = HeaderName::from_static("x-amzn-sagemaker-target-model");
const TARGET_VARIANT: HeaderName = HeaderName::from_static("x-amzn-sagemaker-target-variant");
const TARGET_CONTAINER: HeaderName = HeaderName::from_static("x-amzn-sagemaker-target-container-hostname");
const INFERENCE_ID: HeaderName = HeaderName::from_static("x-amzn-sagemaker-inference-id");
const EXPLANATIONS: HeaderName = HeaderName::from_static("x-amzn-sagemaker-enable-explanations");
const COMPONENT: HeaderName = HeaderName::from_static("x-amzn-sagemaker-inference-component");
const SESSION_ID: HeaderName = HeaderName::from_static("x-amzn-sagemaker-session-id");

/// The patterns of the service model.
#[derive(Clone, Copy)]
enum Pattern {
    /// `\p{ASCII}*`
    Ascii,
    /// `^[a-zA-Z0-9](-*[a-zA-Z0-9])*`
    Name,
    /// The same, or `NEW_SESSION`.
    Session,
    /// `\A\S[\p{Print}]*\z`
    Printable,
    /// `.*`
    Any,
}

impl Pattern {
    fn matches(self, value: &str) -> bool {
        match self {
            Self::Ascii => value.is_ascii(),
            Self::Name => matches_name_pattern(value),
            Self::Session => value == "NEW_SESSION" || matches_name_pattern(value),
            Self::Printable => {
                !value.starts_with(char::is_whitespace) && value.bytes().all(|b| matches!(b, b' '..=b'~'))
            }
            Self::Any => true,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Ascii => r"\p{ASCII}*",
            Self::Name => "^[a-zA-Z0-9](-*[a-zA-Z0-9])*",
            Self::Session => "^(NEW_SESSION)$|^[a-zA-Z0-9](-*[a-zA-Z0-9])*$",
            Self::Printable => r"\A\S[\p{Print}]*\z",
            Self::Any => ".*",
        }
    }
}

/// The constraints of members of the request: header, name in the service model as messages spell it, fewest and most
/// characters, pattern.
static CONSTRAINTS: [(HeaderName, &str, (usize, usize), Pattern); 10] = [
    (header::CONTENT_TYPE, "contentType", (0, 1024), Pattern::Ascii),
    (header::ACCEPT, "accept", (0, 1024), Pattern::Ascii),
    (CUSTOM_ATTRIBUTES, "customAttributes", (0, 1024), Pattern::Ascii),
    (TARGET_MODEL, "targetModel", (1, 1024), Pattern::Printable),
    (TARGET_VARIANT, "targetVariant", (0, 63), Pattern::Name),
    (TARGET_CONTAINER, "targetContainerHostname", (0, 63), Pattern::Name),
    (INFERENCE_ID, "inferenceId", (1, 64), Pattern::Printable),
    (EXPLANATIONS, "enableExplanations", (1, 64), Pattern::Any),
    (COMPONENT, "inferenceComponentName", (0, 63), Pattern::Name),
    (SESSION_ID, "sessionId", (0, 256), Pattern::Session),
];

/// Checks name and headers against the service model.
///
/// # Errors
/// A `ValidationError` that lists all violations.
pub(super) fn check(name: &str, headers: &HeaderMap) -> Result<(), ServiceError> {
    let mut violations = Vec::new();
    let mut check = |member, value: &str, (min, max): (usize, usize), pattern: Pattern, is_sensitive| {
        let violation = match value.chars().count() {
            n if n < min => format!("Member must have length greater than or equal to {min}"),
            n if n > max => format!("Member must have length less than or equal to {max}"),
            _ if !pattern.matches(value) => {
                format!("Member must satisfy regular expression pattern: {}", pattern.as_str())
            }
            _ => return,
        };
        let shown =
            if is_sensitive { String::new() } else { format!(" '{}'", shorten(value, MAX_SHOWN_CHARS)) };
        violations.push(format!("Value{shown} at '{member}' failed to satisfy constraint: {violation}"));
    };
    check("endpointName", name, (0, MAX_NAME_CHARS), Pattern::Name, false);
    for (header, member, chars, pattern) in &CONSTRAINTS {
        if let Some(value) = field_value(headers, header) {
            // The service model marks this value as sensitive: do not repeat it.
            let is_sensitive = *header == CUSTOM_ATTRIBUTES;
            check(member, &value, *chars, *pattern, is_sensitive);
        }
    }
    let errors = match violations.len() {
        0 => return Ok(()),
        1 => "1 validation error".to_owned(),
        n => format!("{n} validation errors"),
    };
    Err(ServiceError::Validation(format!("{errors} detected: {}", violations.join("; "))))
}

/// Checks that the request uses no feature of endpoints with several variants, containers or models.
///
/// # Errors
/// A `ValidationError` that names the feature.
pub(super) fn check_target(endpoint: &Endpoint, headers: &HeaderMap) -> Result<(), ServiceError> {
    let name = endpoint.name();
    if headers.contains_key(TARGET_MODEL) {
        return Err(ServiceError::TargetModel(name.to_owned()));
    }
    let reason = if let Some(variant) = field_value(headers, &TARGET_VARIANT)
        && variant != endpoint.variant()
    {
        format!("has no variant {variant}: its only one is {}.", endpoint.variant())
    } else if headers.contains_key(TARGET_CONTAINER) {
        "is not a multi-container endpoint and does not support target container hostname header.".to_owned()
    } else if let Some(component) = field_value(headers, &COMPONENT) {
        format!("has no inference component {component}.")
    } else if headers.contains_key(SESSION_ID) {
        "does not support stateful sessions.".to_owned()
    } else if headers.contains_key(EXPLANATIONS) {
        "has no explainer and does not support enable explanations header.".to_owned()
    } else {
        return Ok(());
    };
    Err(ServiceError::Validation(format!("Endpoint {name} {reason}")))
}
