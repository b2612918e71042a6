//! IAM users for the deployer in the local cloud, with the policy that the templates say it needs.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use mysfits_e2e::api::{AccessKey, Api};
use mysfits_infra::{
    Stage,
    policy::{PolicyHolder, PolicyScope, managed},
};
use serde_json::Value;

use crate::query_api::call;

/// The local cloud's account.
const ACCOUNT: &str = "123456789012";
/// The local cloud's region.
pub const REGION: &str = "us-east-1";
/// A user with the same permissions as the deployer, for what they do not include.
const CURIOUS: &str = "deployer-elsewhere";
const VERSION: &str = "2010-05-08";

/// Creates a user with the printed policy for a stage in a region; returns the variables with the user's access key in place
/// of the cloud's own, and with the region.
pub async fn deployer(
    mut variables: BTreeMap<String, String>,
    stage: &Stage,
    region: &str,
) -> Result<BTreeMap<String, String>> {
    for variable in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        variables.insert(variable.to_owned(), region.to_owned());
    }
    let scope = PolicyScope::new(ACCOUNT, region, stage.clone());
    create(&format!("deployer-{stage}-{region}"), variables, managed(&scope, PolicyHolder::Deployer)).await
}

/// Creates a user with the policy for the default stage without an action; returns the variables with its access key.
pub async fn without_action(
    user: &str,
    variables: BTreeMap<String, String>,
    action: &str,
) -> Result<BTreeMap<String, String>> {
    let scope = PolicyScope::new(ACCOUNT, REGION, Stage::DEFAULT);
    let mut policies = managed(&scope, PolicyHolder::Deployer);
    for policy in &mut policies {
        remove_action(policy, action);
    }
    create(user, variables, policies).await
}

/// Creates a user with policies; returns the variables with the user's access key in place of the cloud's own.
async fn create(
    user: &str,
    mut variables: BTreeMap<String, String>,
    policies: Vec<Value>,
) -> Result<BTreeMap<String, String>> {
    let emulator = variables.get("AWS_ENDPOINT_URL").context("no AWS_ENDPOINT_URL")?;
    let iam = Api::new(emulator)?.signed("iam", AccessKey::from_variables(&variables)?);
    call(&iam, VERSION, &[("Action", "CreateUser"), ("UserName", user)]).await?;
    for (number, policy) in policies.iter().enumerate() {
        let (name, document) = (format!("deploy-{number}"), policy.to_string());
        let policy = [("PolicyName", &name[..]), ("PolicyDocument", &document)];
        call(&iam, VERSION, &[&[("Action", "PutUserPolicy"), ("UserName", user)][..], &policy].concat())
            .await?;
    }
    let created = call(&iam, VERSION, &[("Action", "CreateAccessKey"), ("UserName", user)]).await?;
    for (element, variable) in
        [("AccessKeyId", "AWS_ACCESS_KEY_ID"), ("SecretAccessKey", "AWS_SECRET_ACCESS_KEY")]
    {
        let value = created.split_once(&format!("<{element}>")).and_then(|(_, rest)| rest.split_once("</"));
        let (value, _) = value.with_context(|| format!("no {element} in {created}"))?;
        variables.insert(variable.to_owned(), value.to_owned());
    }
    Ok(variables)
}

/// Removes an action from a policy, and the statements that are left without actions.
fn remove_action(policy: &mut Value, removed: &str) {
    let Some(statements) = policy["Statement"].as_array_mut() else { return };
    for statement in statements.iter_mut() {
        if let Some(actions) = statement["Action"].as_array_mut() {
            actions.retain(|action| action != removed);
        }
    }
    statements.retain(|statement| statement["Action"].as_array().is_none_or(|actions| !actions.is_empty()));
}

/// The services deny a user what its policy does not grant. `variables` have the cloud's own key.
pub async fn anything_else_is_denied(variables: BTreeMap<String, String>) -> Result<()> {
    let variables = &without_action(CURIOUS, variables, "").await?;
    let key = AccessKey::from_variables(variables)?;
    let service = |variable: &str, service: &str| -> Result<Api> {
        let url = variables.get(variable).with_context(|| format!("no {variable}"))?;
        Ok(Api::new(url)?.signed(service, key.clone()))
    };
    let emulator = |name| service("AWS_ENDPOINT_URL", name);
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let list =
        [("X-Amz-Target", "secretsmanager.ListSecrets"), ("Content-Type", "application/x-amz-json-1.1")];
    let create_user = Some(&b"Version=2010-05-08&Action=CreateUser&UserName=other"[..]);
    let runtime = service("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", "sagemaker")?;
    let sagemaker = service("AWS_ENDPOINT_URL_SAGEMAKER", "sagemaker")?;
    let domains = [("X-Amz-Target", "SageMaker.ListDomains"), ("Content-Type", "application/x-amz-json-1.1")];
    for (what, answer) in [
        ("iam:CreateUser", emulator("iam")?.ask("POST", "/", &form, create_user).await?),
        ("s3:CreateBucket", emulator("s3")?.ask("PUT", "/another-bucket", &[], None).await?),
        (
            "secretsmanager:ListSecrets",
            emulator("secretsmanager")?.ask("POST", "/", &list, Some(b"{}")).await?,
        ),
        ("sagemaker:ListDomains", sagemaker.ask("POST", "/", &domains, Some(b"{}")).await?),
        (
            "sagemaker:InvokeEndpoint",
            runtime.ask("POST", "/endpoints/knn-any/invocations", &[], Some(b"1,2,3,4,5")).await?,
        ),
    ] {
        let is_denied =
            [400, 403].contains(&answer.status) && answer.body.contains("is not authorized to perform");
        ensure!(is_denied, "{what}: {} {}", answer.status, answer.body);
    }
    Ok(())
}
