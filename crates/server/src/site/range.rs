//! `Range` headers: one range of bytes of a `GET` is supported.
//!
//! A server must ignore a range of another unit and may ignore any other (RFC 9110, section 14.2). A header that is not
//! understood therefore means the whole file, and not an error.

use axum::http::{
    HeaderMap, Method,
    header::{IF_RANGE, RANGE},
};

/// The longest position, in decimal digits: what always fits 64 bits.
const MAX_DIGITS: usize = 19;

/// Returns whether the request's `Range` header can be honoured.
///
/// A request with `If-Range` gets the whole file: that is always correct, and saves comparing validators.
pub(super) fn is_supported(method: &Method, headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(RANGE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    *method == Method::GET && !headers.contains_key(IF_RANGE) && value.to_str().is_ok_and(is_one_byte_range)
}

/// Returns whether a value is `bytes=FIRST-LAST`, `bytes=FIRST-` or `bytes=-LENGTH`.
fn is_one_byte_range(value: &str) -> bool {
    let Some((first, last)) = value.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return false;
    };
    let is_number = |text: &str| text.len() <= MAX_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(first) || !is_number(last) {
        return false;
    }
    match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) => first <= last,
        (first, last) => first.is_ok() || last.is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_byte_range_is_supported() {
        for value in ["bytes=0-0", "bytes=2-4", "bytes=7-", "bytes=-5", "bytes=0-9999999999999999999"] {
            assert!(is_one_byte_range(value), "{value}");
        }
        for value in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=4-2",
            "bytes=0-1,3-4",
            "bytes=0-1,",
            "bytes= 0-1",
            "bytes=+1-2",
            "bytes=1--2",
            "bytes=0-99999999999999999999",
            "items=0-1",
            "0-1",
        ] {
            assert!(!is_one_byte_range(value), "{value}");
        }
    }
}
