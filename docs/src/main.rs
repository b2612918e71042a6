//! `mysfits-docs`: writes the diagrams and costs of the guides, or checks them.

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use mysfits_output::{outln, report};

/// The guide's diagrams and costs
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    /// Write nothing; fail if a guide is out of date
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(error.as_ref()),
    }
}

fn run(cli: &Cli) -> Result<()> {
    if cli.check {
        outln!("{} texts are up to date", mysfits_docs::check()?)?;
    } else {
        outln!("{} texts updated", mysfits_docs::write()?)?;
    }
    Ok(())
}
