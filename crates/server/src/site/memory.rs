//! A file that is only in memory: with a validator and compressed forms, as the folder's files have them.

use std::fmt::Write as _;

use axum::{
    body::{Body, Bytes},
    http::{
        HeaderValue, Request, StatusCode,
        header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY},
    },
    response::{IntoResponse as _, Response},
};
use flate2::{Compression, write::GzEncoder};
use mysfits_site::weighted::{self, Member};
use sha2::{Digest as _, Sha256};

/// The size of the window that brotli may look back over, as a power of two: more than our files have.
const BROTLI_WINDOW: u32 = 22;

/// A file in memory. Compressed once, when it is made, at the best level.
#[derive(Debug, Clone)]
pub struct MemoryFile {
    content_type: &'static str,
    /// In the order of preference; the plain one is always there.
    forms: Vec<Form>,
}

/// One encoding of a file.
#[derive(Debug, Clone)]
struct Form {
    /// None is the file as it is.
    encoding: Option<&'static str>,
    bytes: Bytes,
    etag: HeaderValue,
}

impl MemoryFile {
    /// A file with this content.
    #[must_use]
    pub fn new(content_type: &'static str, content: Vec<u8>) -> Self {
        let mut hash = String::new();
        for byte in &Sha256::digest(&content)[..8] {
            // Writing to a string cannot fail.
            let _ = write!(hash, "{byte:02x}");
        }
        let compressed = [("br", brotli(&content)), ("gzip", gzip(&content))];
        let smaller = compressed.into_iter().filter(|(_, bytes)| bytes.len() < content.len());
        let mut forms: Vec<_> =
            smaller.map(|(encoding, bytes)| Form::new(Some(encoding), bytes, &hash)).collect();
        forms.push(Form::new(None, content, &hash));
        Self { content_type, forms }
    }

    /// Answers `GET` and `HEAD` alike; that the latter has no body is for the server to see to.
    pub(super) fn answer(&self, request: &Request<Body>) -> Response {
        let headers = request.headers();
        let accepted = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        let accepted: Vec<_> = weighted::members(accepted).collect();
        let Some(form) = self.forms.iter().max_by_key(|form| form.weight(&accepted)) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let is_known = known
            .flat_map(|value| value.split(','))
            .any(|tag| tag.trim() == "*" || tag.trim().trim_start_matches("W/") == form.etag);
        let mut response = if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            ([(CONTENT_TYPE, self.content_type)], form.bytes.clone()).into_response()
        };
        let headers = response.headers_mut();
        headers.insert(ETAG, form.etag.clone());
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if let (Some(encoding), false) = (form.encoding, is_known) {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    }
}

impl Form {
    fn new(encoding: Option<&'static str>, bytes: Vec<u8>, hash: &str) -> Self {
        // Each form has its own: they are different bytes. Hexadecimal digits and a word are a header's value.
        let etag = match encoding {
            Some(encoding) => format!("\"{hash}-{encoding}\""),
            None => format!("\"{hash}\""),
        };
        let etag = HeaderValue::try_from(etag).unwrap_or_else(|_| HeaderValue::from_static("\"\""));
        Self { encoding, bytes: bytes.into(), etag }
    }

    /// How much this form is wanted; of equals, the smaller. The plain form comes after all that are wanted at all, and is
    /// sent even to who wants nothing: an answer is better than none.
    fn weight(&self, accepted: &[Member<'_>]) -> (u16, std::cmp::Reverse<usize>) {
        let named = |name: &str| accepted.iter().find(|member| member.name.eq_ignore_ascii_case(name));
        let weight = match self.encoding {
            Some(encoding) => named(encoding).or(named("*")).map_or(0, |member| member.weight * 2),
            None => 1,
        };
        (weight, std::cmp::Reverse(self.bytes.len()))
    }
}

fn brotli(content: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: BROTLI_WINDOW as i32,
        size_hint: content.len(),
        ..Default::default()
    };
    match brotli::BrotliCompress(&mut &*content, &mut compressed, &parameters) {
        Ok(_) => compressed,
        // Memory does not fail to be written; if it did, there would be one form less.
        Err(_) => content.to_vec(),
    }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).and_then(|()| encoder.finish()).unwrap_or_else(|_| content.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoding(accepted: &str) -> String {
        let file = MemoryFile::new("text/plain", b"again and ".repeat(100));
        let request = Request::builder().header(ACCEPT_ENCODING, accepted).body(Body::empty()).unwrap();
        let answer = file.answer(&request);
        assert_eq!(answer.headers()[VARY], "accept-encoding");
        answer.headers().get(CONTENT_ENCODING).map_or("", |value| value.to_str().unwrap()).to_owned()
    }

    #[test]
    fn who_understands_a_compressed_form_gets_it() {
        for (accepted, expected) in [
            ("gzip, deflate, br, zstd", "br"),
            ("gzip, deflate", "gzip"),
            ("br;q=0.1, gzip;q=1.0", "gzip"),
            ("br;q=0, *", "gzip"),
            ("br;q=0", ""),
            ("identity", ""),
            ("", ""),
            ("*;q=0", ""),
            ("nonsense;;q=", ""),
        ] {
            assert_eq!(encoding(accepted), expected, "{accepted}");
        }
    }

    #[test]
    fn what_compression_makes_longer_stays_as_it_is() {
        assert_eq!(MemoryFile::new("text/plain", b"{}".to_vec()).forms.len(), 1);
    }
}
