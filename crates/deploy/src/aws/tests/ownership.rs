//! What does not carry our tag is not touched.

use crate::aws::{Aws, buckets::BucketOwner};
use aws_sdk_cloudformation::types::StackStatus;
use mysfits_infra::Stack;

use super::fake_service::FakeService;

fn described(status: &str, tag: &str) -> String {
    format!(
        "<DescribeStacksResponse><DescribeStacksResult><Stacks><member>\
         <StackId>arn:aws:cloudformation:eu-west-1:1:stack/MythicalMysfits-Website/x</StackId>\
         <StackName>MythicalMysfits-Website</StackName><CreationTime>2026-11-22T21:30:00Z</CreationTime>\
         <StackStatus>{status}</StackStatus><Tags>{tag}</Tags></member></Stacks></DescribeStacksResult>\
         </DescribeStacksResponse>"
    )
}

const OURS: &str = "<member><Key>project</Key><Value>mythical-mysfits</Value></member>";
const OTHERS: &str = "<member><Key>project</Key><Value>another</Value></member>";

async fn answering(status: u16, body: &str) -> Aws {
    FakeService::start(&[(status, body)]).await.1
}

#[tokio::test]
async fn a_stack_of_our_name_without_our_tag_is_refused() {
    let aws = answering(200, &described("CREATE_COMPLETE", OTHERS)).await;
    let error = aws.stack(Stack::Website).await.unwrap_err().to_string();
    assert!(
        error.contains("MythicalMysfits-Website") && error.contains("project=mythical-mysfits"),
        "{error}"
    );
    let aws = answering(200, &described("ROLLBACK_COMPLETE", OURS)).await;
    let state = aws.stack(Stack::Website).await.unwrap().unwrap();
    assert_eq!(state.status, StackStatus::RollbackComplete);
}

#[tokio::test]
async fn a_stack_that_does_not_exist_is_none() {
    let missing = "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>\
        <Message>Stack with id MythicalMysfits-Website does not exist</Message></Error></ErrorResponse>";
    assert!(answering(400, missing).await.stack(Stack::Website).await.unwrap().is_none());
    let denied = missing.replace("does not exist", "is broken");
    assert!(answering(400, &denied).await.stack(Stack::Website).await.is_err());
}

#[tokio::test]
async fn a_bucket_is_ours_by_its_tag() {
    let tagged = |value: &str| {
        format!("<Tagging><TagSet><Tag><Key>project</Key><Value>{value}</Value></Tag></TagSet></Tagging>")
    };
    assert_eq!(
        answering(200, &tagged("mythical-mysfits")).await.bucket_owner("b").await.unwrap(),
        BucketOwner::Ours
    );
    let (_, aws) = FakeService::start(&[(200, &tagged("another")), (200, "<ListVersionsResult/>")]).await;
    assert_eq!(aws.bucket_owner("b").await.unwrap(), BucketOwner::Foreign);
    let missing = "<Error><Code>NoSuchBucket</Code><Message>none</Message></Error>";
    assert_eq!(answering(404, missing).await.bucket_owner("b").await.unwrap(), BucketOwner::NotFound);
}

#[tokio::test]
async fn an_untagged_bucket_is_what_a_killed_run_left_only_if_it_is_empty() {
    let untagged = "<Error><Code>NoSuchTagSet</Code><Message>none</Message></Error>";
    let (_, aws) = FakeService::start(&[(404, untagged), (200, "<ListVersionsResult/>")]).await;
    assert_eq!(aws.bucket_owner("b").await.unwrap(), BucketOwner::Unfinished);
    let full =
        "<ListVersionsResult><Version><Key>k</Key><VersionId>1</VersionId></Version></ListVersionsResult>";
    let (_, aws) = FakeService::start(&[(404, untagged), (200, full)]).await;
    assert_eq!(aws.bucket_owner("b").await.unwrap(), BucketOwner::Foreign);
}
