//! `data`: the survey.

use anyhow::Result;

use crate::process::{cargo, run as run_program};

/// Generate or describe the survey; `cargo xtask data generate --help` lists the options.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct Args {
    /// `generate` or `describe`, and its options
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "mysfits-data", "--features", "cli", "--"]);
    if args.arguments.is_empty() {
        command.arg("--help");
    }
    run_program(command.args(&args.arguments))
}
