//! `train`: a model artifact, and how good the model is.

use anyhow::Result;

use crate::process::{cargo, run as run_program};

/// Train a model and write its artifact; `cargo xtask train --help` lists the options.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct Args {
    /// Options of the training
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--release", "--package", "mysfits-server", "--", "train"]);
    run_program(command.args(&args.arguments))
}
