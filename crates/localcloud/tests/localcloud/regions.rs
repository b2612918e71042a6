//! Each region has its own records.

use axum::body::Body;
use hyper::{Request, StatusCode};
use serde_json::{Value, json};

use crate::support::{Cloud, ask};

/// Creates a repository in a region; returns status and response.
async fn create(cloud: &Cloud, region: &str) -> (StatusCode, Value) {
    let scope = format!("AKID/20261130/{region}/codecommit/aws4_request");
    let request = Request::post("/")
        .header("x-amz-target", "CodeCommit_20150413.CreateRepository")
        .header(
            "authorization",
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"),
        )
        .body(Body::from(json!({ "repositoryName": "code" }).to_string()));
    let (status, _, body) = ask(&cloud.services, request.unwrap()).await;
    (status, serde_json::from_str(&body).unwrap())
}

#[tokio::test]
async fn a_name_can_be_used_once_in_each_region() {
    let cloud = Cloud::start().await;
    for region in ["us-east-1", "eu-central-1"] {
        let (status, created) = create(&cloud, region).await;
        assert_eq!(status, StatusCode::OK, "{created}");
        let arn = format!("arn:aws:codecommit:{region}:123456789012:code");
        assert_eq!(created["repositoryMetadata"]["Arn"], arn);
        let (status, refused) = create(&cloud, region).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{refused}");
        assert_eq!(refused["__type"], "RepositoryNameExistsException");
    }
}
