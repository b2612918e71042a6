//! The deployer's policy.

use mysfits_infra::{
    Stage,
    policy::{PolicyAccount, deployer, managed},
};
use serde_json::Value;

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

#[test]
fn it_is_a_policy_that_iam_accepts() {
    let policy = deployer(&PolicyAccount::PLACEHOLDERS);
    assert_eq!(policy["Version"], "2012-10-17");
    let mut sids: Vec<_> = statements(&policy).iter().map(|s| s["Sid"].as_str().unwrap()).collect();
    assert!(sids.iter().all(|sid| sid.chars().all(|c| c.is_ascii_alphanumeric())), "{sids:?}");
    let n_sids = sids.len();
    sids.sort_unstable();
    sids.dedup();
    assert_eq!(sids.len(), n_sids, "ids of statements are given once");
    for statement in statements(&policy) {
        assert_eq!(statement["Effect"], "Allow");
        let actions = texts(&statement["Action"]);
        assert!(!actions.is_empty() && actions.iter().all(|action| action.contains(':')), "{statement}");
        assert!(actions.is_sorted(), "{statement}");
    }
}

#[test]
fn its_parts_fit_into_managed_policies_and_are_the_whole() {
    let whole = deployer(&PolicyAccount::PLACEHOLDERS);
    let parts = managed(&PolicyAccount::PLACEHOLDERS);
    // A role or a user has ten of them at most.
    assert!((2..=4).contains(&parts.len()), "{} parts", parts.len());
    for part in &parts {
        assert_eq!(part["Version"], whole["Version"]);
        let size = part.to_string().chars().filter(|c| !c.is_whitespace()).count();
        assert!(size <= 6144, "{size} characters");
    }
    let sids =
        |policy: &Value| -> Vec<String> { statements(policy).iter().map(|s| s["Sid"].to_string()).collect() };
    let mut of_parts: Vec<_> = parts.iter().flat_map(sids).collect();
    let mut of_whole = sids(&whole);
    of_parts.sort();
    of_whole.sort();
    assert_eq!(of_parts, of_whole);
}

#[test]
fn no_action_is_a_pattern_and_few_statements_allow_all_resources() {
    let policy = deployer(&PolicyAccount::PLACEHOLDERS);
    for statement in statements(&policy) {
        let sid = statement["Sid"].as_str().unwrap();
        assert!(texts(&statement["Action"]).iter().all(|action| !action.contains('*')), "{statement}");
        if texts(&statement["Resource"]).contains(&"*") {
            // IAM supports no resources for these actions; for CreateKey, the key has no ARN yet.
            let known = ["DescribeScaling", "CreateKey", "DriftDetection", "ListResources"];
            assert!(known.contains(&sid), "{sid} allows all resources");
        }
    }
}

#[test]
fn resources_are_those_of_the_account() {
    let policy = deployer(&PolicyAccount {
        partition: "aws-cn",
        id: "123456789012",
        region: "cn-north-1",
        stage: &Stage::DEFAULT,
    });
    let text = policy.to_string();
    assert!(!text.contains('{') || !text.contains("{p}") && !text.contains("{r}") && !text.contains("{a}"));
    for resource in statements(&policy).iter().flat_map(|s| texts(&s["Resource"])).filter(|r| *r != "*") {
        let parts: Vec<_> = resource.splitn(6, ':').collect();
        assert_eq!((parts.len(), parts[0], parts[1]), (6, "arn", "aws-cn"), "{resource}");
        assert!(["", "cn-north-1"].contains(&parts[3]), "{resource}");
        assert!(["", "123456789012"].contains(&parts[4]), "{resource}");
        assert_ne!(parts[5], "*", "{resource}");
    }
}

#[test]
fn each_role_is_passed_to_its_service_and_to_no_other() {
    let policy = deployer(&PolicyAccount::PLACEHOLDERS);
    let mut passed: Vec<_> = statements(&policy)
        .iter()
        .filter(|statement| texts(&statement["Action"]).contains(&"iam:PassRole"))
        .map(|statement| {
            let service = statement["Condition"]["StringEquals"]["iam:PassedToService"].as_str().unwrap();
            (texts(&statement["Resource"]).concat(), service)
        })
        .collect();
    passed.sort();
    let role = |name| format!("arn:aws:iam::ACCOUNT:role/mysfits/dev/REGION/Mysfits-dev-{name}-*");
    assert_eq!(
        passed,
        [
            (role("Api-ApiLoggingRole"), "apigateway.amazonaws.com"),
            (role("Api-FunctionRole"), "lambda.amazonaws.com"),
            (role("Model-ExpiryRole"), "scheduler.amazonaws.com"),
            (role("Model-NotebookRole"), "sagemaker.amazonaws.com"),
        ]
    );
}

#[test]
fn names_in_it_are_those_of_the_stage() {
    let text = |stage: &str| {
        let stage = &stage.parse().unwrap();
        let account = PolicyAccount { stage, ..PolicyAccount::PLACEHOLDERS };
        deployer(&account).to_string()
    };
    let policy = text("dev");
    for (name, arn) in [
        ("stack", "arn:aws:cloudformation:REGION:ACCOUNT:stack/Mysfits-dev-"),
        ("log group", "arn:aws:logs:REGION:ACCOUNT:log-group:/mysfits/dev/"),
        ("endpoint", "arn:aws:sagemaker:REGION:ACCOUNT:endpoint/knn-*-mysfits-dev\""),
        ("role", "arn:aws:iam::ACCOUNT:role/mysfits/dev/REGION/"),
        ("bucket", "arn:aws:s3:::mysfits-dev-"),
    ] {
        assert!(policy.contains(arn), "{name}: no {arn} in {policy}");
    }
    assert!(!policy.contains("MythicalMysfits-"), "the workshop's own stacks have this prefix");
    assert_eq!(policy.replace("dev", "prod"), text("prod"));
}

#[test]
fn only_the_accounts_own_buckets_are_granted() {
    let policy = deployer(&PolicyAccount {
        partition: "aws",
        id: "123456789012",
        region: "eu-west-1",
        stage: &Stage::DEFAULT,
    });
    let mut found = 0;
    for statement in statements(&policy) {
        if texts(&statement["Resource"]).iter().any(|resource| resource.starts_with("arn:aws:s3:::")) {
            found += 1;
            // A bucket that is still to be created has no account yet.
            let condition = &statement["Condition"]["StringEqualsIfExists"];
            assert_eq!(condition["aws:ResourceAccount"], "123456789012", "{statement}");
        }
    }
    assert_eq!(found, 2);
}
