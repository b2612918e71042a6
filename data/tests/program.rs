//! The program as a shell sees it.

use std::process::Command;

use mysfits_process::check_outputs;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mysfits-data"));
    command.args(arguments);
    command
}

#[test]
fn closed_and_full_outputs_are_reported_without_a_panic() {
    let picture = concat!(env!("CARGO_TARGET_TMPDIR"), "/survey.svg");
    check_outputs(|| program(&["generate", "--rows", "100000"]), true).unwrap();
    check_outputs(|| program(&["describe", "--rows", "1000", "--svg", picture]), true).unwrap();
    check_outputs(|| program(&["--help"]), false).unwrap();
}
