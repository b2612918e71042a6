//! The tables of statements, filled in.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::PolicyScope;
use crate::{Stack, Template};

/// The statements of deployers and of CloudFormation's service role.
const STATEMENTS: &str = include_str!("statements.yaml");
/// The statements of the permissions boundary.
const BOUNDARY: &str = include_str!("boundary.yaml");
/// The service that passes roles, and that the service role trusts.
const CLOUDFORMATION: &str = "cloudformation.amazonaws.com";
/// The roles that the deployer itself passes to services: with training jobs.
const PASSED_BY_DEPLOYER: [&str; 1] = ["TrainingRole"];

/// The templates that the stacks are created from.
static TEMPLATES: LazyLock<Vec<(Stack, Template)>> =
    LazyLock::new(|| Stack::ALL.into_iter().map(|stack| (stack, stack.template())).collect());

/// Whose permissions CloudFormation has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// Those of its caller.
    Caller,
    /// Those of a service role. IAM does not see the caller behind it.
    ServiceRole,
}

/// A statement of a table. The tables explain the fields.
#[derive(Deserialize)]
struct Grant {
    #[serde(rename = "Types", default)]
    kinds: Vec<String>,
    #[serde(rename = "Tags")]
    tags: Option<TagCondition>,
    #[serde(rename = "CloudFormationOnly", default)]
    is_for_cloudformation_only: bool,
    #[serde(rename = "Boundary", default)]
    needs_boundary: bool,
    /// The statement as IAM reads it, without its effect.
    #[serde(flatten)]
    statement: Map<String, Value>,
}

/// The tags that a statement depends on.
#[derive(Clone, Copy, Deserialize)]
enum TagCondition {
    Resource,
    Request,
}

impl Grant {
    /// Returns the statement as IAM reads it.
    fn statement(&self, scope: &PolicyScope, holder: Holder) -> Value {
        let mut statement = filled(&self.statement.clone().into(), scope);
        statement["Effect"] = "Allow".into();
        let resources = statement["Resource"].as_array().into_iter().flatten().filter_map(Value::as_str);
        statement["Resource"] = resources.flat_map(|resource| scope.each_stack(resource)).collect();
        if let Some(condition) = self.tags {
            for (key, value) in scope.tags() {
                statement["Condition"]["StringEquals"][format!("aws:{condition}Tag/{key}")] = value.into();
            }
        }
        if self.is_for_cloudformation_only && holder == Holder::Caller {
            statement["Condition"]["ForAnyValue:StringEquals"]["aws:CalledVia"] = CLOUDFORMATION.into();
        }
        if self.needs_boundary {
            statement["Condition"]["StringEquals"]["iam:PermissionsBoundary"] = scope.boundary().into();
        }
        statement
    }
}

impl std::fmt::Display for TagCondition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Resource => "Resource",
            Self::Request => "Request",
        })
    }
}

/// Returns what CloudFormation needs for the templates.
pub(super) fn cloudformation(scope: &PolicyScope, holder: Holder) -> Vec<Value> {
    let (kinds, grants) = (kinds(), grants(STATEMENTS));
    if let Some(kind) = unknown(&grants, kinds.iter().map(String::as_str)).first() {
        panic!("no permissions are listed for {kind}");
    }
    let needed = grants.iter().filter(|grant| grant.kinds.iter().any(|kind| kinds.contains(kind)));
    needed.map(|grant| grant.statement(scope, holder)).chain(pass_roles(scope, |_| true)).collect()
}

/// Returns the deployer's own calls.
pub(super) fn own_calls(scope: &PolicyScope) -> Vec<Value> {
    let grants = grants(STATEMENTS);
    let own = grants.iter().filter(|grant| grant.kinds.is_empty());
    own.map(|grant| grant.statement(scope, Holder::Caller)).collect()
}

/// Returns the permissions boundary of the stacks' roles.
pub(super) fn boundary(scope: &PolicyScope) -> Vec<Value> {
    grants(BOUNDARY).iter().map(|grant| grant.statement(scope, Holder::Caller)).collect()
}

/// Returns the permission to deploy with CloudFormation's service role.
pub(super) fn pass_service_role(arn: &str) -> Vec<Value> {
    vec![pass("PassServiceRole", CLOUDFORMATION, &[arn.to_owned()])]
}

/// Returns the permission to pass the roles that the deployer itself passes.
pub(super) fn pass_own_roles(scope: &PolicyScope) -> Vec<Value> {
    pass_roles(scope, |role| PASSED_BY_DEPLOYER.contains(&role))
}

/// Returns a denial: the boundary stays on the roles, whatever other policies allow.
pub(super) fn keep_boundary(scope: &PolicyScope) -> Vec<Value> {
    let statement = json!({
        "Sid": "KeepBoundary",
        "Effect": "Deny",
        "Action": ["iam:DeleteRolePermissionsBoundary"],
        "Resource": ["arn:${Partition}:iam::${Account}:role${RolePath}*"],
    });
    vec![filled(&statement, scope)]
}

/// Returns statements that allow passing roles of the templates to the services that they trust.
fn pass_roles(scope: &PolicyScope, is_passed: impl Fn(&str) -> bool) -> Vec<Value> {
    let mut roles: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (stack, template) in &*TEMPLATES {
        let of_stack = template.resources().filter(|resource| resource.kind == "AWS::IAM::Role");
        for role in of_stack.filter(|role| is_passed(role.logical_id)) {
            let trust = &role.properties["AssumeRolePolicyDocument"]["Statement"];
            for trusted in trust.as_sequence().into_iter().flatten() {
                let service = trusted["Principal"]["Service"].as_str().unwrap_or_default();
                roles.entry(service.to_owned()).or_default().push(scope.role(*stack, role.logical_id));
            }
        }
    }
    let statement = |(service, arns): (&String, &Vec<String>)| {
        let name = service.split('.').next().unwrap_or_default();
        pass(&format!("PassRoleTo{name}"), service, arns)
    };
    roles.iter().map(statement).collect()
}

fn pass(sid: &str, service: &str, arns: &[String]) -> Value {
    json!({
        "Sid": sid,
        "Effect": "Allow",
        "Action": ["iam:PassRole"],
        "Resource": arns,
        "Condition": { "StringEquals": { "iam:PassedToService": service } },
    })
}

/// The statements of a table.
fn grants(table: &str) -> Vec<Grant> {
    serde_yaml::from_str(table).expect("the table is well formed, as the tests show")
}

/// The resource types of all templates.
fn kinds() -> BTreeSet<String> {
    let resources = TEMPLATES.iter().flat_map(|(_, template)| template.resources());
    resources.map(|resource| resource.kind.to_owned()).collect()
}

/// The types for which the table has no entry.
fn unknown<'a>(grants: &[Grant], kinds: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    kinds.filter(|kind| !grants.iter().flat_map(|grant| &grant.kinds).any(|known| known == kind)).collect()
}

/// Returns a statement whose placeholders are replaced in all texts.
fn filled(statement: &Value, scope: &PolicyScope) -> Value {
    match statement {
        Value::String(text) => scope.fill(text).into(),
        Value::Array(list) => list.iter().map(|value| filled(value, scope)).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), filled(value, scope))).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_a_type_without_an_entry() {
        let grants = grants(STATEMENTS);
        let asked = ["AWS::S3::Bucket", "AWS::EC2::Instance"].into_iter();
        assert_eq!(unknown(&grants, asked), ["AWS::EC2::Instance"]);
        assert_eq!(unknown(&grants, kinds().iter().map(String::as_str)), Vec::<&str>::new());
    }

    #[test]
    fn the_roles_that_the_deployer_passes_exist() {
        let has_role = |(_, template): &(Stack, Template), id: &str| {
            template
                .resources()
                .any(|resource| resource.kind == "AWS::IAM::Role" && resource.logical_id == id)
        };
        for role in PASSED_BY_DEPLOYER {
            assert!(TEMPLATES.iter().any(|template| has_role(template, role)), "no template has {role}");
        }
    }

    #[test]
    fn the_table_has_no_unused_entry() {
        let kinds = kinds();
        for kind in grants(STATEMENTS).iter().flat_map(|grant| &grant.kinds) {
            assert!(kinds.contains(kind), "no template has a {kind}");
        }
    }
}
