//! `synth`: the CloudFormation templates, out of Rust.

use anyhow::Result;

use crate::process::{cargo, run as run_program};

/// Write the CloudFormation templates to infra/templates, or check that they are what the Rust says.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write nothing; fail if a committed template is not what the Rust says
    #[arg(long)]
    pub check: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let mut synth = cargo();
    synth.args(["run", "--quiet", "--package", "mysfits-infra", "--", "synth"]);
    run_program(synth.args(args.check.then_some("--check")))
}
