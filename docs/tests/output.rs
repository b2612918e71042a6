//! The program's outputs.

use std::process::Command;

use mysfits_process::check_outputs;

#[test]
fn closed_and_full_outputs_are_reported_without_a_panic() {
    let program = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mysfits-docs"));
        command.arg("--check");
        command
    };
    check_outputs(program, true).unwrap();
}
