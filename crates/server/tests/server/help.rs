//! The documentation's page about the program's options, with all features:
//! `UPDATE_EXPECT=1 cargo test -p mysfits-server --features endpoint --test server help` writes it.

use std::{fmt::Write as _, process::Command};

use expect_test::expect_file;

const INTRODUCTION: &str = "# Options of mysfits-server

`mysfits-server` serves the site, the API and a SageMaker endpoint on one port. `cargo xtask dev` builds it and runs
`mysfits-server dev`; `cargo xtask train` runs `mysfits-server survey`.

This page is the output of `--help`.
";

#[test]
fn the_page_about_options_is_up_to_date() {
    let mut page = INTRODUCTION.to_owned();
    for command in ["survey", "dev"] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_mysfits-server"));
        let output = program.args([command, "--help"]).env_clear().output().unwrap();
        assert!(output.status.success(), "{command}: {output:?}");
        let help = String::from_utf8(output.stdout).unwrap();
        let lines = help.lines().map(|line| format!("{}\n", line.trim_end())).collect::<String>();
        write!(page, "\n## `{command}`\n\n```text\n{lines}```\n").unwrap();
    }
    expect_file!["../../../../docs/reference/server.md"].assert_eq(&page);
}
