//! The programs choose flows and steps by name, before they start a browser or a cloud.

use std::process::Command;

const FLOWS: &str = env!("CARGO_BIN_EXE_mysfits-e2e");
const STEPS: &str = env!("CARGO_BIN_EXE_mysfits-cloud-e2e");

/// Runs a program to its end; whether it succeeded, and what it printed to both outputs.
fn run(program: &str, arguments: &[&str]) -> (bool, String, String) {
    let output = Command::new(program).args(arguments).output().expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn lists_the_chosen_flows() {
    let (succeeded, printed, _) = run(FLOWS, &["--list", "--only", "failure has its own text"]);
    assert!(succeeded);
    assert_eq!(printed, "every failure has its own text\nevery failure has its own text in Korean\n");
}

#[test]
fn rejects_an_unknown_flow_with_the_list() {
    let (succeeded, printed, error) = run(FLOWS, &["--only", "no such flow"]);
    assert!(!succeeded);
    assert_eq!(printed, "");
    let expected = "error: no flow has \"no such flow\" in its name; choose from these:\n";
    let names = error.strip_prefix(expected).unwrap_or_else(|| panic!("{error}"));
    let listed = run(FLOWS, &["--list"]).1;
    assert_eq!(names.lines().map(str::trim).collect::<Vec<_>>(), listed.lines().collect::<Vec<_>>());
}

#[test]
fn lists_the_chosen_steps_with_those_that_they_need() {
    let (succeeded, printed, _) = run(STEPS, &["--list", "--target", "aws", "--step", "curl"]);
    assert!(succeeded);
    assert_eq!(printed, "deploy, with an endpoint behind the function\nthe workshop's curl\ndestroy\n");
}

#[test]
fn rejects_an_unknown_step_with_the_list() {
    let (succeeded, printed, error) = run(STEPS, &["--step", "curl", "--step", "no such step"]);
    assert!(!succeeded);
    assert_eq!(printed, "");
    let expected = "error: no step has \"no such step\" in its name; choose from these:\n";
    let names = error.strip_prefix(expected).unwrap_or_else(|| panic!("{error}"));
    let listed = run(STEPS, &["--list"]).1;
    assert_eq!(names.lines().map(str::trim).collect::<Vec<_>>(), listed.lines().collect::<Vec<_>>());
}
