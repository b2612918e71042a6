//! Signature Version 4: this cloud's access key, signing and verifying requests.
//!
//! Each cloud has a random access key. A process that can read `env.json` has it; every service of the cloud refuses requests
//! without a valid signature. The secrets of all other keys of the cloud (sessions of functions and roles, keys of IAM
//! users) are derived from its own secret, by the same function here and in `python/access.py`, so that services outside
//! the emulator can verify them without asking it.
//!
//! The algorithm: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header, request::Parts},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::time::ApiTimestamp;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
/// How far a request's time may be from ours, as for most of AWS's services.
const MAX_CLOCK_SKEW: Duration = Duration::from_mins(5);
/// The largest signed body that is read, in bytes: larger than any service behind [`require`] accepts.
const MAX_BODY_BYTES: usize = 32 << 20;

/// The access key of a cloud. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Credentials(Arc<CloudAccessKey>);

struct CloudAccessKey {
    id: String,
    secret: String,
}

impl std::fmt::Debug for CloudAccessKey {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A request without a valid signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The request is not signed.
    #[error(
        "the request is not signed; sign it with the access key in the local cloud's env.json (AWS Signature Version 4)"
    )]
    Missing,
    /// The `Authorization` header or a header that belongs to it cannot be read.
    #[error("invalid signature header: {0}")]
    Incomplete(&'static str),
    /// The request was signed too long ago, or in the future.
    #[error("the signature's time is {0}; it must be within 5 minutes of the current time")]
    Expired(String),
    /// The signature is not the one that the key makes.
    #[error(
        "the signature does not match; sign the request with the access key in the local cloud's env.json"
    )]
    Mismatch,
}

impl IntoResponse for SignatureError {
    /// 403 with the error as AWS JSON.
    fn into_response(self) -> Response {
        let code = match self {
            Self::Missing => "MissingAuthenticationTokenException",
            Self::Incomplete(_) => "IncompleteSignatureException",
            Self::Expired(_) | Self::Mismatch => "InvalidSignatureException",
        };
        let body = Json(json!({ "__type": code, "message": self.to_string() }));
        (StatusCode::FORBIDDEN, [("x-amzn-errortype", code)], body).into_response()
    }
}

impl Credentials {
    /// Returns a new random access key.
    #[must_use]
    pub fn random() -> Self {
        let random = || Uuid::new_v4().simple().to_string();
        Self::new(format!("LOCAL{}", random().to_ascii_uppercase()), random() + &random())
    }

    /// The key with this id and secret.
    #[must_use]
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self(Arc::new(CloudAccessKey { id: id.into(), secret: secret.into() }))
    }

    /// Returns the access key id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Returns the secret access key.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0.secret
    }

    /// Returns the secret of any access key of this cloud, its own or an issued one.
    #[must_use]
    pub fn secret_of(&self, id: &str) -> String {
        if id == self.id() { self.secret().to_owned() } else { self.derive(&format!("key:{id}")) }
    }

    /// Returns a secret for a purpose, which cannot be computed without this cloud's secret.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> String {
        hex(&hmac(self.secret().as_bytes(), purpose))
    }

    /// Signs a request for a service in a region. The URI must be absolute, and its path and query percent-encoded.
    pub fn sign(&self, request: &mut hyper::Request<Bytes>, service: &str, region: &str) {
        let date = ApiTimestamp::now().amz_date();
        let authority = request.uri().authority().map_or("", |authority| authority.as_str()).to_owned();
        let payload = hex(&Sha256::digest(request.body()));
        let values = [(header::HOST, authority), (AMZ_DATE, date.clone()), (CONTENT_SHA256, payload.clone())];
        for (name, value) in values {
            if let Ok(value) = HeaderValue::from_str(&value) {
                request.headers_mut().insert(name, value);
            }
        }
        let scope = Scope { id: self.id(), day: &date[..8], region, service };
        let signed = "host;x-amz-content-sha256;x-amz-date";
        let method = request.method().as_str();
        let canonical =
            canonical_request(method, request.uri(), request.headers(), signed, service, &payload);
        let signature = hex(&scope.mac(&self.0.secret, &date, &canonical).finalize().into_bytes());
        let scope = scope.to_string();
        let authorization = format!(
            "{ALGORITHM} Credential={}/{scope}, SignedHeaders={signed}, Signature={signature}",
            self.id()
        );
        if let Ok(authorization) = HeaderValue::from_str(&authorization) {
            request.headers_mut().insert(header::AUTHORIZATION, authorization);
        }
    }

    /// Verifies the signature of a request with this cloud's key or a key that this cloud has issued.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn verify(&self, parts: &Parts, body: &[u8]) -> Result<(), SignatureError> {
        self.verify_at(parts, body, ApiTimestamp::now())
    }

    fn verify_at(&self, parts: &Parts, body: &[u8], now: ApiTimestamp) -> Result<(), SignatureError> {
        let authorization = single(&parts.headers, &header::AUTHORIZATION)?.ok_or(SignatureError::Missing)?;
        let fields = authorization.strip_prefix(ALGORITHM).ok_or(SignatureError::Missing)?;
        let field = |name: &str| {
            let fields = fields.split(',').filter_map(|field| field.trim().split_once('='));
            fields.filter(|(key, _)| *key == name).map(|(_, value)| value).next()
        };
        let credential = field("Credential").ok_or(SignatureError::Incomplete("Credential is missing"))?;
        let signed = field("SignedHeaders").ok_or(SignatureError::Incomplete("SignedHeaders is missing"))?;
        let signature = field("Signature").and_then(from_hex);
        let signature = signature.ok_or(SignatureError::Incomplete("Signature is not hexadecimal"))?;
        let scope = Scope::parse(credential).ok_or(SignatureError::Incomplete(
            "Credential is not <key id>/<date>/<region>/<service>/aws4_request",
        ))?;
        let date =
            single(&parts.headers, &AMZ_DATE)?.ok_or(SignatureError::Incomplete("x-amz-date is missing"))?;
        let time = ApiTimestamp::from_amz_date(date);
        let time = time.ok_or(SignatureError::Incomplete("x-amz-date is not a time"))?;
        if scope.day != &date[..8] || time.distance(now) > MAX_CLOCK_SKEW {
            return Err(SignatureError::Expired(date.to_owned()));
        }
        if !["host", "x-amz-date"].iter().all(|name| signed.split(';').any(|header| header == *name)) {
            return Err(SignatureError::Incomplete("SignedHeaders lacks host or x-amz-date"));
        }
        let payload = hex(&Sha256::digest(body));
        let canonical = canonical_request(
            parts.method.as_str(),
            &parts.uri,
            &parts.headers,
            signed,
            scope.service,
            &payload,
        );
        let mac = scope.mac(&self.secret_of(scope.id), date, &canonical);
        mac.verify_slice(&signature).map_err(|_| SignatureError::Mismatch)
    }
}

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

/// Lets only requests with a valid signature through.
pub fn require(router: Router, credentials: Credentials) -> Router {
    router.layer(from_fn_with_state(credentials, check))
}

async fn check(State(credentials): State<Credentials>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    // Nothing is read of a request that is not signed at all.
    if !parts.headers.contains_key(header::AUTHORIZATION) {
        return SignatureError::Missing.into_response();
    }
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    match credentials.verify(&parts, &body) {
        Ok(()) => next.run(Request::from_parts(parts, Body::from(body))).await,
        Err(error) => error.into_response(),
    }
}

/// What a signature is valid for.
struct Scope<'a> {
    id: &'a str,
    day: &'a str,
    region: &'a str,
    service: &'a str,
}

impl<'a> Scope<'a> {
    fn parse(credential: &'a str) -> Option<Self> {
        let mut parts = credential.split('/');
        let scope =
            Self { id: parts.next()?, day: parts.next()?, region: parts.next()?, service: parts.next()? };
        (parts.next() == Some("aws4_request") && parts.next().is_none() && !scope.id.is_empty())
            .then_some(scope)
    }

    /// The authentication code whose value is the signature.
    fn mac(&self, secret: &str, date: &str, canonical_request: &str) -> Hmac<Sha256> {
        let mut key = hmac(format!("AWS4{secret}").as_bytes(), self.day);
        for part in [self.region, self.service, "aws4_request"] {
            key = hmac(&key, part);
        }
        let hash = hex(&Sha256::digest(canonical_request));
        keyed(&key, &format!("{ALGORITHM}\n{date}\n{self}\n{hash}"))
    }
}

impl std::fmt::Display for Scope<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}/aws4_request", self.day, self.region, self.service)
    }
}

/// The value of a header that may be there once.
fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, SignatureError> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(SignatureError::Incomplete("a header is repeated"));
    }
    value.to_str().map(Some).map_err(|_| SignatureError::Incomplete("a header is not ASCII"))
}

fn canonical_request(
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

fn decode(text: &str) -> Vec<u8> {
    percent_decode_str(text).collect()
}

fn hmac(key: &[u8], text: &str) -> [u8; 32] {
    keyed(key, text).finalize().into_bytes().into()
}

fn keyed(key: &[u8], text: &str) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(text.as_bytes());
    mac
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AWS's own example of a GET of an object: "Signature Calculations for the Authorization Header".
    #[test]
    fn accepts_the_signature_of_awss_example() {
        const SIGNATURE: &str = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
        let credentials =
            Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let now = ApiTimestamp::from_amz_date("20130524T000000Z").unwrap();
        let request = |signature: &str| {
            let authorization = format!(
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
                 SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature={signature}"
            );
            let request = hyper::Request::get("/test.txt")
                .header("host", "examplebucket.s3.amazonaws.com")
                .header("range", "bytes=0-9")
                .header("x-amz-content-sha256", hex(&Sha256::digest([])))
                .header("x-amz-date", "20130524T000000Z")
                .header("authorization", authorization);
            request.body(()).unwrap().into_parts().0
        };
        assert_eq!(credentials.verify_at(&request(SIGNATURE), b"", now), Ok(()));
        let wrong = SIGNATURE.replace('f', "0");
        assert_eq!(credentials.verify_at(&request(&wrong), b"", now), Err(SignatureError::Mismatch));
        assert_eq!(credentials.verify_at(&request(SIGNATURE), b"x", now), Err(SignatureError::Mismatch));
        let later = ApiTimestamp::from_amz_date("20130524T000501Z").unwrap();
        let expired = SignatureError::Expired("20130524T000000Z".to_owned());
        assert_eq!(credentials.verify_at(&request(SIGNATURE), b"", later), Err(expired));
        assert_eq!(
            credentials.verify(&request("no"), b""),
            Err(SignatureError::Incomplete("Signature is not hexadecimal"))
        );
    }

    fn signed(credentials: &Credentials, uri: &str, body: &'static str) -> (Parts, Bytes) {
        let mut request = hyper::Request::post(uri).body(Bytes::from(body)).unwrap();
        credentials.sign(&mut request, "sagemaker", "us-east-1");
        request.into_parts()
    }

    #[test]
    fn accepts_own_signatures_and_rejects_changed_requests() {
        let credentials = Credentials::random();
        let (parts, body) = signed(&credentials, "http://127.0.0.1:1/a%20b/c?z=1&a=%2F&b", "{}");
        assert_eq!(credentials.verify(&parts, &body), Ok(()));
        assert_eq!(credentials.verify(&parts, b"{ }"), Err(SignatureError::Mismatch));
        let mut changed = parts.clone();
        changed.uri = "http://127.0.0.1:1/a%20b/d?z=1&a=%2F&b".parse().unwrap();
        assert_eq!(credentials.verify(&changed, &body), Err(SignatureError::Mismatch));
        let mut unsigned = parts.clone();
        unsigned.headers.remove("authorization");
        assert_eq!(credentials.verify(&unsigned, &body), Err(SignatureError::Missing));
        let mut twice = parts;
        let authorization = twice.headers["authorization"].clone();
        twice.headers.append("authorization", authorization);
        assert_eq!(
            credentials.verify(&twice, &body),
            Err(SignatureError::Incomplete("a header is repeated"))
        );
    }

    #[test]
    fn accepts_issued_keys_and_rejects_keys_of_other_clouds() {
        let credentials = Credentials::random();
        let issued = Credentials::new("ASIA1", credentials.secret_of("ASIA1"));
        let (parts, body) = signed(&issued, "http://127.0.0.1:1/", "{}");
        assert_eq!(credentials.verify(&parts, &body), Ok(()));
        for foreign in [
            Credentials::random(),
            Credentials::new(credentials.id(), "local"),
            Credentials::new("local", "local"),
            Credentials::new("ASIA2", credentials.secret_of("ASIA1")),
        ] {
            let (parts, body) = signed(&foreign, "http://127.0.0.1:1/", "{}");
            assert_eq!(credentials.verify(&parts, &body), Err(SignatureError::Mismatch));
        }
        assert!(!format!("{credentials:?}").contains(credentials.secret()));
    }
}
