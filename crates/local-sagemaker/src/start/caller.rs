//! Which service a request is for, and of which account and region its caller is.

use axum::{
    extract::Request,
    http::{Method, header},
};
use mysfits_sagemaker::AccountRegion;

use crate::aws::{
    json::TARGET,
    signature::{CredentialScope, encode},
};

/// The account of callers whose access key id is not one.
pub(super) const DEFAULT_ACCOUNT: &str = "000000000000";
/// The region of callers that do not sign.
pub(super) const DEFAULT_REGION: &str = "us-east-1";

/// A service of this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RequestedService {
    /// AWS JSON 1.1: SageMaker's control plane, or `CloudWatch` Logs.
    Json,
    /// The query protocol: STS and IAM.
    Query,
    /// SageMaker's runtime.
    Runtime,
    /// S3.
    S3,
    /// This process: `/_local/..`, `/chaos/..`, `/ping`.
    Local,
    /// A service that is not here.
    Other(String),
}

/// Who sends a request, to which service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) service: RequestedService,
    /// Account and region by the signature; the defaults without one.
    pub(super) owner: AccountRegion,
    pub(super) is_signed: bool,
}

impl Caller {
    /// Reads the signature's credential scope or, without a signature, target and path. What is left is S3's.
    pub(super) fn new(request: &Request) -> Self {
        let scope = CredentialScope::from_request(request.headers(), request.uri());
        let owner = scope.as_ref().map_or_else(
            || AccountRegion::new(DEFAULT_ACCOUNT, DEFAULT_REGION),
            |scope| AccountRegion::new(account(&scope.key_id), region(&scope.region)),
        );
        let signed_for = scope.as_ref().map(|scope| scope.service.as_str());
        Self { service: service(request, signed_for), owner, is_signed: scope.is_some() }
    }
}

fn service(request: &Request, signed_for: Option<&str>) -> RequestedService {
    let path = request.uri().path();
    // No bucket has such a name.
    if path.starts_with("/_local/") {
        return RequestedService::Local;
    }
    match signed_for {
        Some("s3" | "s3express") => return RequestedService::S3,
        Some("sts" | "iam") => return RequestedService::Query,
        Some("logs") => return RequestedService::Json,
        Some("sagemaker") if path == "/" => return RequestedService::Json,
        Some("sagemaker") => return RequestedService::Runtime,
        Some(other) => return RequestedService::Other(other.to_owned()),
        None => {}
    }
    let is_post = request.method() == Method::POST;
    if is_post && request.headers().contains_key(TARGET) {
        return RequestedService::Json;
    }
    let is_invocation = path.starts_with("/endpoints/") && path.contains("invocations");
    if is_post && is_invocation {
        return RequestedService::Runtime;
    }
    if bucket_of_host(request).is_some() {
        return RequestedService::S3;
    }
    if path == "/ping" || path.starts_with("/chaos/") {
        return RequestedService::Local;
    }
    let form = "application/x-www-form-urlencoded";
    let is_form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(form.as_bytes()));
    if is_post && path == "/" && is_form { RequestedService::Query } else { RequestedService::S3 }
}

/// Returns the account of an access key id: itself if it is 12 digits.
fn account(key_id: &str) -> &str {
    let is_account = key_id.len() == 12 && key_id.bytes().all(|byte| byte.is_ascii_digit());
    if is_account { key_id } else { DEFAULT_ACCOUNT }
}

/// Returns a region by its name, or the default if that is not a name.
fn region(name: &str) -> &str {
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_region = (1..=32).contains(&name.len()) && name.bytes().all(is_name);
    if is_region { name } else { DEFAULT_REGION }
}

/// Returns the bucket of a request in virtual-host style: `bucket.localhost` or `bucket.s3.localhost`.
pub(super) fn bucket_of_host(request: &Request) -> Option<String> {
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let labels = host.strip_suffix(".localhost")?;
    let bucket = labels.strip_suffix(".s3").unwrap_or(labels);
    (bucket != "s3").then(|| encode(bucket, false))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn caller(method: &str, uri: &str, headers: &[(&str, &str)]) -> Caller {
        let request = Request::builder().method(method).uri(uri);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        Caller::new(&request.body(Body::empty()).unwrap())
    }

    fn signed(uri: &str, key: &str, region: &str, service: &str) -> Caller {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={key}/20261130/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
        );
        caller("POST", uri, &[("authorization", &authorization)])
    }

    #[test]
    fn signed_requests_name_service_account_and_region() {
        let owner = |account: &str, region: &str| AccountRegion::new(account, region);
        for (uri, service, expected) in [
            ("/", "sagemaker", RequestedService::Json),
            ("/endpoints/x/invocations", "sagemaker", RequestedService::Runtime),
            ("/endpoints/x/invocations", "s3", RequestedService::S3),
            ("/", "logs", RequestedService::Json),
            ("/", "sts", RequestedService::Query),
            ("/", "iam", RequestedService::Query),
            ("/_local/health", "s3", RequestedService::Local),
            ("/", "dynamodb", RequestedService::Other("dynamodb".to_owned())),
        ] {
            let caller = signed(uri, "210987654321", "eu-west-1", service);
            assert_eq!((caller.service, caller.owner), (expected, owner("210987654321", "eu-west-1")));
        }
        let other_key = signed("/", "AKIAIOSFODNN7EXAMPLE", "..", "sagemaker");
        assert_eq!(other_key.owner, owner(DEFAULT_ACCOUNT, DEFAULT_REGION));
        let presigned =
            "/b/k?X-Amz-Credential=210987654321%2F20261130%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Signature=0";
        let caller = caller("GET", presigned, &[]);
        assert_eq!(
            (caller.service, caller.owner),
            (RequestedService::S3, owner("210987654321", "eu-west-1"))
        );
    }

    #[test]
    fn unsigned_requests_are_told_apart_by_target_and_path() {
        let form = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        for (method, uri, headers, expected) in [
            ("POST", "/", [("x-amz-target", "SageMaker.ListModels")].as_slice(), RequestedService::Json),
            ("POST", "/endpoints/x/invocations", &[], RequestedService::Runtime),
            ("GET", "/endpoints/x/invocations", &[], RequestedService::S3),
            ("POST", "/", &[form], RequestedService::Query),
            ("GET", "/chaos/x", &[], RequestedService::Local),
            ("GET", "/ping", &[], RequestedService::Local),
            ("GET", "/ping", &[("host", "bucket.localhost:4600")], RequestedService::S3),
            ("PUT", "/bucket/key", &[("host", "localhost:4600")], RequestedService::S3),
        ] {
            let caller = caller(method, uri, headers);
            assert_eq!((caller.service, caller.is_signed), (expected, false), "{method} {uri}");
        }
    }

    #[test]
    fn hosts_below_localhost_name_a_bucket() {
        let bucket = |host: &str| {
            let request = Request::get("/").header("host", host).body(Body::empty()).unwrap();
            bucket_of_host(&request)
        };
        for (host, expected) in [
            ("data.localhost:4600", Some("data")),
            ("data.1.s3.localhost", Some("data.1")),
            ("s3.localhost:4600", None),
            ("localhost:4600", None),
            ("127.0.0.1:4600", None),
        ] {
            assert_eq!(bucket(host).as_deref(), expected, "{host}");
        }
    }
}
