//! `mysfits-deploy`: the program for everything in the cloud.

use std::process::ExitCode;

use clap::Parser as _;
use mysfits_deploy::Cli;
use mysfits_deploy_cli::DeployExit;
use mysfits_output::report;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let console = cli.console();
    let done = cli.run(console.clone()).await;
    console.finish();
    match done {
        Ok(()) => match console.output_error() {
            None => ExitCode::SUCCESS,
            Some(error) => report(&error),
        },
        // It tells a closed output apart.
        Err(error) if error.exit() == DeployExit::Failed => report(&error),
        Err(error) => {
            let _ = report(&error);
            ExitCode::from(error.exit().code())
        }
    }
}
