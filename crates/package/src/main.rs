//! `mysfits-package`: makes the package of what was built, and says what is in it.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, Result};
use clap::Parser;
use mysfits_output::{outln, report};
use mysfits_package::{Architecture, Dependencies, Package, Parts};

/// Makes the package that is deployed: the function's zip, the site, the model, the templates, and a manifest.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The function's program
    #[arg(long, value_name = "FILE")]
    bootstrap: PathBuf,
    /// The processor that it is for: `x86_64` or arm64
    #[arg(long)]
    architecture: Architecture,
    /// What `cargo tree` prints for the program, in the format of `CARGO_TREE_FORMAT`
    #[arg(long, value_name = "FILE")]
    dependencies: PathBuf,
    /// The `Cargo.lock` that it was built with
    #[arg(long, value_name = "FILE")]
    lock: PathBuf,
    /// The folder of the decision table and its schema
    #[arg(long, value_name = "DIR")]
    table: PathBuf,
    /// The folder of the built site
    #[arg(long, value_name = "DIR")]
    site: PathBuf,
    /// The model artifact
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// The folder to write; one that exists is replaced
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(error.as_ref()),
    }
}

fn run(arguments: Arguments) -> Result<()> {
    let Arguments { bootstrap, architecture, dependencies, lock, table, site, model, out } = arguments;
    let read =
        |path: &PathBuf| fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
    let dependencies = Dependencies::from_cargo_tree(&read(&dependencies)?, &read(&lock)?)?;
    let parts = Parts { bootstrap, architecture, dependencies, table, site, model };
    let package =
        Package::write(&parts, &out).with_context(|| format!("cannot make the package {}", out.display()))?;
    let manifest = package.manifest();
    for file in &manifest.files {
        outln!("{:>10}  {}  {}", file.size_bytes, &file.sha256[..16], file.path)?;
    }
    let glibc = manifest.glibc.as_ref().map_or("static".to_owned(), |glibc| format!("glibc {glibc}"));
    outln!(
        "package in {} ({} files; function for {architecture}, {glibc})",
        out.display(),
        manifest.files.len()
    )?;
    Ok(())
}
