//! Request headers.

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderName, header};

/// A caller's own text, which is forwarded to the model and back.
pub(super) const CUSTOM_ATTRIBUTES: HeaderName =
    HeaderName::from_static("x-amzn-sagemaker-custom-attributes");

/// Returns a header's value. `Accept` is a list, whose elements may come in several lines (RFC 9110, section 5.3).
pub(super) fn field_value<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<Cow<'h, str>> {
    let mut lines = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let first = lines.next()?;
    if *name != header::ACCEPT {
        return Some(first);
    }
    Some(lines.fold(first, |list, line| Cow::Owned(format!("{list}, {line}"))))
}
