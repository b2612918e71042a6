//! `synth`: writes the CloudFormation templates, or checks them.

use std::{io, path::PathBuf, time::Instant};

use clap::Args;
use mysfits_infra::{Stack, Stale};
use mysfits_output::{OutputError, outln};

/// Options of `synth`.
#[derive(Debug, Clone, Args)]
pub struct SynthArgs {
    /// Write nothing; fail if a template differs from its Rust source
    #[arg(long)]
    pub check: bool,
    /// Folder of the templates
    #[arg(long, value_name = "DIR", default_value = "infra/templates")]
    pub out: PathBuf,
}

/// Why `synth` failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SynthError {
    /// A template differs from its source.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// A template cannot be written.
    #[error("cannot write the templates to {folder}")]
    Write {
        /// The folder of the templates.
        folder: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// Standard output is closed or full.
    #[error("the output is incomplete")]
    Output(#[from] OutputError),
}

/// Writes the CloudFormation templates, or checks them.
///
/// # Errors
/// If a template cannot be read or written, or, with `check`, differs from its source.
pub fn synth(args: &SynthArgs) -> Result<(), SynthError> {
    let SynthArgs { check, out: folder } = args;
    let begun = Instant::now();
    if *check {
        mysfits_infra::check(folder)?;
    } else {
        mysfits_infra::synth(folder)
            .map_err(|source| SynthError::Write { folder: folder.clone(), source })?;
    }
    let state = if *check { "are up to date" } else { "were written" };
    let milliseconds = begun.elapsed().as_secs_f64() * 1e3;
    let n_templates = Stack::ALL.len();
    outln!("{n_templates} templates in {} {state} ({milliseconds:.1} ms)", folder.display())?;
    Ok(())
}
