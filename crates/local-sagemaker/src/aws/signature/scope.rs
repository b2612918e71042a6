//! Credential scopes: key, day, region and service of a signature, and the key that is derived for them.

use std::fmt;

use axum::http::{HeaderMap, Uri, header};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::canonical::{decode, hex};

/// The algorithm that this module knows.
pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// What a request claims to be signed for. Nothing is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialScope {
    /// The id of the access key.
    pub key_id: String,
    /// The region.
    pub region: String,
    /// The service by its signing name, `s3` for instance.
    pub service: String,
}

impl CredentialScope {
    /// Returns the scope of the `Authorization` header or, for a presigned URL, of the query; `None` for an unsigned
    /// request. A signature of version 2 is S3's.
    #[must_use]
    pub fn from_request(headers: &HeaderMap, uri: &Uri) -> Option<Self> {
        let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if let Some((key_id, _)) = authorization.and_then(|text| text.strip_prefix("AWS ")?.split_once(':')) {
            return Some(Self { key_id: key_id.to_owned(), region: String::new(), service: "s3".to_owned() });
        }
        let in_header = authorization.and_then(|text| text.split_once("Credential="));
        let credential = if let Some((_, rest)) = in_header {
            rest.split([',', ' ']).next()?.to_owned()
        } else {
            let mut pairs = uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
            let (_, value) = pairs.find(|(name, _)| *name == "X-Amz-Credential")?;
            String::from_utf8(decode(value)).ok()?
        };
        let Scope { id, region, service, .. } = Scope::parse(&credential)?;
        Some(Self { key_id: id.to_owned(), region: region.to_owned(), service: service.to_owned() })
    }
}

/// Returns the id of the access key that a request claims to be signed with.
#[must_use]
pub fn access_key_id(headers: &HeaderMap) -> Option<&str> {
    let authorization = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (_, credential) = authorization.split_once("Credential=")?;
    credential.split('/').next()
}

/// What a signature is valid for.
pub(super) struct Scope<'a> {
    pub(super) id: &'a str,
    pub(super) day: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
}

impl<'a> Scope<'a> {
    pub(super) fn parse(credential: &'a str) -> Option<Self> {
        let mut parts = credential.split('/');
        let scope =
            Self { id: parts.next()?, day: parts.next()?, region: parts.next()?, service: parts.next()? };
        (parts.next() == Some("aws4_request") && parts.next().is_none() && !scope.id.is_empty())
            .then_some(scope)
    }

    /// The authentication code whose value is the signature.
    pub(super) fn mac(&self, secret: &str, date: &str, canonical_request: &str) -> Hmac<Sha256> {
        let mut key = hmac(format!("AWS4{secret}").as_bytes(), self.day);
        for part in [self.region, self.service, "aws4_request"] {
            key = hmac(&key, part);
        }
        let hash = hex(&Sha256::digest(canonical_request));
        keyed(&key, &format!("{ALGORITHM}\n{date}\n{self}\n{hash}"))
    }
}

impl fmt::Display for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/aws4_request", self.day, self.region, self.service)
    }
}

pub(super) fn hmac(key: &[u8], text: &str) -> [u8; 32] {
    keyed(key, text).finalize().into_bytes().into()
}

fn keyed(key: &[u8], text: &str) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(text.as_bytes());
    mac
}
