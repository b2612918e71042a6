//! The program's outputs.

use std::process::Command;

use mysfits_process::check_outputs;

#[test]
fn closed_and_full_outputs_are_reported_without_a_panic() {
    let program = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(arguments);
        command
    };
    check_outputs(|| program(&["doctor"]), true).unwrap();
    check_outputs(|| program(&[]), true).unwrap();
    check_outputs(|| program(&["--help"]), false).unwrap();
    // Ends with an error, which standard error may not take.
    check_outputs(|| program(&["check", "model", "--model", "/nowhere"]), false).unwrap();
}
