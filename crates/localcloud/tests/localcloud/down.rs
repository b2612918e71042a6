//! `mysfits-localcloud down`.

use std::{
    fs,
    os::unix::process::{CommandExt as _, ExitStatusExt as _},
    process::Command,
};

#[test]
fn down_needs_no_other_program() {
    let state = tempfile::tempdir().unwrap();
    // Looks like a local cloud in the list of processes.
    let mut cloud = Command::new("sleep").arg0("mysfits-localcloud").arg("60").spawn().unwrap();
    fs::write(state.path().join("pid"), cloud.id().to_string()).unwrap();
    let mut down = Command::new(env!("CARGO_BIN_EXE_mysfits-localcloud"));
    let down = down.args(["down", "--state"]).arg(state.path()).env("PATH", "").spawn().unwrap();
    // Waited for first: an ended process that is not waited for still has its id.
    assert_eq!(cloud.wait().unwrap().signal(), Some(15));
    let output = down.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
}
