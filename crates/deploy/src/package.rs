//! `package`: makes the package from its built parts, and lists its files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use mysfits_output::outln;
use mysfits_package::{Architecture, Dependencies, Package, Parts};

use crate::error::DeployError;

/// Options of `package`.
#[derive(Debug, Args)]
pub(crate) struct PackageArgs {
    /// Program of the function
    #[arg(long, value_name = "FILE")]
    bootstrap: PathBuf,
    /// Architecture of the function: `x86_64` or arm64
    #[arg(long)]
    architecture: Architecture,
    /// Output of `cargo tree` for the program, in the format of `CARGO_TREE_FORMAT`
    #[arg(long, value_name = "FILE")]
    dependencies: PathBuf,
    /// `Cargo.lock` that the program was built with
    #[arg(long, value_name = "FILE")]
    lock: PathBuf,
    /// Folder of the decision table and its schema
    #[arg(long, value_name = "DIR")]
    table: PathBuf,
    /// Folder of the built site
    #[arg(long, value_name = "DIR")]
    site: PathBuf,
    /// Model artifact
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Folder to write; an existing package is replaced
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Makes the package, and prints its files with size and hash.
pub(crate) fn write_package(args: &PackageArgs) -> Result<(), DeployError> {
    let dependencies = Dependencies::from_cargo_tree(&read(&args.dependencies)?, &read(&args.lock)?)?;
    let parts = Parts {
        bootstrap: args.bootstrap.clone(),
        architecture: args.architecture,
        dependencies,
        table: args.table.clone(),
        site: args.site.clone(),
        model: args.model.clone(),
    };
    let package = Package::write(&parts, &args.out)
        .map_err(|source| DeployError::WritePackage { folder: args.out.clone(), source })?;
    let manifest = package.manifest();
    for file in &manifest.files {
        outln!("{:>10}  {}  {}", file.size_bytes, &file.sha256[..16], file.path)?;
    }
    let glibc = manifest.glibc.as_ref().map_or("static".to_owned(), |glibc| format!("glibc {glibc}"));
    outln!(
        "package in {} ({} files; function for {}, {glibc})",
        args.out.display(),
        manifest.files.len(),
        args.architecture
    )?;
    Ok(())
}

fn read(path: &Path) -> Result<String, DeployError> {
    fs::read_to_string(path).map_err(|source| DeployError::Read { path: path.to_owned(), source })
}
