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

mod grants;
mod tool_grants;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{PROJECT_TAG, Stack};

/// The account and region of a policy, or placeholders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyAccount<'a> {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: &'a str,
    /// The account's number.
    pub id: &'a str,
    /// The region of the stacks.
    pub region: &'a str,
}

impl PolicyAccount<'static> {
    /// Placeholders to replace by hand.
    pub const PLACEHOLDERS: Self = Self { partition: "aws", id: "ACCOUNT", region: "REGION" };
}

/// A statement of the policy.
struct Grant {
    /// The statement's id, which IAM's console shows.
    sid: &'static str,
    /// The resource types for which CloudFormation needs the actions; empty for the deployer's own calls.
    kinds: &'static [&'static str],
    actions: &'static [&'static str],
    on: GrantScope,
}

/// The resources of a statement. ARNs have `{p}`, `{r}` and `{a}` for partition, region and account.
enum GrantScope {
    /// Resources whose names, or at least prefixes, are known.
    Named(&'static [&'static str]),
    /// Buckets of the account with these names, and their objects. Another account may own a bucket with such a name.
    OwnBuckets(&'static [&'static str]),
    /// Resources with any name that carry the project's tag.
    Tagged(&'static [&'static str]),
    /// Resources that get the project's tag at creation.
    Tagging(&'static [&'static str]),
    /// All resources: IAM supports nothing narrower for these actions.
    Everything,
    /// Resources that get the project's tag at creation, when they have no ARN yet.
    EverythingTagging,
    /// Resources with known names, and a condition: operator, key, values.
    NamedWhen(&'static [&'static str], &'static str, &'static str, &'static [&'static str]),
}

/// Returns the least-privilege IAM policy for deploying.
///
/// It exceeds IAM's size limit; [`managed`] splits it.
///
/// # Panics
/// If the templates have a resource type without an entry in the table. The tests would panic, too.
#[must_use]
pub fn deployer(account: &PolicyAccount<'_>) -> Value {
    let kinds = kinds();
    if let Some(kind) = unknown(kinds.iter().map(String::as_str)).first() {
        panic!("no permissions are listed for {kind}");
    }
    let needed =
        |grant: &&Grant| grant.kinds.is_empty() || grant.kinds.iter().any(|kind| kinds.contains(*kind));
    let granted =
        grants::GRANTS.iter().chain(tool_grants::GRANTS).filter(needed).map(|grant| grant.statement(account));
    let statements: Vec<Value> = granted.chain(pass_roles(account)).collect();
    document(&statements)
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
fn unknown<'a>(kinds: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    kinds.filter(|kind| !grants::GRANTS.iter().any(|grant| grant.kinds.contains(kind))).collect()
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
                let arn = format!("arn:{{p}}:iam::{{a}}:role/{}-{}-*", stack.name(), role.logical_id);
                statements.push(json!({
                    "Sid": format!("Pass{}", role.logical_id),
                    "Effect": "Allow",
                    "Action": ["iam:PassRole"],
                    "Resource": [filled(&arn, account)],
                    "Condition": { "StringEquals": { "iam:PassedToService": service } },
                }));
            }
        }
    }
    statements
}

fn filled(arn: &str, account: &PolicyAccount<'_>) -> String {
    arn.replace("{p}", account.partition).replace("{r}", account.region).replace("{a}", account.id)
}

impl Grant {
    fn statement(&self, account: &PolicyAccount<'_>) -> Value {
        let arns = |arns: &[&str]| arns.iter().map(|arn| filled(arn, account)).collect::<Vec<_>>();
        let (tag, value) = PROJECT_TAG;
        let equals = |key: String| Some(json!({ "StringEquals": { key: value } }));
        let everything = || vec!["*".to_owned()];
        let (resource, condition) = match &self.on {
            GrantScope::Named(named) => (arns(named), None),
            // A bucket that does not exist yet has no account.
            GrantScope::OwnBuckets(named) => {
                let own = json!({ "StringEqualsIfExists": { "aws:ResourceAccount": account.id } });
                (arns(named), Some(own))
            }
            GrantScope::Tagged(tagged) => (arns(tagged), equals(format!("aws:ResourceTag/{tag}"))),
            GrantScope::Tagging(tagging) => (arns(tagging), equals(format!("aws:RequestTag/{tag}"))),
            GrantScope::Everything => (everything(), None),
            GrantScope::EverythingTagging => (everything(), equals(format!("aws:RequestTag/{tag}"))),
            GrantScope::NamedWhen(named, operator, key, values) => {
                (arns(named), Some(json!({ *operator: { *key: values } })))
            }
        };
        let mut statement =
            json!({ "Sid": self.sid, "Effect": "Allow", "Action": self.actions, "Resource": resource });
        if let Some(condition) = condition {
            statement["Condition"] = condition;
        }
        statement
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_a_type_without_an_entry() {
        assert_eq!(unknown(["AWS::S3::Bucket", "AWS::EC2::Instance"].into_iter()), ["AWS::EC2::Instance"]);
        assert_eq!(unknown(kinds().iter().map(String::as_str)), Vec::<&str>::new());
    }

    #[test]
    fn the_table_has_no_unused_entry() {
        let kinds = kinds();
        for kind in grants::GRANTS.iter().flat_map(|grant| grant.kinds) {
            assert!(kinds.contains(*kind), "no template has a {kind}");
        }
    }
}
