//! The roles of the templates: what their policies allow, and that the permissions boundary leaves it to them.

use mysfits_infra::{PERMISSIONS_BOUNDARY, Stack, policy::PolicyHolder};
use serde_yaml::Value;

use super::{ACCOUNT, evaluator::Identity, scope, stage};

/// A statement of a role: actions, ARNs, and the values of its conditions.
struct RoleStatement {
    role: String,
    actions: Vec<String>,
    resources: Vec<String>,
    facts: Vec<(String, String)>,
}

/// Returns a text as CloudFormation evaluates it in a stack of the stage `dev`.
fn evaluated(value: &Value, stack: Stack) -> String {
    if let Some(text) = value.as_str() {
        return text.to_owned();
    }
    let (function, argument) = value.as_mapping().and_then(|map| map.iter().next()).unwrap();
    match (function.as_str().unwrap(), argument) {
        ("Ref", name) => resolved(name.as_str().unwrap(), stack),
        ("Fn::GetAtt", path) => {
            let [id, attribute] = [0, 1].map(|i| path[i].as_str().unwrap());
            resolved(&format!("{id}.{attribute}"), stack)
        }
        ("Fn::Sub", Value::String(text)) => substituted(text, stack),
        ("Fn::Sub", list) => {
            let mut text = list[0].as_str().unwrap().to_owned();
            for (name, value) in list[1].as_mapping().unwrap() {
                text = text.replace(&format!("${{{}}}", name.as_str().unwrap()), &evaluated(value, stack));
            }
            substituted(&text, stack)
        }
        // Of a choice, any value will do: all are names.
        ("Fn::If", choice) if choice[2]["Ref"] == "AWS::NoValue" => evaluated(&choice[1], stack),
        ("Fn::If", choice) => evaluated(&choice[2], stack),
        other => panic!("{other:?} in a role's statement"),
    }
}

fn substituted(text: &str, stack: Stack) -> String {
    let mut parts = text.split("${");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap();
        out += &resolved(name, stack);
        out += rest;
    }
    out
}

/// Returns what a reference is in a stack of the stage `dev`.
fn resolved(name: &str, stack: Stack) -> String {
    let arn = |service: &str, resource: &str| format!("arn:aws:{service}:eu-west-1:{ACCOUNT}:{resource}");
    let stack_name = stack.name(&stage("dev"));
    match name {
        "AWS::Partition" => "aws".to_owned(),
        "AWS::Region" => "eu-west-1".to_owned(),
        "AWS::AccountId" | "KnnRegistryAccount" => ACCOUNT.to_owned(),
        "AWS::StackName" => stack_name,
        "Stage" => "dev".to_owned(),
        "DataBucket.Arn" => "arn:aws:s3:::mysfits-dev-model-databucket-1".to_owned(),
        "DataBucket" | "DataBucketName" => "mysfits-dev-model-databucket-1".to_owned(),
        "ImageRepository.Arn" => arn("ecr", "repository/mysfits-dev-model/local-sagemaker"),
        "EncryptionKey.Arn" | "EncryptionKeyArn" => arn("kms", "key/1"),
        "Endpoint" => arn("sagemaker", "endpoint/knn-ml-serverless-mysfits-dev"),
        "EndpointName" | "Endpoint.EndpointName" => "knn-ml-serverless-mysfits-dev".to_owned(),
        "FunctionLogGroup.Arn" => arn("logs", "log-group:/mysfits/dev/Api/function:*"),
        role if role.ends_with("Role.Arn") || role.ends_with("RoleArn") => {
            let id = role.trim_end_matches(".Arn").trim_end_matches("Arn");
            format!("arn:aws:iam::{ACCOUNT}:role/mysfits/dev/eu-west-1/{stack_name}-{id}-1")
        }
        other => panic!("{other} in a role's statement"),
    }
}

/// Returns the statements of all roles of all templates.
fn role_statements() -> Vec<RoleStatement> {
    let mut found = Vec::new();
    for stack in Stack::ALL {
        for resource in stack.template().resources() {
            let documents: Vec<&Value> = match resource.kind {
                "AWS::IAM::Role" => {
                    let policies = resource.properties["Policies"].as_sequence();
                    policies.into_iter().flatten().map(|policy| &policy["PolicyDocument"]).collect()
                }
                "AWS::IAM::Policy" => vec![&resource.properties["PolicyDocument"]],
                _ => continue,
            };
            for statement in
                documents.iter().flat_map(|document| document["Statement"].as_sequence().unwrap())
            {
                let list = |field: &str| statement[field].as_sequence().unwrap().iter();
                let mut facts = Vec::new();
                for keys in statement["Condition"].as_mapping().into_iter().flat_map(|map| map.values()) {
                    for (key, value) in keys.as_mapping().unwrap() {
                        let first = value.as_sequence().map_or(value, |values| &values[0]);
                        facts.push((key.as_str().unwrap().to_owned(), evaluated(first, stack)));
                    }
                }
                found.push(RoleStatement {
                    role: resource.logical_id.to_owned(),
                    actions: list("Action").map(|action| action.as_str().unwrap().to_owned()).collect(),
                    resources: list("Resource").map(|resource| evaluated(resource, stack)).collect(),
                    facts,
                });
            }
        }
    }
    found
}

#[test]
fn the_boundary_leaves_the_roles_what_their_policies_allow() {
    let boundary = Identity::new(&scope(), PolicyHolder::Boundary);
    let statements = role_statements();
    assert!(statements.len() > 5);
    for RoleStatement { role, actions, resources, facts } in &statements {
        let mut facts: Vec<_> = facts.iter().map(|(key, value)| (&key[..], &value[..])).collect();
        facts.extend([("aws:ResourceTag/project", "mythical-mysfits"), ("aws:ResourceTag/stage", "dev")]);
        for resource in resources {
            // A resource of the stage that the pattern matches.
            let resource = if resource == "*" { "arn:aws:any:eu-west-1::any" } else { resource };
            for action in actions {
                assert!(
                    boundary.may(action, &resource.replace('*', "x-mysfits-dev"), &facts),
                    "{role}: {action} on {resource}"
                );
            }
        }
    }
}

#[test]
fn the_boundary_has_no_action_that_no_role_needs() {
    let needed: Vec<_> = role_statements().into_iter().flat_map(|statement| statement.actions).collect();
    let policy = mysfits_infra::policy::policy(&scope(), PolicyHolder::Boundary);
    for statement in policy["Statement"].as_array().unwrap() {
        for action in statement["Action"].as_array().unwrap() {
            let action = action.as_str().unwrap();
            // The managed policy of API Gateway's role for logs needs it.
            let is_managed = action == "logs:DescribeLogGroups";
            assert!(is_managed || needed.iter().any(|known| known == action), "no role needs {action}");
        }
    }
}

#[test]
fn every_role_has_the_boundary_that_is_given() {
    for stack in Stack::ALL {
        let template = stack.template();
        for role in template.resources().filter(|resource| resource.kind == "AWS::IAM::Role") {
            let choice = &role.properties["PermissionsBoundary"]["Fn::If"];
            assert_eq!(choice[0], "HasPermissionsBoundary", "{}", role.logical_id);
            assert_eq!(choice[1]["Ref"], PERMISSIONS_BOUNDARY, "{}", role.logical_id);
            assert_eq!(template.default_of(PERMISSIONS_BOUNDARY), Some(""));
        }
    }
}
