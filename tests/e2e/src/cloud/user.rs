//! The IAM user for the deployer in the local cloud, with the policy that the templates say it needs.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use mysfits_e2e::api::{AccessKey, Api};
use mysfits_infra::{
    Stage,
    policy::{PolicyHolder, PolicyScope, managed},
};

use crate::query_api::call;

/// The local cloud's account.
const ACCOUNT: &str = "123456789012";
/// The local cloud's region.
pub const REGION: &str = "us-east-1";
const VERSION: &str = "2010-05-08";

/// Creates a user with the printed policy for a stage in a region; returns the variables with the user's access key in place
/// of the cloud's own, and with the region.
pub async fn deployer(
    mut variables: BTreeMap<String, String>,
    stage: &Stage,
    region: &str,
) -> Result<BTreeMap<String, String>> {
    let user: &str = &format!("deployer-{stage}-{region}");
    let scope = PolicyScope::new(ACCOUNT, region, stage.clone());
    let emulator = variables.get("AWS_ENDPOINT_URL").context("no AWS_ENDPOINT_URL")?;
    let iam = Api::new(emulator)?.signed("iam", AccessKey::from_variables(&variables)?);
    call(&iam, VERSION, &[("Action", "CreateUser"), ("UserName", user)]).await?;
    for (number, policy) in managed(&scope, PolicyHolder::Deployer).iter().enumerate() {
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
    for variable in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        variables.insert(variable.to_owned(), region.to_owned());
    }
    Ok(variables)
}

/// The emulator and the endpoint deny the user what its policy does not grant.
pub async fn anything_else_is_denied(variables: &BTreeMap<String, String>) -> Result<()> {
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
    for (what, answer) in [
        ("iam:CreateUser", emulator("iam")?.ask("POST", "/", &form, create_user).await?),
        ("s3:CreateBucket", emulator("s3")?.ask("PUT", "/another-bucket", &[], None).await?),
        (
            "secretsmanager:ListSecrets",
            emulator("secretsmanager")?.ask("POST", "/", &list, Some(b"{}")).await?,
        ),
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
