//! `mysfits-docs`: draws the guide's diagrams and writes its costs, or checks them.

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use mysfits_output::{outln, report};

/// The guide's diagrams and costs
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Write nothing; fail if a file is not as it would be written
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(error.as_ref()),
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    if arguments.check {
        outln!("{} files of the guide are as they should be", mysfits_docs::check()?)?;
    } else {
        outln!("{} files of the guide were written anew", mysfits_docs::write()?)?;
    }
    Ok(())
}
