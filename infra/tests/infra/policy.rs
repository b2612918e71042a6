//! The policies, as IAM reads them.

mod escalation;
mod evaluator;
mod github;
mod roles;

use mysfits_infra::{
    Stack, Stage,
    policy::{PolicyHolder, PolicyScope, managed, policy},
};
use serde_json::Value;

const ACCOUNT: &str = "123456789012";
const SERVICE_ROLE: &str = "arn:aws:iam::123456789012:role/company/cloudformation";
const HOLDERS: [PolicyHolder<'_>; 4] = [
    PolicyHolder::Deployer,
    PolicyHolder::DeployerWithServiceRole(SERVICE_ROLE),
    PolicyHolder::ServiceRole,
    PolicyHolder::Boundary,
];
/// The regions that CloudFormation knows.
const REGIONS: &str = include_str!("regions.txt");

fn stage(name: &str) -> Stage {
    name.parse().unwrap()
}

/// The scope of the tests that do not depend on it.
fn scope() -> PolicyScope {
    PolicyScope::new(ACCOUNT, "eu-west-1", stage("dev"))
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn statements(policy: &Value) -> &Vec<Value> {
    policy["Statement"].as_array().unwrap()
}

fn sids(policy: &Value) -> Vec<&str> {
    statements(policy).iter().map(|statement| statement["Sid"].as_str().unwrap()).collect()
}

#[test]
fn iam_accepts_the_policies() {
    for holder in HOLDERS {
        let policy = policy(&scope(), holder);
        assert_eq!(policy["Version"], "2012-10-17");
        let mut sids = sids(&policy);
        assert!(sids.iter().all(|sid| sid.chars().all(|c| c.is_ascii_alphanumeric())), "{sids:?}");
        let n_sids = sids.len();
        sids.sort_unstable();
        sids.dedup();
        assert_eq!(sids.len(), n_sids, "a statement's id is unique");
        for statement in statements(&policy) {
            assert!(["Allow", "Deny"].contains(&statement["Effect"].as_str().unwrap()), "{statement}");
            let actions = texts(&statement["Action"]);
            assert!(!actions.is_empty() && actions.iter().all(|action| action.contains(':')), "{statement}");
            assert!(actions.is_sorted(), "{statement}");
            assert!(!statement.to_string().contains("${"), "{statement} has a placeholder");
        }
    }
}

#[test]
fn each_part_fits_a_managed_policy_in_every_region() {
    let longest = "production-eu-west-one";
    assert_eq!(longest.len(), Stage::MAX_LENGTH);
    let scopes = REGIONS.lines().map(|region| PolicyScope::new(ACCOUNT, region, stage(longest)));
    for scope in scopes.chain([scope()]) {
        for holder in HOLDERS {
            let parts = managed(&scope, holder);
            // A role or a user has ten of them at most, and may need others. A boundary is one policy.
            let n_parts = if holder == PolicyHolder::Boundary { 1..=1 } else { 1..=5 };
            assert!(n_parts.contains(&parts.len()), "{holder:?}: {} parts", parts.len());
            for part in &parts {
                let size = part.to_string().chars().filter(|c| !c.is_whitespace()).count();
                assert!(size <= 6144, "{scope:?}: {size} characters");
            }
        }
    }
}

#[test]
fn the_parts_are_the_whole() {
    for holder in HOLDERS {
        let (parts, whole) = (managed(&scope(), holder), policy(&scope(), holder));
        let mut of_parts: Vec<_> = parts.iter().flat_map(sids).collect();
        let mut of_whole = sids(&whole);
        of_parts.sort_unstable();
        of_whole.sort_unstable();
        assert_eq!(of_parts, of_whole);
    }
}

#[test]
fn no_action_is_a_pattern_and_few_statements_allow_all_resources() {
    for holder in [PolicyHolder::Deployer, PolicyHolder::ServiceRole] {
        for statement in statements(&policy(&scope(), holder)) {
            let sid = statement["Sid"].as_str().unwrap();
            assert!(texts(&statement["Action"]).iter().all(|action| !action.contains('*')), "{statement}");
            if texts(&statement["Resource"]).contains(&"*") {
                let reads = ["DescribeScaling", "ListResources"].contains(&sid);
                let is_limited =
                    !statement["Condition"]["ForAnyValue:StringEquals"]["aws:CalledVia"].is_null();
                let is_service_role = holder == PolicyHolder::ServiceRole;
                assert!(reads || is_limited || is_service_role, "{sid} allows all resources");
            }
        }
    }
}

#[test]
fn resources_are_those_of_the_account() {
    let scope = PolicyScope::new(ACCOUNT, "cn-north-1", stage("dev"));
    let policy = policy(&scope, PolicyHolder::Deployer);
    for resource in statements(&policy).iter().flat_map(|s| texts(&s["Resource"])).filter(|r| *r != "*") {
        let parts: Vec<_> = resource.splitn(6, ':').collect();
        assert_eq!((parts.len(), parts[0], parts[1]), (6, "arn", "aws-cn"), "{resource}");
        assert!(["", "cn-north-1"].contains(&parts[3]), "{resource}");
        assert!(["", ACCOUNT].contains(&parts[4]), "{resource}");
        assert_ne!(parts[5], "*", "{resource}");
    }
    for (region, partition) in
        [("us-gov-west-1", "aws-us-gov"), ("eusc-de-east-1", "aws-eusc"), ("us-west-2", "aws")]
    {
        let scope = PolicyScope::new(ACCOUNT, region, Stage::DEFAULT);
        assert!(
            scope.boundary().starts_with(&format!("arn:{partition}:iam::{ACCOUNT}:policy/")),
            "{scope:?}"
        );
    }
}

#[test]
fn each_role_is_passed_to_its_service_and_to_no_other() {
    let whole = policy(&scope(), PolicyHolder::Deployer);
    let mut passed = Vec::new();
    for statement in statements(&whole) {
        if texts(&statement["Action"]).contains(&"iam:PassRole") {
            let service = statement["Condition"]["StringEquals"]["iam:PassedToService"].as_str().unwrap();
            passed.extend(texts(&statement["Resource"]).into_iter().map(|role| (role.to_owned(), service)));
        }
    }
    passed.sort();
    let mut expected = Vec::new();
    for stack in Stack::ALL {
        let template = stack.template();
        for role in template.resources().filter(|resource| resource.kind == "AWS::IAM::Role") {
            let trust = &role.properties["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"];
            let name = format!("{}-{}-*", stack.name(&stage("dev")), role.logical_id);
            let arn = format!("arn:aws:iam::{ACCOUNT}:role/mysfits/dev/eu-west-1/{name}");
            expected.push((arn, trust.as_str().unwrap().to_owned()));
        }
    }
    expected.sort();
    assert!(expected.len() >= 4, "{expected:?}");
    let expected: Vec<_> = expected.iter().map(|(role, service)| (role.clone(), &service[..])).collect();
    assert_eq!(passed, expected);
}

#[test]
fn with_a_service_role_a_person_passes_it_and_creates_no_roles() {
    let person = policy(&scope(), PolicyHolder::DeployerWithServiceRole(SERVICE_ROLE));
    let pass = statements(&person).iter().find(|statement| statement["Sid"] == "PassServiceRole").unwrap();
    assert_eq!(texts(&pass["Resource"]), [SERVICE_ROLE]);
    assert_eq!(pass["Condition"]["StringEquals"]["iam:PassedToService"], "cloudformation.amazonaws.com");
    for statement in statements(&person) {
        for action in texts(&statement["Action"]).iter().filter(|action| action.starts_with("iam:")) {
            assert_eq!(*action, "iam:PassRole", "{statement}");
        }
    }
}

#[test]
fn only_the_accounts_own_buckets_are_granted() {
    let mut found = 0;
    let whole = policy(&scope(), PolicyHolder::Deployer);
    for statement in statements(&whole) {
        if texts(&statement["Resource"]).iter().any(|resource| resource.starts_with("arn:aws:s3:::")) {
            found += 1;
            // A bucket that is still to be created has no account yet.
            let condition = &statement["Condition"];
            let of_account = ["StringEquals", "StringEqualsIfExists"]
                .map(|operator| &condition[operator]["aws:ResourceAccount"]);
            assert!(of_account.contains(&&Value::from(ACCOUNT)), "{statement}");
        }
    }
    assert_eq!(found, 5);
}
