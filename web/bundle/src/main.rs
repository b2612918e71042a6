//! `mysfits-bundle`: packs the compiled page into a folder of static files and prints how large they are.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use mysfits_output::{errln, outln, report};

/// Packs the adoption page, compiled to wasm32, into a folder of static files.
///
/// Prints the sizes of all files, raw, with gzip and with brotli, and warns if they exceed the budgets.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The compiled page: target/web/wasm32-unknown-unknown/wasm/mysfits-web.wasm
    #[arg(long, value_name = "FILE.wasm")]
    wasm: PathBuf,
    /// The folder to write; one that exists is replaced
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Fail, and leave the folder as it was, if the sizes exceed the budgets
    #[arg(long)]
    enforce_budget: bool,
    /// Make a site for development: not compressed, with the style sheet of this folder, and with pages that reload themselves
    #[arg(long, value_name = "STYLE-DIR", conflicts_with = "enforce_budget")]
    development: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(error.as_ref()),
    }
}

fn run(Arguments { wasm, out, enforce_budget, development }: &Arguments) -> anyhow::Result<()> {
    if let Some(style) = development {
        mysfits_bundle::bundle_for_development(wasm, style, out)?;
        outln!("site in {}", out.display())?;
        return Ok(());
    }
    let table = mysfits_bundle::bundle(wasm, out, *enforce_budget)?;
    for exceeded in table.exceeded() {
        errln!("warning: over budget: {exceeded}");
    }
    outln!("{table}site in {}", out.display())?;
    Ok(())
}
