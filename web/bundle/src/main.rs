//! `mysfits-bundle`: packs the compiled page into a folder of static files.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use mysfits_output::{errln, outln, report};

/// Pack the adoption site into a folder of static files
///
/// Prints the sizes of all files, uncompressed and with gzip and brotli, and warns if they exceed the limits.
#[derive(Debug, Parser)]
#[command(version)]
struct BundleArgs {
    /// The compiled page: target/web/wasm32-unknown-unknown/wasm/mysfits-web.wasm
    #[arg(long, value_name = "FILE.wasm")]
    wasm: PathBuf,
    /// The folder to write; one that exists is replaced
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Fail and write nothing if the sizes exceed the limits
    #[arg(long)]
    enforce_budget: bool,
    /// Pack for development: uncompressed, with this style sheet, reloading on changes
    #[arg(long, value_name = "STYLE-DIR", conflicts_with = "enforce_budget")]
    development: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&BundleArgs::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(error.as_ref()),
    }
}

fn run(BundleArgs { wasm, out, enforce_budget, development }: &BundleArgs) -> anyhow::Result<()> {
    if let Some(style) = development {
        mysfits_bundle::bundle_for_development(wasm, style, out)?;
        outln!("site in {}", out.display())?;
        return Ok(());
    }
    let report = mysfits_bundle::bundle(wasm, out, *enforce_budget)?;
    for exceeded in report.exceeded() {
        errln!("warning: over budget: {exceeded}");
    }
    outln!("{report}site in {}", out.display())?;
    Ok(())
}
