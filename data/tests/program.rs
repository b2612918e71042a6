//! The program as a shell sees it.

use std::process::Command;

use mysfits_process::check_outputs;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mysfits-data"));
    command.args(arguments);
    command
}

#[test]
fn feedback_becomes_rows_of_the_survey() {
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/feedback.jsonl");
    let line = |suits| {
        format!(r#"{{"entry":[1,2,3,4,5],"mysfit":"c0684344-1eb7-40e7-b334-06d25ac9268c","suits":{suits}}}"#)
    };
    std::fs::write(file, format!("{}\n{}\n", line(true), line(false))).unwrap();
    for (arguments, expected) in
        [(&["feedback", file][..], "1,2,3,4,5,8\n"), (&["feedback", file, "--label-first"], "8,1,2,3,4,5\n")]
    {
        let output = program(arguments).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    }
    std::fs::write(file, format!("{}\nno feedback\n", line(true))).unwrap();
    let output = program(&["feedback", file]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && stderr.contains("line 2 is not feedback"), "{stderr}");
    assert_eq!(output.stdout, b"");
}

#[test]
fn closed_and_full_outputs_are_reported_without_a_panic() {
    let picture = concat!(env!("CARGO_TARGET_TMPDIR"), "/survey.svg");
    check_outputs(|| program(&["generate", "--rows", "100000"]), true).unwrap();
    check_outputs(|| program(&["describe", "--rows", "1000", "--svg", picture]), true).unwrap();
    check_outputs(|| program(&["--help"]), false).unwrap();
}
