//! The IAM user for the deployer in the local cloud, with the policy that the templates say it needs.

use std::{collections::BTreeMap, fmt::Write as _};

use anyhow::{Context as _, Result, ensure};
use mysfits_e2e::api::{AccessKey, Api};
use mysfits_infra::policy::{PolicyAccount, managed};

const USER: &str = "deployer";
/// The local cloud's account and region.
const ACCOUNT: PolicyAccount<'_> =
    PolicyAccount { partition: "aws", id: "123456789012", region: "us-east-1" };

/// Creates the user with the printed policy; returns the variables with its access key in place of the cloud's own.
pub async fn deployer(mut variables: BTreeMap<String, String>) -> Result<BTreeMap<String, String>> {
    let emulator = variables.get("AWS_ENDPOINT_URL").context("no AWS_ENDPOINT_URL")?;
    let iam = Api::new(emulator)?.signed("iam", AccessKey::from_variables(&variables)?);
    call(&iam, &[("Action", "CreateUser"), ("UserName", USER)]).await?;
    for (number, policy) in managed(&ACCOUNT).iter().enumerate() {
        let (name, document) = (format!("deploy-{number}"), policy.to_string());
        let policy = [("PolicyName", &name[..]), ("PolicyDocument", &document)];
        call(&iam, &[&[("Action", "PutUserPolicy"), ("UserName", USER)][..], &policy].concat()).await?;
    }
    let created = call(&iam, &[("Action", "CreateAccessKey"), ("UserName", USER)]).await?;
    for (element, variable) in
        [("AccessKeyId", "AWS_ACCESS_KEY_ID"), ("SecretAccessKey", "AWS_SECRET_ACCESS_KEY")]
    {
        let value = created.split_once(&format!("<{element}>")).and_then(|(_, rest)| rest.split_once("</"));
        let (value, _) = value.with_context(|| format!("no {element} in {created}"))?;
        variables.insert(variable.to_owned(), value.to_owned());
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

/// Calls IAM's query API; returns the response.
async fn call(iam: &Api, parameters: &[(&str, &str)]) -> Result<String> {
    let mut body = "Version=2010-05-08".to_owned();
    for (name, value) in parameters {
        let _ = write!(body, "&{name}={}", encode(value));
    }
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let answer = iam.ask("POST", "/", &headers, Some(body.as_bytes())).await?;
    ensure!(answer.status == 200, "{parameters:?}: {} {}", answer.status, answer.body);
    Ok(answer.body)
}

/// Percent-encodes all but letters and digits.
fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(byte.into());
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}
