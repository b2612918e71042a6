//! The program's outputs.

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
    check_outputs(|| program(&["policy"]), true).unwrap();
    check_outputs(|| program(&["synth", "--out", concat!(env!("CARGO_TARGET_TMPDIR"), "/templates")]), true)
        .unwrap();
    check_outputs(|| program(&["outputs"]), false).unwrap();
}
