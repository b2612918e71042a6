//! JSON responses of the API: with a validator, so that a client that has the content gets 304 and no body, and compressed.
//!
//! Not tower-http's layer: it would bring three crates, and another backend of `flate2` for the whole workspace.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{
            ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG,
            IF_NONE_MATCH, VARY,
        },
    },
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use mysfits_api::Problem;

use crate::compression::gzip;

/// The longest content that is handled. The API's own responses are far below it.
const MAX_CONTENT_BYTES: usize = 1 << 20;
/// The size from which content is compressed.
const MIN_COMPRESSED_BYTES: usize = 1024;

/// Adds `ETag` to successful JSON responses of `GET`, responds with 304 if the client has the content already, and compresses large
/// content for clients that accept gzip.
pub(crate) async fn finish(request: Request, next: Next) -> Response {
    if request.method() != Method::GET {
        return next.run(request).await;
    }
    let known = request.headers().get(IF_NONE_MATCH).cloned();
    let accepts_gzip = accepts_gzip(request.headers());
    let response = next.run(request).await;
    let is_json = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if response.status() != StatusCode::OK || !is_json {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(content) = to_bytes(body, MAX_CONTENT_BYTES).await else {
        return Problem::Internal.into_response();
    };
    let headers = &mut parts.headers;
    let tag = etag(&content);
    let is_known = known.is_some_and(|known| has_tag(&known, &tag));
    headers.insert(ETAG, tag);
    // Stored by browsers, but never used without a request.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.remove(CONTENT_LENGTH);
    let is_large = content.len() >= MIN_COMPRESSED_BYTES;
    if is_large {
        headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    }
    if is_known {
        headers.remove(CONTENT_TYPE);
        parts.status = StatusCode::NOT_MODIFIED;
        return Response::from_parts(parts, Body::empty());
    }
    let compressed = (is_large && accepts_gzip).then(|| gzip(&content)).and_then(Result::ok);
    if compressed.is_some() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Response::from_parts(parts, Body::from(compressed.map_or(content, Bytes::from)))
}

/// Returns whether a client names gzip, with a weight other than 0.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().trim_start_matches("q=").parse::<f32>();
        name.trim().eq_ignore_ascii_case("gzip") && weight != Ok(0.0)
    })
}

/// Returns a validator of a content. It is weak, because the content may be sent compressed.
fn etag(content: &[u8]) -> HeaderValue {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    // Quotes and hexadecimal digits are valid in a header.
    HeaderValue::try_from(format!("W/\"{:016x}\"", hasher.finish()))
        .unwrap_or(HeaderValue::from_static("W/\"\""))
}

/// Returns whether the list of an `If-None-Match` header has a validator (RFC 9110, section 13.1.2; weak comparison).
fn has_tag(known: &HeaderValue, tag: &HeaderValue) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let (Ok(known), Ok(tag)) = (known.to_str(), tag.to_str()) else { return false };
    known.split(',').any(|one| one.trim() == "*" || opaque(one) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_needs_a_weight_above_0() {
        let accepts = |value: &str| {
            let value = HeaderValue::try_from(value).unwrap();
            accepts_gzip(&HeaderMap::from_iter([(ACCEPT_ENCODING, value)]))
        };
        for value in ["gzip", "br, GZIP", "br;q=1.0, gzip;q=0.2", "gzip; q=1"] {
            assert!(accepts(value), "{value}");
        }
        for value in ["", "br", "gzip;q=0", "br, gzip; q=0.000", "x-gzip-like"] {
            assert!(!accepts(value), "{value}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    #[test]
    fn compares_validators_weakly() {
        let tag = etag(b"content");
        let text = tag.to_str().unwrap();
        assert!(text.starts_with("W/\"") && text.ends_with('"'), "{text}");
        let has = |known: &str| has_tag(&HeaderValue::try_from(known).unwrap(), &tag);
        assert!(has(text) && has(text.trim_start_matches("W/")) && has("*"));
        assert!(has(&format!("\"other\", {text}")));
        assert!(!has("\"other\"") && !has(""));
        assert_ne!(etag(b"other content"), tag);
    }
}
