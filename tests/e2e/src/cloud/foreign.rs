//! Resources of others in the same account, which the deployer must keep.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use mysfits_e2e::api::Api;
use mysfits_infra::{Stack, Stage};

use crate::query_api::{ask, call};

/// The stack of the workshop's first module.
const STACK: &str = "MythicalMysfits-Website";
const TEMPLATE: &str = r#"{"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}"#;
const VERSION: &str = "2010-05-15";
/// How long the stack's creation or deletion may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Creates the workshop's stack, and a bucket with the prefix of a stack's buckets.
pub async fn create(cloudformation: &Api, s3: &Api) -> Result<()> {
    let parameters = [("Action", "CreateStack"), ("StackName", STACK), ("TemplateBody", TEMPLATE)];
    call(cloudformation, VERSION, &parameters).await?;
    wait(cloudformation, |described| described.contains("CREATE_COMPLETE")).await?;
    expect(s3, "PUT", 200).await
}

/// Checks that both are as they were, and removes them.
pub async fn remove(cloudformation: &Api, s3: &Api) -> Result<()> {
    let described = described(cloudformation).await?;
    ensure!(described.contains("CREATE_COMPLETE"), "{STACK}: {described}");
    for (method, status) in [("GET", 200), ("DELETE", 204)] {
        expect(s3, method, status).await?;
    }
    call(cloudformation, VERSION, &[("Action", "DeleteStack"), ("StackName", STACK)]).await?;
    wait(cloudformation, |described| described.contains("does not exist")).await
}

async fn described(cloudformation: &Api) -> Result<String> {
    let parameters = [("Action", "DescribeStacks"), ("StackName", STACK)];
    Ok(ask(cloudformation, VERSION, &parameters).await?.body)
}

async fn wait(cloudformation: &Api, is_done: impl Fn(&str) -> bool) -> Result<()> {
    let deadline = tokio::time::Instant::now() + TIMEOUT;
    loop {
        let described = described(cloudformation).await?;
        if is_done(&described) {
            return Ok(());
        }
        if tokio::time::Instant::now() > deadline {
            bail!("{STACK} after {} s: {described}", TIMEOUT.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn expect(s3: &Api, method: &str, status: u16) -> Result<()> {
    let path = format!("/{}-of-another-owner", Stack::Website.name(&Stage::DEFAULT).to_lowercase());
    let answer = s3.ask(method, &path, &[], None).await?;
    ensure!(answer.status == status, "{method} {path}: {} {}", answer.status, answer.body);
    Ok(())
}
