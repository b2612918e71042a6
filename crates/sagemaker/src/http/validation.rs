//! Validation of InvokeEndpoint requests: constraints of the service model, and features of other kinds of endpoints.

use axum::http::{HeaderMap, HeaderName, header};

use super::{
    headers::{
        CUSTOM_ATTRIBUTES, INFERENCE_ID, SERVICE_ACCEPT, SERVICE_CONTENT_TYPE, SESSION_ID, TARGET_MODEL,
        TARGET_VARIANT, field_value,
    },
    service_error::ServiceError,
};
use crate::{
    endpoint::Endpoint,
    resource_name::{MAX_NAME_CHARS, matches_name_pattern},
    text::shorten,
    variant::{EndpointDeployment, Variant, VariantBackend},
};

/// The most characters of a value that a message repeats.
const MAX_SHOWN_CHARS: usize = 100;

const TARGET_CONTAINER: HeaderName = HeaderName::from_static("x-amzn-sagemaker-target-container-hostname");
const EXPLANATIONS: HeaderName = HeaderName::from_static("x-amzn-sagemaker-enable-explanations");
const PREFIX_AWARE_ID: HeaderName = HeaderName::from_static("x-amzn-sagemaker-prefix-aware-id");
pub(super) const INPUT_LOCATION: HeaderName = HeaderName::from_static("x-amzn-sagemaker-inputlocation");
pub(super) const OUTPUT_PATH_EXTENSION: HeaderName =
    HeaderName::from_static("x-amzn-sagemaker-s3outputpathextension");
pub(super) const FILE_NAME: HeaderName = HeaderName::from_static("x-amzn-sagemaker-filename");
const COMPONENT: HeaderName = HeaderName::from_static("x-amzn-sagemaker-inference-component");

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
    /// `^(https|s3)://([^/]+)/?(.*)$`
    Location,
    /// `^(?!s3:|https:)[a-zA-Z0-9!_.*'()/-]+$`
    PathExtension,
    /// `^(?!.*\..*\.)[a-zA-Z0-9][a-zA-Z0-9-_\.]*$`
    FileName,
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
            Self::Location => {
                let path = value.strip_prefix("s3://").or_else(|| value.strip_prefix("https://"));
                path.is_some_and(|path| !path.is_empty() && !path.starts_with('/'))
            }
            Self::PathExtension => {
                let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b"!_.*'()/-".contains(&b);
                value.bytes().all(is_allowed)
            }
            Self::FileName => is_file_name(value),
            Self::Any => true,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Ascii => r"\p{ASCII}*",
            Self::Name => "^[a-zA-Z0-9](-*[a-zA-Z0-9])*",
            Self::Session => "^(NEW_SESSION)$|^[a-zA-Z0-9](-*[a-zA-Z0-9])*$",
            Self::Printable => r"\A\S[\p{Print}]*\z",
            Self::Location => "^(https|s3)://([^/]+)/?(.*)$",
            Self::PathExtension => r"^(?!s3:|https:)[a-zA-Z0-9!_.*'()/-]+$",
            Self::FileName => r"^(?!.*\..*\.)[a-zA-Z0-9][a-zA-Z0-9-_\.]*$",
            Self::Any => ".*",
        }
    }
}

/// Returns whether a text is the name of an object that InvokeEndpointAsync may write.
pub(super) fn is_file_name(text: &str) -> bool {
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(is_allowed)
        && text.bytes().filter(|b| *b == b'.').count() < 2
}

/// A constraint of a member of a request: header, name in the service model as messages spell it, fewest and most characters,
/// pattern.
type Constraint = (HeaderName, &'static str, (usize, usize), Pattern);

/// The constraints of InvokeEndpoint and InvokeEndpointWithResponseStream.
static CONSTRAINTS: [Constraint; 12] = [
    (header::CONTENT_TYPE, "contentType", (0, 1024), Pattern::Ascii),
    (header::ACCEPT, "accept", (0, 1024), Pattern::Ascii),
    (SERVICE_ACCEPT, "accept", (0, 1024), Pattern::Ascii),
    (CUSTOM_ATTRIBUTES, "customAttributes", (0, 1024), Pattern::Ascii),
    (TARGET_MODEL, "targetModel", (1, 1024), Pattern::Printable),
    (TARGET_VARIANT, "targetVariant", (0, 63), Pattern::Name),
    (TARGET_CONTAINER, "targetContainerHostname", (0, 63), Pattern::Name),
    (INFERENCE_ID, "inferenceId", (1, 64), Pattern::Printable),
    (EXPLANATIONS, "enableExplanations", (1, 64), Pattern::Any),
    (COMPONENT, "inferenceComponentName", (0, 63), Pattern::Name),
    (SESSION_ID, "sessionId", (0, 256), Pattern::Session),
    // Only a hint for routing, which has no effect here.
    (PREFIX_AWARE_ID, "prefixAwareId", (1, 64), Pattern::Printable),
];

/// The constraints of InvokeEndpointAsync.
static ASYNC_CONSTRAINTS: [Constraint; 7] = [
    (SERVICE_CONTENT_TYPE, "contentType", (0, 1024), Pattern::Ascii),
    (SERVICE_ACCEPT, "accept", (0, 1024), Pattern::Ascii),
    (CUSTOM_ATTRIBUTES, "customAttributes", (0, 1024), Pattern::Ascii),
    (INFERENCE_ID, "inferenceId", (1, 64), Pattern::Printable),
    (INPUT_LOCATION, "inputLocation", (1, 1024), Pattern::Location),
    (OUTPUT_PATH_EXTENSION, "s3OutputPathExtension", (1, 512), Pattern::PathExtension),
    (FILE_NAME, "filename", (1, 32), Pattern::FileName),
];

/// Checks name and headers of InvokeEndpoint and InvokeEndpointWithResponseStream against the service model.
///
/// # Errors
/// A `ValidationError` that lists all violations.
pub(super) fn check(name: &str, headers: &HeaderMap) -> Result<(), ServiceError> {
    check_constraints(name, headers, &CONSTRAINTS)
}

/// Checks name and headers of InvokeEndpointAsync against the service model.
///
/// # Errors
/// A `ValidationError` that lists all violations.
pub(super) fn check_async(name: &str, headers: &HeaderMap) -> Result<(), ServiceError> {
    check_constraints(name, headers, &ASYNC_CONSTRAINTS)
}

fn check_constraints(
    name: &str,
    headers: &HeaderMap,
    constraints: &[Constraint],
) -> Result<(), ServiceError> {
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
    for (header, member, chars, pattern) in constraints {
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

/// Returns the variant that serves a request: the one that it names, otherwise the next by weight.
///
/// # Errors
/// A `ValidationError` if there is no such variant, or if the request uses a feature that the variant does not have.
pub(super) fn select_variant<'d>(
    endpoint: &Endpoint,
    deployment: &'d EndpointDeployment,
    headers: &HeaderMap,
) -> Result<&'d Variant, ServiceError> {
    let name = endpoint.name();
    let error = |reason: &str| ServiceError::Validation(format!("Endpoint {name} {reason}"));
    let variants = deployment.variants();
    let is_multi_model =
        variants.iter().any(|variant| matches!(variant.backend(), VariantBackend::MultiModel(_)));
    if headers.contains_key(TARGET_MODEL) && !is_multi_model {
        return Err(ServiceError::TargetModel(name.to_owned()));
    }
    let variant = match field_value(headers, &TARGET_VARIANT) {
        Some(target) => deployment.variant(&target).ok_or_else(|| {
            let names: Vec<&str> = variants.iter().map(Variant::name).collect();
            let known = if names.len() == 1 { "its only one is" } else { "its variants are" };
            error(&format!("has no variant {target}: {known} {}.", names.join(", ")))
        })?,
        None => deployment.next_variant(),
    };
    // Sessions are an agreement between the caller and the container.
    let has_sessions = matches!(variant.backend(), VariantBackend::Container(_));
    if headers.contains_key(TARGET_CONTAINER) {
        Err(error("is not a multi-container endpoint and does not support target container hostname header."))
    } else if let Some(component) = field_value(headers, &COMPONENT) {
        Err(error(&format!("has no inference component {component}.")))
    } else if headers.contains_key(SESSION_ID) && !has_sessions {
        Err(error("does not support stateful sessions."))
    } else if headers.contains_key(EXPLANATIONS) {
        Err(error("has no explainer and does not support enable explanations header."))
    } else {
        Ok(variant)
    }
}
