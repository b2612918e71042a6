//! The permissions that a deployment needs: for each resource type of the templates the actions that
//! CloudFormation performs for the caller, for each role of the templates the permission to pass it to its
//! service, and the tool's own calls.
//!
//! Statements name resources by the names that CloudFormation gives them (the stack's name, the logical id, something
//! random), or by the project's tag where names are not known before. Where neither is possible, the statement's id
//! says why.
//!
//! Actions are those that the registry's schemas list for creating, reading, updating and deleting a type, without those
//! for properties that the templates do not use. Nothing of it was tried with a real account.

mod grants;
mod own;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{PROJECT_TAG, Stack};

/// Where things are; what is not known is a placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account<'a> {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: &'a str,
    /// The account's number.
    pub id: &'a str,
    /// The region of the stacks.
    pub region: &'a str,
}

impl Account<'static> {
    /// To be replaced by a person.
    pub const PLACEHOLDERS: Self = Self { partition: "aws", id: "ACCOUNT", region: "REGION" };
}

/// What may be done.
struct Grant {
    /// Says what for; for statements about everything, why.
    sid: &'static str,
    /// The resource types for which CloudFormation needs it; empty for the tool's own calls.
    kinds: &'static [&'static str],
    actions: &'static [&'static str],
    on: On,
}

/// To what it may be done. ARNs have `{p}`, `{r}` and `{a}` for partition, region and account.
enum On {
    /// Resources whose names, or at least prefixes, are known.
    Named(&'static [&'static str]),
    /// Buckets with names as here, and what they hold, that belong to the account: the names of buckets are known to
    /// all accounts, and another account may take one first.
    OwnBuckets(&'static [&'static str]),
    /// Resources with any name that carry the project's tag.
    Tagged(&'static [&'static str]),
    /// Resources that get the project's tag when they are made.
    Tagging(&'static [&'static str]),
    /// All resources: IAM supports nothing narrower. The statement's id says why.
    Everything,
    /// As with tags at creation, but what is made has no ARN yet.
    EverythingTagging,
    /// Names, and a condition of one key: operator, key, values.
    NamedWhen(&'static [&'static str], &'static str, &'static str, &'static [&'static str]),
}

/// Returns the least-privilege IAM policy for deploying.
///
/// All in one, for reading: IAM takes it in the parts of [`managed`].
///
/// # Panics
/// If the templates have a resource type of which it is not known what it takes; the tests would have panicked.
#[must_use]
pub fn deployer(account: &Account<'_>) -> Value {
    let kinds = kinds();
    if let Some(kind) = unknown(kinds.iter().map(String::as_str)).first() {
        panic!("there is no entry for {kind} in the table of what its deployment takes");
    }
    let needed =
        |grant: &&Grant| grant.kinds.is_empty() || grant.kinds.iter().any(|kind| kinds.contains(*kind));
    let granted =
        grants::GRANTS.iter().chain(own::GRANTS).filter(needed).map(|grant| grant.statement(account));
    let statements: Vec<Value> = granted.chain(pass_roles(account)).collect();
    document(&statements)
}

/// Returns the same policy, split into as few managed IAM policies as possible.
///
/// # Panics
/// As [`deployer`].
#[must_use]
pub fn managed(account: &Account<'_>) -> Vec<Value> {
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

/// Characters that a managed policy may have; `serde_json` writes no white space but what is inside of texts.
const MAX_MANAGED: usize = 6144;

fn document(statements: &[Value]) -> Value {
    let mut policy = json!({ "Version": "2012-10-17", "Statement": statements });
    // What else is built along decides whether maps keep their order; the text must not depend on it.
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

/// Each role of the templates may be passed to the service that it trusts, and to no other.
fn pass_roles(account: &Account<'_>) -> Vec<Value> {
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

fn filled(arn: &str, account: &Account<'_>) -> String {
    arn.replace("{p}", account.partition).replace("{r}", account.region).replace("{a}", account.id)
}

impl Grant {
    fn statement(&self, account: &Account<'_>) -> Value {
        let arns = |arns: &[&str]| arns.iter().map(|arn| filled(arn, account)).collect::<Vec<_>>();
        let (tag, value) = PROJECT_TAG;
        let equals = |key: String| Some(json!({ "StringEquals": { key: value } }));
        let everything = || vec!["*".to_owned()];
        let (resource, condition) = match &self.on {
            On::Named(named) => (arns(named), None),
            // A bucket that is still to be created has no account yet.
            On::OwnBuckets(named) => {
                let own = json!({ "StringEqualsIfExists": { "aws:ResourceAccount": account.id } });
                (arns(named), Some(own))
            }
            On::Tagged(tagged) => (arns(tagged), equals(format!("aws:ResourceTag/{tag}"))),
            On::Tagging(tagging) => (arns(tagging), equals(format!("aws:RequestTag/{tag}"))),
            On::Everything => (everything(), None),
            On::EverythingTagging => (everything(), equals(format!("aws:RequestTag/{tag}"))),
            On::NamedWhen(named, operator, key, values) => {
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
    fn a_type_without_an_entry_is_noticed() {
        assert_eq!(unknown(["AWS::S3::Bucket", "AWS::EC2::Instance"].into_iter()), ["AWS::EC2::Instance"]);
        assert_eq!(unknown(kinds().iter().map(String::as_str)), Vec::<&str>::new());
    }

    #[test]
    fn the_table_has_no_entry_that_nothing_needs() {
        let kinds = kinds();
        for kind in grants::GRANTS.iter().flat_map(|grant| grant.kinds) {
            assert!(kinds.contains(*kind), "no template has a {kind}");
        }
    }
}
