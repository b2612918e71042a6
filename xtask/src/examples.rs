//! `examples`: tests the crates as dependencies of other projects. Each folder of `examples/` is a project that depends on
//! published crates, which here are the packages that would be published.
//!
//! The tests of an example are run, and the outputs of the commands in its README are compared.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};

use crate::{
    packages,
    process::{cargo, program, run as run_program, step},
    readme::check_commands,
    workspace,
};

/// Package the publishable crates, and build, test and run the examples on the packages.
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// Only these
    #[arg(value_name = "EXAMPLE")]
    names: Vec<String>,
}

pub fn run(args: &Args) -> Result<()> {
    let examples = examples()?;
    for name in &args.names {
        let known: Vec<_> = examples.iter().filter_map(|example| example.file_name()?.to_str()).collect();
        ensure!(known.contains(&name.as_str()), "there is no example {name}; there are {}", known.join(", "));
    }
    step("package the publishable crates", packages::make)?;
    for example in examples {
        let name = example.file_name().context("an example is a folder")?.to_string_lossy().into_owned();
        if args.names.is_empty() || args.names.contains(&name) {
            step(&format!("example {name}"), || try_out(&name, &example))?;
        }
    }
    Ok(())
}

/// Returns the examples' folders, by name.
fn examples() -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(workspace::root().join("examples")).context("cannot read examples")?;
    let folders = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let mut examples: Vec<_> =
        folders.into_iter().filter(|folder| folder.join("Cargo.toml").is_file()).collect();
    examples.sort();
    Ok(examples)
}

/// Gives an example the versions that the workspace was tested with; cargo removes what the example does not need.
fn copy_lock_file(folder: &Path) -> Result<()> {
    let copied = fs::copy(workspace::root().join("Cargo.lock"), folder.join("Cargo.lock"));
    copied.map(drop).with_context(|| format!("cannot copy Cargo.lock to {}", folder.display()))
}

fn try_out(name: &str, folder: &Path) -> Result<()> {
    copy_lock_file(folder)?;
    run_program(cargo().current_dir(folder).args(["fmt", "--check"]))?;
    run_program(cargo().current_dir(folder).args(["test", "--quiet"]))?;
    let readme = fs::read_to_string(folder.join("README.md")).with_context(|| format!("{name}/README.md"))?;
    check_commands(&format!("{name}/README.md"), &readme, |command| {
        let mut bash = program("bash");
        bash.current_dir(folder).arg("-c").arg(command);
        bash
    })
}
