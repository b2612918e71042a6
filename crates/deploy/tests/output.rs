//! The program's outputs.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::process::Command;

use mysfits_process::check_outputs;

#[test]
fn closed_and_full_outputs_are_reported_without_a_panic() {
    let program = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mysfits-deploy"));
        command.args(arguments).env_clear();
        // Invalid credentials, and no service to get others from.
        command
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("HOME", "/nowhere")
            .env("AWS_REGION", "us-east-1");
        command
    };
    check_outputs(|| program(&["--help"]), false).unwrap();
    check_outputs(|| program(&["policy", "--account", "123456789012"]), true).unwrap();
    check_outputs(|| program(&["synth", "--out", concat!(env!("CARGO_TARGET_TMPDIR"), "/templates")]), true)
        .unwrap();
    check_outputs(|| program(&["outputs"]), false).unwrap();
}

/// Runs the program without credentials and without a configured region.
fn policy(arguments: &[&str]) -> (bool, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mysfits-deploy"));
    command.arg("policy").args(arguments).env_clear();
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("HOME", "/nowhere");
    let output = command.output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (output.status.success(), out, err)
}

#[test]
fn managed_policies_for_the_longest_names_are_printed_without_credentials() {
    let place = ["--account", "123456789012", "--region", "ap-southeast-3"];
    let stage = ["--managed", "--stage", "production-eu-west-one"];
    let (good, out, err) = policy(&[&stage[..], &place].concat());
    assert!(good && err.contains("policy/Mysfits-production-eu-west-one-Boundary-ap-southeast-3"), "{err}");
    let parts: Vec<serde_json::Value> = serde_json::from_str(&out).unwrap();
    assert!(parts.len() > 1);
    for part in &parts {
        let text = part.to_string();
        assert!(text.len() <= 6144, "{} characters", text.len());
        assert!(!text.contains("${") && !text.contains("ACCOUNT") && !text.contains("REGION"), "{text}");
    }
    let all = parts.iter().map(ToString::to_string).collect::<String>();
    assert!(
        all.contains("arn:aws:lambda:ap-southeast-3:123456789012:function:Mysfits-production-eu-west-one-")
    );
}

#[test]
fn a_policy_needs_a_region_and_an_account() {
    let (good, _, err) = policy(&["--account", "123456789012"]);
    assert!(!good && err.contains("AWS_REGION"), "{err}");
    let (good, _, err) = policy(&["--region", "us-east-1"]);
    assert!(!good && err.contains("AWS_ACCESS_KEY_ID"), "{err}");
    let (good, _, err) = policy(&["--account", "me", "--region", "us-east-1"]);
    assert!(!good && err.contains("12 digits"), "{err}");
}

#[test]
fn a_trust_policy_for_github_is_printed_without_credentials() {
    let place = ["--account", "123456789012", "--region", "us-east-1"];
    let jobs = ["--stage", "production", "--github", "octo-org@1/mysfits@2"];
    let subject = |more: &[&str]| {
        let (good, out, err) = policy(&[&place[..], &jobs, more].concat());
        assert!(good && err.contains("policy --managed --stage production"), "{err}");
        assert!(!err.contains("OWNER@ID"), "{err}");
        let policy: serde_json::Value = serde_json::from_str(&out).unwrap();
        let condition = &policy["Statement"][0]["Condition"]["StringEquals"];
        condition["token.actions.githubusercontent.com:sub"].as_str().unwrap().to_owned()
    };
    assert_eq!(subject(&[]), "repo:octo-org@1/mysfits@2:environment:production");
    assert_eq!(subject(&["--branch", "main"]), "repo:octo-org@1/mysfits@2:ref:refs/heads/main");
    let (good, _, err) = policy(&[&place[..], &["--github", "octo-org/mysfits"]].concat());
    assert!(good && err.contains("pass --github OWNER@ID/REPO@ID"), "{err}");
    for wrong in [&["--github", "octo-org/*"][..], &["--branch", "main"], &["--github", "a/b", "--managed"]] {
        let (good, _, err) = policy(&[&place[..], wrong].concat());
        assert!(!good, "{err}");
    }
}
