//! Integrations with other engines: crates with workspaces and lock files of their own, for they have hundreds of dependencies.

use std::process::Command;

use anyhow::Result;

use crate::{
    process::{cargo, run as run_program, step},
    workspace,
};

/// Returns cargo in the folder of the SQL functions.
fn datafusion() -> Command {
    let mut cargo = cargo();
    cargo.current_dir(workspace::root().join("integrations/datafusion"));
    cargo
}

/// Tests the SQL functions, in one process and on a cluster.
pub fn test() -> Result<()> {
    step("the functions for Apache DataFusion", || {
        run_program(datafusion().args(["fmt", "--check"]))?;
        run_program(datafusion().args(["test", "--locked"]))
    })
}

/// Scores so many rows in one process and on a cluster, and prints how long each takes.
pub fn measure(rows: u64) -> Result<()> {
    step("score a table in one process and on a cluster", || {
        let mut test = datafusion();
        // The profile of the tests optimises the search, which takes nearly all of the time.
        test.args([
            "test",
            "--locked",
            "--test",
            "cluster",
            "--",
            "--nocapture",
            "one_process_and_a_cluster",
        ]);
        run_program(test.env("MYSFITS_SCALE_ROWS", rows.to_string()))
    })
}
