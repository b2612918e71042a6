//! `synth`: writes or checks the CloudFormation templates. In this process, because the deployer takes minutes to compile.

use anyhow::Result;
use mysfits_deploy_cli::SynthArgs;

use crate::workspace;

/// Options of `synth`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write nothing; fail if a template differs from its Rust source
    #[arg(long)]
    pub check: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let out = workspace::from_root("infra/templates");
    Ok(mysfits_deploy_cli::synth(&SynthArgs { check: args.check, out })?)
}
