//! The example workflow for GitHub Actions.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use clap::Parser as _;
use mysfits_deploy::Cli;
use serde_yaml::Value;

fn workflow() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/github-actions/deploy.yml");
    serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Returns the values of a key in the steps of a job.
fn in_steps(job: &Value, key: &str) -> Vec<String> {
    let steps = job["steps"].as_sequence().unwrap();
    steps.iter().filter_map(|step| step[key].as_str().map(str::to_owned)).collect()
}

#[test]
fn the_commands_of_the_deployer_exist() {
    let workflow = workflow();
    let mut commands = Vec::new();
    for run in in_steps(&workflow["jobs"]["deploy"], "run") {
        let Some(arguments) = run.strip_prefix("target/debug/mysfits-deploy ") else { continue };
        let arguments = arguments.replace("\"$STAGE\"", "production");
        let words: Vec<_> = std::iter::once("mysfits-deploy").chain(arguments.split(' ')).collect();
        Cli::try_parse_from(&words).unwrap_or_else(|error| panic!("{run}: {error}"));
        commands.push(words[1].to_owned());
    }
    assert_eq!(commands, ["deploy", "outputs", "status"]);
}

#[test]
fn only_the_job_that_deploys_can_get_credentials() {
    let workflow = workflow();
    let permissions = |value: &Value| serde_yaml::to_string(&value["permissions"]).unwrap();
    assert_eq!(permissions(&workflow), "contents: read\n");
    let [build, deploy] = ["build", "deploy"].map(|name| &workflow["jobs"][name]);
    assert_eq!(workflow["jobs"].as_mapping().unwrap().len(), 2);
    assert!(build["permissions"].is_null() && build["environment"].is_null());
    assert_eq!(permissions(deploy), "contents: read\nid-token: write\n");
    // The trust policy names the environment like the stage.
    assert_eq!(deploy["environment"], deploy["env"]["STAGE"]);
    // Nothing is built where the credentials are.
    assert!(in_steps(deploy, "run").iter().all(|run| !run.contains("cargo")));
    assert_eq!(deploy["concurrency"]["cancel-in-progress"], false);
}

#[test]
fn actions_are_pinned_by_their_commits() {
    let workflow = workflow();
    let actions: Vec<_> =
        ["build", "deploy"].iter().flat_map(|name| in_steps(&workflow["jobs"][name], "uses")).collect();
    assert_eq!(actions.len(), 5, "{actions:?}");
    for action in actions {
        let (name, commit) = action.split_once('@').unwrap();
        assert!(["actions", "aws-actions"].contains(&name.split('/').next().unwrap()), "{action}");
        assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{action}");
    }
}
