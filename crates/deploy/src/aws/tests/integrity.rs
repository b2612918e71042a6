//! Buckets of other accounts are not used, and what is deployed is what the package holds.

use crate::aws::buckets::Upload;
use bytes::Bytes;

use super::fake_service::FakeService;

/// SHA-256 of `content`.
const SHA256: &str = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73";
const SHA256_BASE64: &str = "7XACtDnprIRfIjV9giusFERzD722AW0+yUMil7nsn3M=";

fn upload() -> Upload {
    Upload {
        key: "lambda/a.zip".to_owned(),
        sha256: SHA256.to_owned(),
        content_type: "application/zip".to_owned(),
        cache_control: None,
    }
}

#[tokio::test]
async fn every_call_names_the_account_that_must_own_the_bucket() {
    let untagged = "<Error><Code>NoSuchTagSet</Code><Message>none</Message></Error>";
    let version =
        "<ListVersionsResult><Version><Key>k</Key><VersionId>1</VersionId></Version></ListVersionsResult>";
    let pending = "<ListMultipartUploadsResult><Upload><Key>k</Key><UploadId>u</UploadId></Upload>\
                   </ListMultipartUploadsResult>";
    let (fake, aws) = FakeService::start(&[
        // The artifact bucket: unfinished, so that all its settings are made.
        (404, untagged),
        (200, "<ListVersionsResult/>"),
        (200, ""),
        (200, ""),
        (200, ""),
        (200, ""),
        (200, ""),
        (200, ""),
        // An upload, a download, a listing, a removal.
        (404, ""),
        (200, ""),
        (200, "content"),
        (200, "<ListBucketResult/>"),
        (200, "<DeleteResult/>"),
        // The end of a bucket.
        (200, version),
        (200, "<DeleteResult/>"),
        (200, "<ListVersionsResult/>"),
        (200, pending),
        (204, ""),
        (204, ""),
    ])
    .await;
    aws.ensure_artifact_bucket("b").await.unwrap();
    assert!(aws.upload("b", &upload(), Bytes::from_static(b"content")).await.unwrap());
    aws.stored("b", "k").await.unwrap();
    aws.keys("b", "").await.unwrap();
    aws.delete_objects("b", &["k"]).await.unwrap();
    aws.empty_bucket("b").await.unwrap();
    aws.delete_bucket("b").await.unwrap();
    let asked = fake.requests();
    assert_eq!(asked.len(), 19);
    for asked in asked {
        assert_eq!(asked.header("x-amz-expected-bucket-owner"), "123456789012", "{}", asked.line);
    }
}

#[tokio::test]
async fn s3_verifies_the_checksum_of_what_is_uploaded() {
    let (fake, aws) = FakeService::start(&[(404, ""), (200, "")]).await;
    assert!(aws.upload("b", &upload(), Bytes::from_static(b"content")).await.unwrap());
    let asked = fake.requests();
    assert_eq!(asked[0].header("x-amz-checksum-mode"), "ENABLED");
    assert_eq!(asked[1].header("x-amz-checksum-sha256"), SHA256_BASE64);
}

#[tokio::test]
async fn an_object_is_unchanged_only_if_s3s_own_checksum_says_so() {
    let head = |checksum: &str| {
        format!(
            "content-length: 7\r\ncontent-type: application/zip\r\n{checksum}x-amz-meta-sha256: {SHA256}\r\n"
        )
    };
    let same = head(&format!("x-amz-checksum-sha256: {SHA256_BASE64}\r\n"));
    let (_, aws) = FakeService::start_with_headers(&[(200, &same, "")]).await;
    assert!(!aws.upload("b", &upload(), Bytes::from_static(b"content")).await.unwrap());
    // The same length, and metadata that claim the right hash.
    let other = "x-amz-checksum-sha256: 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\r\n";
    for planted in [head(other), head("")] {
        let (_, aws) = FakeService::start_with_headers(&[(200, &planted, ""), (200, "", "")]).await;
        assert!(aws.upload("b", &upload(), Bytes::from_static(b"content")).await.unwrap());
    }
}

#[tokio::test]
async fn a_function_with_other_code_than_the_packages_is_refused() {
    let (_, aws) = FakeService::start(&[(200, &format!(r#"{{"CodeSha256": "{SHA256_BASE64}"}}"#))]).await;
    aws.check_code("f", SHA256).await.unwrap();
    for answer in [(200, r#"{"CodeSha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}"#), (200, "{}")] {
        let (_, aws) = FakeService::start(&[answer]).await;
        let error = aws.check_code("f", SHA256).await.unwrap_err().to_string();
        assert!(error.starts_with("the deployed function f has the code "), "{error}");
        assert!(error.contains(SHA256_BASE64), "{error}");
    }
}
