//! `synth`, `policy`: the CloudFormation templates, and what follows from them, out of Rust.

use std::process::Command;

use anyhow::Result;

use crate::process::{cargo, run as run_program};

/// Write the CloudFormation templates to infra/templates, or check that they are what the Rust says.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write nothing; fail if a committed template is not what the Rust says
    #[arg(long)]
    pub check: bool,
}

/// Print the policy of a person who deploys and destroys; it is equivalent to administrator.
#[derive(Debug, clap::Args)]
pub struct PolicyArgs {
    /// In the parts that managed policies can hold, as a list; IAM does not take the whole at once
    #[arg(long)]
    managed: bool,
}

/// Runs `policy`.
pub fn policy(args: &PolicyArgs) -> Result<()> {
    run_program(infra().arg("policy").args(args.managed.then_some("--managed")))
}

/// Runs `synth`.
pub fn run(args: &Args) -> Result<()> {
    run_program(infra().arg("synth").args(args.check.then_some("--check")))
}

/// The program `mysfits-infra`, built if need be.
pub fn infra() -> Command {
    let mut infra = cargo();
    infra.args(["run", "--quiet", "--package", "mysfits-infra", "--features", "cli", "--"]);
    infra
}
