//! The command line.

use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use mysfits_infra::Stack;

use crate::{
    addresses::Addresses, aws::Aws, console::Console, deploy::DeployArgs, error::DeployError, expiry::span,
    session::Session, train::TrainingArgs,
};

/// Puts the module into an AWS account and takes it out again.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what would change and what it costs, ask, deploy, and try it out
    Deploy(DeployArgs),
    /// Show what there is, ask, remove it, and make sure that nothing is left
    Destroy {
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// Show what there is and remove nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// In which state everything is
    Status {
        /// Also look for what was changed by hand
        #[arg(long)]
        drift: bool,
    },
    /// The outputs of all stacks
    Outputs {
        /// As a JSON object
        #[arg(long)]
        json: bool,
    },
    /// What the function logged
    Logs(LogArgs),
    /// Train a model by a SageMaker training job and print where it lies; the SageMaker stack must be there
    Train(TrainingArgs),
}

#[derive(Debug, Args)]
struct LogArgs {
    /// From this long ago (30s, 10m, 2h, 7d)
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = since)]
    since: Duration,
    /// Go on until interrupted
    #[arg(long)]
    follow: bool,
}

fn since(text: &str) -> Result<Duration, String> {
    span(text).ok_or_else(|| format!("{text:?} is no time; give a whole number with s, m, h or d (10m, 2h)"))
}

impl Cli {
    /// Runs the command; reports progress to the console.
    ///
    /// # Errors
    /// The command's.
    pub async fn run(self, console: Console) -> Result<(), DeployError> {
        let aws = Aws::connect().await?;
        let session = Session { aws, console };
        let addresses = Addresses::from_env();
        match self.command {
            Command::Deploy(args) => session.deploy(&args, &addresses).await,
            Command::Destroy { yes, dry_run } => session.destroy(yes, dry_run).await,
            Command::Status { drift } => session.status(&addresses, drift).await,
            Command::Outputs { json } => session.outputs(json).await,
            Command::Logs(LogArgs { since, follow }) => session.print_logs(since, follow).await,
            Command::Train(args) => {
                let state = session.aws.stack(Stack::SageMaker).await?.ok_or_else(|| session.nothing())?;
                let model = session.train(&args, &state).await?;
                session.console.line(format!("model {model}"));
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_defined() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times_are_read_or_refused_with_an_example() {
        assert_eq!(since("10m"), Ok(Duration::from_mins(10)));
        assert!(since("soon").is_err_and(|text| text.contains("10m")));
    }
}
