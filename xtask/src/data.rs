//! `data`: the survey's program, `mysfits-data`.

use anyhow::Result;

use crate::process::{cargo, run as run_program};

/// Arguments of `mysfits-data`.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct Args {
    /// Arguments of the program; --help lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs the program in the caller's folder, to which its paths are relative. Without arguments, prints its help.
pub fn run(args: &Args) -> Result<()> {
    let help = args.arguments.is_empty().then_some("--help");
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "mysfits-data", "--features", "cli", "--"]);
    command.current_dir(std::env::current_dir()?);
    run_program(command.args(help).args(&args.arguments))
}
