//! The program as a shell sees it.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
};

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let picture = concat!(env!("CARGO_TARGET_TMPDIR"), "/survey.svg");
    // What is generated is larger than any pipe holds; the description may be written whole before the reader is gone.
    for arguments in [&["generate", "--rows", "1000000"][..], &["describe", "--svg", picture]] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_mysfits-data"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
        assert!(lines.next().unwrap().is_ok());
        drop(lines);
        let ended = program.wait_with_output().unwrap();
        assert!(ended.status.success(), "{arguments:?}: {ended:?}");
        assert_eq!(String::from_utf8(ended.stderr).unwrap(), "", "{arguments:?}");
    }
    assert!(Path::new(picture).is_file());
}
