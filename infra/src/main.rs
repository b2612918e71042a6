//! `mysfits-infra`: the templates as files, the deployer's policy, the costs.

use std::{path::PathBuf, process::ExitCode, time::Instant};

use anyhow::Result;
use clap::Parser;
use mysfits_infra::policy;
use mysfits_output::{errln, out, outln, report};

/// CloudFormation templates of the Mythical Mysfits recommendations
#[derive(Debug, Parser)]
#[command(version)]
enum Command {
    /// Write the templates
    Synth {
        /// Only check that the files are as they should be
        #[arg(long)]
        check: bool,
        /// The folder of the templates
        #[arg(long, default_value = "infra/templates")]
        out: PathBuf,
    },
    /// Print the policy of a person who deploys; it is equivalent to administrator
    Policy {
        /// Print it in the parts that managed policies can hold, as a list
        #[arg(long)]
        managed: bool,
    },
    /// Print the script that the notebook instance runs at its start, with these values in it
    NotebookStart {
        /// What CloudFormation would fill in: `NotebookIdleMinutes=60`, `AWS::Region=us-east-1`
        #[arg(value_name = "NAME=VALUE")]
        values: Vec<String>,
    },
}

/// What the policy's reader must know.
const POLICY_WARNING: &str = "warning: this policy allows creating roles and their policies without a permissions \
    boundary: a user who has it can become administrator of the account; give it only to administrators";

fn main() -> ExitCode {
    match run(Command::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(error.as_ref()),
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Synth { check, out: folder } => {
            let begun = Instant::now();
            if check {
                mysfits_infra::check(&folder)?;
            } else {
                mysfits_infra::synth(&folder)?;
            }
            let verb = if check { "are as they should be" } else { "written" };
            let milliseconds = begun.elapsed().as_secs_f64() * 1e3;
            outln!(
                "{} templates in {} {verb} ({milliseconds:.1} ms)",
                mysfits_infra::Stack::ALL.len(),
                folder.display()
            )?;
        }
        Command::Policy { managed } => {
            let account = policy::Account::PLACEHOLDERS;
            let parts = || policy::managed(&account).into();
            outln!("{:#}", if managed { parts() } else { policy::deployer(&account) })?;
            // Not among the output, which is JSON.
            errln!("{POLICY_WARNING}");
        }
        Command::NotebookStart { values } => {
            let pairs: Vec<_> = values.iter().filter_map(|value| value.split_once('=')).collect();
            out!("{}", mysfits_infra::sagemaker::notebook_start(&pairs))?;
        }
    }
    Ok(())
}
