//! `mysfits-deploy`: the program for everything in the cloud.

use std::process::ExitCode;

use clap::Parser as _;
use mysfits_deploy::{Cli, Console};
use mysfits_output::{errln, report};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let console = Console::default();
    let done = tokio::select! {
        done = cli.run(console.clone()) => done,
        _ = tokio::signal::ctrl_c() => {
            console.finish();
            errln!("interrupted during: {}", console.what());
            errln!("operations already started continue in AWS; run the same command again to continue");
            return ExitCode::from(130);
        }
    };
    console.finish();
    match done {
        Ok(()) => match console.output_error() {
            None => ExitCode::SUCCESS,
            Some(error) => report(&error),
        },
        Err(error) => report(&error),
    }
}
