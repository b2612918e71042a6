//! CloudFormation changes stacks with the service role that is given.

use std::collections::BTreeMap;

use mysfits_infra::Stack;

use super::fake_service::FakeService;
use crate::{
    aws::{
        stack_update::{ChangeMode, StackUpdate},
        stacks::TemplateSource,
    },
    parameters::Parameters,
};

const ROLE: &str = "arn:aws:iam::123456789012:role/cloudformation";
const RESPONSES: [(u16, &str); 3] = [
    (
        200,
        "<CreateChangeSetResponse><CreateChangeSetResult>\
         <Id>arn:aws:cloudformation:eu-west-1:123456789012:changeSet/set/1</Id></CreateChangeSetResult>\
         </CreateChangeSetResponse>",
    ),
    (200, "<DeleteStackResponse/>"),
    (200, "<ContinueUpdateRollbackResponse><ContinueUpdateRollbackResult/></ContinueUpdateRollbackResponse>"),
];

/// Returns the bodies of the requests that change stacks.
async fn requests(role: Option<&str>) -> Vec<String> {
    let (fake, aws) = FakeService::start(&RESPONSES).await;
    let aws = aws.with_service_role(role.map(str::to_owned));
    let update = StackUpdate {
        source: TemplateSource::Body("Resources: {}".to_owned()),
        parameters: Parameters::default(),
        tags: BTreeMap::new(),
        mode: ChangeMode::Template,
    };
    aws.create_change_set(Stack::Website, true, "set", &update).await.unwrap();
    aws.delete_stack("stack").await.unwrap();
    aws.continue_rollback(Stack::Website).await.unwrap();
    fake.requests().into_iter().map(|request| request.body).collect()
}

#[tokio::test]
async fn all_changes_of_stacks_use_the_service_role() {
    let encoded = format!("RoleARN={}", ROLE.replace(':', "%3A").replace('/', "%2F"));
    let with = requests(Some(ROLE)).await;
    assert!(with.len() == 3 && with.iter().all(|body| body.contains(&encoded)), "{with:?}");
    let without = requests(None).await;
    assert!(without.len() == 3 && without.iter().all(|body| !body.contains("RoleARN")), "{without:?}");
}
