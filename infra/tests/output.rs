//! The program's outputs.

use std::process::Command;

use mysfits_output::testing::check_outputs;

#[test]
fn closed_and_full_outputs_are_reported_without_a_panic() {
    let program = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mysfits-infra"));
        command.args(arguments);
        command
    };
    check_outputs(|| program(&["policy"]), true).unwrap();
    check_outputs(|| program(&["notebook-start"]), true).unwrap();
    check_outputs(|| program(&["synth", "--out", concat!(env!("CARGO_TARGET_TMPDIR"), "/templates")]), true)
        .unwrap();
    check_outputs(|| program(&["--help"]), false).unwrap();
}
