//! The permissions that a deployment needs: for each resource type of the templates the actions that
//! CloudFormation performs for the caller, for each role of the templates the permission to pass it to its
//! service, and the tool's own calls.
//!
//! Statements name resources by the names that CloudFormation gives them (the stack's name, the logical id, a random
//! suffix), or by the project's tag where names are not known in advance. Where IAM supports neither, they allow all
//! resources.
//!
//! Actions are those that the registry's schemas list for creating, reading, updating and deleting a type, except those
//! for properties that the templates do not use. The policy was not tested with a real account.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{PROJECT_TAG, Stack, Stage, names};

/// The statements, with placeholders.
const STATEMENTS: &str = include_str!("statements.yaml");

/// The account, region and stage of a policy, or placeholders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyAccount<'a> {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: &'a str,
    /// The account's number.
    pub id: &'a str,
    /// The region of the stacks.
    pub region: &'a str,
    /// The stage of the stacks.
    pub stage: &'a Stage,
}

impl PolicyAccount<'static> {
    /// Placeholders to replace by hand.
    pub const PLACEHOLDERS: Self =
        Self { partition: "aws", id: "ACCOUNT", region: "REGION", stage: &Stage::DEFAULT };
}

/// A statement of the policy.
#[derive(Deserialize)]
struct Grant {
    /// The resource types for which CloudFormation needs the actions; empty for the deployer's own calls.
    #[serde(rename = "Types", default)]
    kinds: Vec<String>,
    /// The statement as IAM reads it, without its effect.
    #[serde(flatten)]
    statement: Map<String, Value>,
}

/// Returns the least-privilege IAM policy for deploying.
///
/// It exceeds IAM's size limit; [`managed`] splits it.
///
/// # Panics
/// If the templates have a resource type without an entry in the table. The tests would panic, too.
#[must_use]
pub fn deployer(account: &PolicyAccount<'_>) -> Value {
    let (kinds, grants) = (kinds(), grants());
    if let Some(kind) = unknown(&grants, kinds.iter().map(String::as_str)).first() {
        panic!("no permissions are listed for {kind}");
    }
    let is_needed =
        |grant: &&Grant| grant.kinds.is_empty() || grant.kinds.iter().any(|kind| kinds.contains(kind));
    let granted = grants.iter().filter(is_needed).map(|grant| {
        let mut statement = filled(&grant.statement.clone().into(), account);
        statement["Effect"] = "Allow".into();
        statement
    });
    let statements: Vec<Value> = granted.chain(pass_roles(account)).collect();
    document(&statements)
}

/// The statements of the table.
fn grants() -> Vec<Grant> {
    serde_yaml::from_str(STATEMENTS).expect("the table is well formed, as the tests show")
}

/// Returns the same policy, split into as few managed IAM policies as possible.
///
/// # Panics
/// As [`deployer`].
#[must_use]
pub fn managed(account: &PolicyAccount<'_>) -> Vec<Value> {
    let policy = deployer(account);
    let mut parts: Vec<Vec<Value>> = Vec::new();
    for statement in policy["Statement"].as_array().into_iter().flatten() {
        let fits = |part: &Vec<Value>| {
            document(&[&part[..], std::slice::from_ref(statement)].concat()).to_string().len() <= MAX_MANAGED
        };
        match parts.iter().position(fits) {
            Some(place) => parts[place].push(statement.clone()),
            None => parts.push(vec![statement.clone()]),
        }
    }
    parts.iter().map(|part| document(part)).collect()
}

/// IAM's limit for a managed policy, in characters without white space.
const MAX_MANAGED: usize = 6144;

fn document(statements: &[Value]) -> Value {
    let mut policy = json!({ "Version": "2012-10-17", "Statement": statements });
    // Whether maps keep their order depends on the features of the build; the text must not.
    policy.sort_all_objects();
    policy
}

/// The resource types of all templates.
fn kinds() -> BTreeSet<String> {
    let templates = Stack::ALL.map(Stack::template);
    templates.iter().flat_map(|template| template.resources().map(|r| r.kind.to_owned())).collect()
}

/// The types for which the table has no entry.
fn unknown<'a>(grants: &[Grant], kinds: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    kinds.filter(|kind| !grants.iter().flat_map(|grant| &grant.kinds).any(|known| known == kind)).collect()
}

/// Returns statements that allow passing each role to the service that it trusts.
fn pass_roles(account: &PolicyAccount<'_>) -> Vec<Value> {
    let mut statements = Vec::new();
    for stack in Stack::ALL {
        let template = stack.template();
        for role in template.resources().filter(|resource| resource.kind == "AWS::IAM::Role") {
            let trust = &role.properties["AssumeRolePolicyDocument"]["Statement"];
            for trusted in trust.as_sequence().into_iter().flatten() {
                let service = trusted["Principal"]["Service"].as_str();
                let arn = format!(
                    "arn:${{Partition}}:iam::${{Account}}:role${{RolePath}}{}-{}-*",
                    stack.name(account.stage),
                    role.logical_id
                );
                let statement = json!({
                    "Sid": format!("Pass{}", role.logical_id),
                    "Effect": "Allow",
                    "Action": ["iam:PassRole"],
                    "Resource": [arn],
                    "Condition": { "StringEquals": { "iam:PassedToService": service } },
                });
                statements.push(filled(&statement, account));
            }
        }
    }
    statements
}

/// Returns a statement whose placeholders are replaced in all texts.
fn filled(statement: &Value, account: &PolicyAccount<'_>) -> Value {
    let text = |text: &str| {
        text.replace("${Partition}", account.partition)
            .replace("${Region}", account.region)
            .replace("${Account}", account.id)
            .replace("${Stage}", account.stage.as_str())
            .replace("${RolePath}", &names::role_path(account.stage, account.region))
            .replace("${LogGroups}", &names::log_groups(account.stage))
            .replace("${SageMaker}", &names::sagemaker("*", account.stage))
            .replace("${TagKey}", PROJECT_TAG.0)
            .replace("${TagValue}", PROJECT_TAG.1)
    };
    match statement {
        Value::String(value) => text(value).into(),
        Value::Array(list) => list.iter().map(|value| filled(value, account)).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (text(key), filled(value, account))).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_a_type_without_an_entry() {
        let grants = grants();
        let asked = ["AWS::S3::Bucket", "AWS::EC2::Instance"].into_iter();
        assert_eq!(unknown(&grants, asked), ["AWS::EC2::Instance"]);
        assert_eq!(unknown(&grants, kinds().iter().map(String::as_str)), Vec::<&str>::new());
    }

    #[test]
    fn the_table_has_no_unused_entry() {
        let kinds = kinds();
        for kind in grants().iter().flat_map(|grant| &grant.kinds) {
            assert!(kinds.contains(kind), "no template has a {kind}");
        }
    }
}
