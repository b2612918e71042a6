//! Our services are called with the cloud's access key only.

use axum::body::{Body, Bytes};
use hyper::{Request, StatusCode};
use local_sagemaker::aws::signature::{self, Credentials};
use mysfits_localcloud::authorization;

use crate::support::{Cloud, ask};

const SERVICES: &str = "http://127.0.0.1:1";

fn request(path: &str) -> Request<Bytes> {
    let request = Request::post(format!("{SERVICES}{path}")).header("x-amz-target", "SageMaker.ListModels");
    request.body(Bytes::from_static(b"{}")).unwrap()
}

#[tokio::test]
async fn services_refuse_requests_without_a_signature_of_this_cloud() {
    let cloud = Cloud::start().await;
    let credentials = cloud.emulator.credentials().clone();
    let services = signature::require(cloud.services.clone(), credentials.clone());
    for path in ["/", "/chaos/any", "/endpoints/any/invocations", "/ping", "/anything"] {
        let (status, headers, body) = ask(&services, request(path).map(Body::from)).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}: {body}");
        assert_eq!(headers["x-amzn-errortype"], "MissingAuthenticationTokenException");
        let mut foreign = request(path);
        Credentials::random().sign(&mut foreign, "sagemaker", "us-east-1");
        let (status, headers, body) = ask(&services, foreign.map(Body::from)).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}: {body}");
        assert_eq!(headers["x-amzn-errortype"], "InvalidSignatureException");
    }
    let mut own = request("/");
    credentials.sign(&mut own, "sagemaker", "us-east-1");
    let (status, _, body) = ask(&services, own.map(Body::from)).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, r#"{"Models":[]}"#));
}

#[tokio::test]
async fn an_endpoint_is_invoked_only_by_whom_iam_allows_it() {
    let cloud = Cloud::start().await;
    let credentials = cloud.emulator.credentials().clone();
    let services = authorization::authorize(cloud.services.clone(), cloud.emulator.clone());
    let services = signature::require(services, credentials.clone());
    let function = Credentials::new("ASIA1", credentials.secret_of("ASIA1"));
    for (key, endpoint, is_allowed) in
        [(&function, "Allowed", true), (&function, "other", false), (&credentials, "other", true)]
    {
        let mut request = request(&format!("/endpoints/{endpoint}/invocations"));
        key.sign(&mut request, "sagemaker", "us-east-1");
        let (status, headers, body) = ask(&services, request.map(Body::from)).await;
        let is_denied = headers.get("x-amzn-errortype").is_some_and(|code| code == "AccessDeniedException");
        assert_eq!(is_denied, !is_allowed, "{endpoint}: {status} {body}");
        // Those who are allowed to learn that there is no such endpoint.
        assert_eq!(status == StatusCode::FORBIDDEN, !is_allowed, "{endpoint}: {status} {body}");
    }
}
