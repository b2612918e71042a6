//! Names of SageMaker resources.

/// The longest name of an endpoint and of other SageMaker resources, in characters.
pub const MAX_NAME_CHARS: usize = 63;

/// Returns whether a text is a valid name of a SageMaker resource: 1 to [`MAX_NAME_CHARS`] letters, digits and hyphens, no
/// hyphen first or last.
#[must_use]
pub fn is_valid_resource_name(text: &str) -> bool {
    text.len() <= MAX_NAME_CHARS && matches_name_pattern(text)
}

/// Returns whether a text matches the pattern of names, whatever its length.
pub(crate) fn matches_name_pattern(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}
