//! CloudFormation's lists, change sets and drift.

use std::{collections::BTreeMap, time::Duration};

use mysfits_infra::Stack;

use super::fake_service::FakeService;
use crate::{
    aws::{
        stack_update::{ChangeMode, StackUpdate},
        stacks::TemplateSource,
    },
    error::DeployError,
    parameters::Parameters,
};

fn change_sets(members: &str, next: &str) -> String {
    format!(
        "<ListChangeSetsResponse><ListChangeSetsResult><Summaries>{members}</Summaries>{next}\
         </ListChangeSetsResult></ListChangeSetsResponse>"
    )
}

fn change_set(name: &str, created: &str) -> String {
    format!("<member><ChangeSetName>{name}</ChangeSetName><CreationTime>{created}</CreationTime></member>")
}

#[tokio::test]
async fn only_old_change_sets_of_this_tool_are_left_ones() {
    let old = "2020-01-01T00:00:00Z";
    let first = change_set("mysfits-1", old) + &change_set("of-another-tool", old);
    let second = change_set("mysfits-2", "2199-01-01T00:00:00Z") + &change_set("mysfits-3", old);
    let pages = [change_sets(&first, "<NextToken>t</NextToken>"), change_sets(&second, "")];
    let (fake, aws) = FakeService::start(&[(200, &pages[0]), (200, &pages[1])]).await;
    let left = aws.left_change_sets(Stack::Website, Duration::from_hours(24)).await.unwrap();
    assert_eq!(left, ["mysfits-1", "mysfits-3"]);
    assert!(fake.requests()[1].body.contains("NextToken=t"));
}

#[tokio::test]
async fn a_change_set_reverts_drift_or_imports_resources_if_asked_to() {
    let created = "<CreateChangeSetResponse><CreateChangeSetResult>\
                   <Id>arn:aws:cloudformation:eu-west-1:123456789012:changeSet/c/1</Id></CreateChangeSetResult>\
                   </CreateChangeSetResponse>";
    let drift = "&DeploymentMode=REVERT_DRIFT";
    let import = "&ImportExistingResources=true";
    for (exists, mode, expected) in [
        (true, ChangeMode::RevertDrift, [true, false]),
        (false, ChangeMode::RevertDrift, [false, false]),
        (true, ChangeMode::Template, [false, false]),
        (true, ChangeMode::ImportExisting, [false, true]),
        (false, ChangeMode::ImportExisting, [false, true]),
    ] {
        let (fake, aws) = FakeService::start(&[(200, created)]).await;
        let (source, parameters) = (TemplateSource::Body("{}".to_owned()), Parameters::default());
        let update = StackUpdate { source, parameters, tags: BTreeMap::new(), mode };
        aws.create_change_set(Stack::Website, exists, "c", &update).await.unwrap();
        let body = &fake.requests()[0].body;
        assert_eq!([drift, import].map(|member| body.contains(member)), expected, "{body}");
    }
}

const DETECTED: &str = "<DetectStackDriftResponse><DetectStackDriftResult>\
    <StackDriftDetectionId>d</StackDriftDetectionId></DetectStackDriftResult></DetectStackDriftResponse>";

fn detection(status: &str, reason: &str) -> String {
    format!(
        "<DescribeStackDriftDetectionStatusResponse><DescribeStackDriftDetectionStatusResult>\
         <StackId>s</StackId><StackDriftDetectionId>d</StackDriftDetectionId>\
         <DetectionStatus>{status}</DetectionStatus>{reason}<Timestamp>2026-11-30T00:00:00Z</Timestamp>\
         </DescribeStackDriftDetectionStatusResult></DescribeStackDriftDetectionStatusResponse>"
    )
}

fn drifts(id: &str, status: &str, next: &str) -> String {
    format!(
        "<DescribeStackResourceDriftsResponse><DescribeStackResourceDriftsResult><StackResourceDrifts><member>\
         <StackId>s</StackId><LogicalResourceId>{id}</LogicalResourceId><ResourceType>T</ResourceType>\
         <StackResourceDriftStatus>{status}</StackResourceDriftStatus><Timestamp>2026-11-30T00:00:00Z</Timestamp>\
         </member></StackResourceDrifts>{next}</DescribeStackResourceDriftsResult>\
         </DescribeStackResourceDriftsResponse>"
    )
}

#[tokio::test]
async fn a_failed_drift_detection_is_an_error() {
    let failed = detection("DETECTION_FAILED", "<DetectionStatusReason>throttled</DetectionStatusReason>");
    let (_, aws) = FakeService::start(&[(200, DETECTED), (200, &failed)]).await;
    let error = aws.drift(Stack::Website).await.unwrap_err();
    assert!(matches!(&error, DeployError::DriftDetection { reason, .. } if reason == "throttled"), "{error}");
}

#[tokio::test]
async fn drifts_are_read_to_their_end() {
    let done = detection("DETECTION_COMPLETE", "");
    let pages = [drifts("A", "MODIFIED", "<NextToken>t</NextToken>"), drifts("B", "DELETED", "")];
    let answers = [(200, DETECTED), (200, &done[..]), (200, &pages[0][..]), (200, &pages[1][..])];
    let (fake, aws) = FakeService::start(&answers).await;
    assert_eq!(aws.drift(Stack::Website).await.unwrap(), ["A: modified", "B: deleted"]);
    assert!(fake.requests()[3].body.contains("NextToken=t"));
}
