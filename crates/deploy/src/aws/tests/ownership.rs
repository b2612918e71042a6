//! What does not carry the tags of our stage is not touched.

use crate::aws::{Aws, buckets::BucketOwner};
use aws_sdk_cloudformation::types::StackStatus;
use mysfits_infra::Stack;

use super::fake_service::FakeService;

fn described(status: &str, tag: &str) -> String {
    format!(
        "<DescribeStacksResponse><DescribeStacksResult><Stacks><member>\
         <StackId>arn:aws:cloudformation:eu-west-1:1:stack/Mysfits-dev-Site/x</StackId>\
         <StackName>Mysfits-dev-Site</StackName><CreationTime>2026-11-22T21:30:00Z</CreationTime>\
         <StackStatus>{status}</StackStatus><Tags>{tag}</Tags></member></Stacks></DescribeStacksResult>\
         </DescribeStacksResponse>"
    )
}

const OURS: &str = "<member><Key>stage</Key><Value>dev</Value></member>\
    <member><Key>project</Key><Value>mythical-mysfits</Value></member>";
const OTHER_PROJECT: &str = "<member><Key>stage</Key><Value>dev</Value></member>\
    <member><Key>project</Key><Value>another</Value></member>";
const OTHER_STAGE: &str = "<member><Key>stage</Key><Value>prod</Value></member>\
    <member><Key>project</Key><Value>mythical-mysfits</Value></member>";

async fn answering(status: u16, body: &str) -> Aws {
    FakeService::start(&[(status, body)]).await.1
}

#[tokio::test]
async fn a_stack_of_our_name_without_our_tags_is_refused() {
    for tags in [OTHER_PROJECT, OTHER_STAGE, ""] {
        let aws = answering(200, &described("CREATE_COMPLETE", tags)).await;
        let error = aws.stack(Stack::Website).await.unwrap_err().to_string();
        for part in ["Mysfits-dev-Site", "project=mythical-mysfits and stage=dev", "--stage"] {
            assert!(error.contains(part), "{error}");
        }
    }
    let aws = answering(200, &described("ROLLBACK_COMPLETE", OURS)).await;
    let state = aws.stack(Stack::Website).await.unwrap().unwrap();
    assert_eq!(state.status, StackStatus::RollbackComplete);
}

#[tokio::test]
async fn a_stack_that_does_not_exist_is_none() {
    let missing = "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>\
        <Message>Stack with id Mysfits-dev-Site does not exist</Message></Error></ErrorResponse>";
    assert!(answering(400, missing).await.stack(Stack::Website).await.unwrap().is_none());
    let denied = missing.replace("does not exist", "is broken");
    assert!(answering(400, &denied).await.stack(Stack::Website).await.is_err());
}

#[tokio::test]
async fn a_bucket_is_ours_by_its_tags() {
    let tagged =
        |members: &str| format!("<Tagging><TagSet>{}</TagSet></Tagging>", members.replace("member>", "Tag>"));
    assert_eq!(answering(200, &tagged(OURS)).await.bucket_owner("b").await.unwrap(), BucketOwner::Ours);
    for tags in [OTHER_PROJECT, OTHER_STAGE] {
        let (_, aws) = FakeService::start(&[(200, &tagged(tags)), (200, "<ListVersionsResult/>")]).await;
        assert_eq!(aws.bucket_owner("b").await.unwrap(), BucketOwner::Foreign);
    }
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

#[tokio::test]
async fn a_log_group_with_our_prefix_but_without_our_tag_is_not_ours() {
    let group = |name: &str| format!(r#"{{"logGroupName": "/mysfits/{name}", "arn": "arn:{name}:*"}}"#);
    let groups = format!(r#"{{"logGroups": [{}, {}]}}"#, group("a"), group("b"));
    let ours = r#"{"tags": {"project": "mythical-mysfits"}}"#;
    let (_, aws) = FakeService::start(&[(200, &groups), (200, ours), (200, r#"{"tags": {}}"#)]).await;
    assert_eq!(aws.our_log_groups("/mysfits/").await.unwrap(), ["/mysfits/a"]);
}

#[tokio::test]
async fn a_bucket_of_another_account_is_foreign_and_no_missing_permission() {
    let denied = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    let own = |name: &str| {
        format!(
            "<ListAllMyBucketsResult><Buckets><Bucket><Name>{name}</Name></Bucket></Buckets></ListAllMyBucketsResult>"
        )
    };
    let (_, aws) = FakeService::start(&[(403, denied), (200, &own("bb"))]).await;
    assert_eq!(aws.bucket_owner("b").await.unwrap(), BucketOwner::Foreign);
    let (_, aws) = FakeService::start(&[(403, denied), (200, &own("b"))]).await;
    assert!(aws.bucket_owner("b").await.is_err(), "a permission is missing");
    let (_, aws) = FakeService::start(&[(403, denied), (403, denied)]).await;
    assert!(aws.bucket_owner("b").await.is_err(), "nothing is known");
}
