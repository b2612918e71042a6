//! Signature Version 4: this cloud's access key, signing and verifying requests.
//!
//! Each cloud has a random access key. A process that can read `env.json` has it; every service of the cloud refuses requests
//! without a valid signature. The secrets of all other keys of the cloud (sessions of functions and roles, keys of IAM
//! users) are derived from its own secret, by the same function here and in `python/access.py`, so that services outside
//! the emulator can verify them without asking it.
//!
//! The algorithm: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.

mod canonical;
mod scope;

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use hmac::Mac as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::time::ApiTimestamp;
pub use canonical::encode;
use canonical::{canonical_request, from_hex, hex};
use scope::{ALGORITHM, Scope, hmac};
pub use scope::{CredentialScope, access_key_id};

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

/// The value of a header that may be there once.
fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, SignatureError> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(SignatureError::Incomplete("a header is repeated"));
    }
    value.to_str().map(Some).map_err(|_| SignatureError::Incomplete("a header is not ASCII"))
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
