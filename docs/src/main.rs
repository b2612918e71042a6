//! `mysfits-docs`: draws the guide's diagrams and writes its costs, or checks them.

use anyhow::Result;
use clap::Parser;

/// The guide's diagrams and costs
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Write nothing; fail if a file is not as it would be written
    #[arg(long)]
    check: bool,
}

fn main() -> Result<()> {
    if Arguments::parse().check {
        println!("{} files of the guide are as they should be", mysfits_docs::check()?);
    } else {
        println!("{} files of the guide were written anew", mysfits_docs::write()?);
    }
    Ok(())
}
