//! Commands that are another program's: everything typed goes to it, `--help` too.

use anyhow::Result;

use crate::process::{cargo, run};

/// What was typed, for the program to understand.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct Args {
    /// The program's own arguments; --help lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl Args {
    /// `data`: the survey's program; without arguments it lists its commands.
    pub fn data(&self) -> Result<()> {
        let help = self.arguments.is_empty().then_some("--help");
        let mut command = cargo();
        command.args(["run", "--quiet", "--package", "mysfits-data", "--features", "cli", "--"]);
        run(command.args(help).args(&self.arguments))
    }
}
