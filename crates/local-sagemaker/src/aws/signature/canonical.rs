//! Canonical requests: what is signed, percent-encoding, and hashes in hexadecimal.

use std::fmt::Write as _;

use axum::http::{HeaderMap, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

/// Returns the canonical form of a request with these signed headers, separated by semicolons, and the hash of its body.
pub(super) fn canonical_request(
    method: &str,
    uri: &Uri,
    headers: &HeaderMap,
    signed: &str,
    service: &str,
    payload: &str,
) -> String {
    // S3 signs the path as it is sent, all others encode it once more.
    let path = if service == "s3" { uri.path().to_owned() } else { encode(uri.path(), true) };
    let mut query: Vec<(String, String)> = uri
        .query()
        .into_iter()
        .flat_map(|query| query.split('&'))
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (encode(decode(name), false), encode(decode(value), false)))
        .collect();
    query.sort();
    let query: Vec<String> = query.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut lines = String::new();
    for name in signed.split(';') {
        let values = headers.get_all(name).iter();
        let values: Vec<String> = values
            .map(|value| {
                let value = String::from_utf8_lossy(value.as_bytes());
                value.split_whitespace().collect::<Vec<_>>().join(" ")
            })
            .collect();
        let _ = writeln!(lines, "{name}:{}", values.join(","));
    }
    format!("{method}\n{path}\n{}\n{lines}\n{signed}\n{payload}", query.join("&"))
}

/// The characters that are escaped in queries: all but the unreserved ones.
const NOT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The characters that are escaped in paths.
const NOT_IN_PATH: &AsciiSet = &NOT_UNRESERVED.remove(b'/');

/// Percent-encodes all but the unreserved characters, and slashes if `keep_slashes`.
pub fn encode(text: impl AsRef<[u8]>, keep_slashes: bool) -> String {
    percent_encode(text.as_ref(), if keep_slashes { NOT_IN_PATH } else { NOT_UNRESERVED }).to_string()
}

pub(super) fn decode(text: &str) -> Vec<u8> {
    percent_decode_str(text).collect()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}
