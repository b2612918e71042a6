//! `local-sagemaker`: SageMaker on this machine: all of it on one port, or its training and hosting containers.

use std::{io::stdout, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use local_sagemaker::{
    containers::stop_containers,
    hosting::HostArgs,
    inspect::InspectArgs,
    serve::{init_logging, serve_until_signal},
    signals::exit_on_signal,
    start::StartArgs,
};
use mysfits_output::{out, report};
use mysfits_sagemaker::training::{Job, TrainingError};

#[derive(Parser)]
#[command(version, about = "Amazon SageMaker's k-NN algorithm on this machine")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a training job, as SageMaker's container does
    Train {
        /// The container's folder; input/config and input/data are read, model/ and output/ written
        #[arg(long, value_name = "DIR", default_value = "/opt/ml")]
        opt_ml: PathBuf,
    },
    /// Start SageMaker, S3 and the services around them on one port
    Start(StartArgs),
    /// Host a model as SageMaker's container does, or several as endpoints
    Serve(HostArgs),
    /// Say what a model artifact holds and which program wrote it
    Inspect(InspectArgs),
}

fn main() -> ExitCode {
    init_logging();
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let status = report(error.as_ref());
            // The exit code of a failed training job names the kind of failure.
            error.downcast_ref::<TrainingError>().map_or(status, |error| error.kind().exit_code().into())
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Train { opt_ml } => {
            let job = Job::new(&opt_ml);
            exit_on_signal(Some(job.clone()))?;
            job.run(&mut stdout()).with_context(|| format!("the training job in {} failed", opt_ml.display()))
        }
        Command::Start(start) => {
            let started = start.run(exit_on_signal(None)?);
            stop_containers();
            started
        }
        Command::Serve(host) => {
            let signals = exit_on_signal(None)?;
            let router = host.open()?;
            let served =
                serve_until_signal(host.address(), &host.server.access, host.limits(), signals, |_| {
                    Ok(router)
                });
            stop_containers();
            served
        }
        Command::Inspect(inspect) => Ok(out!("{}", inspect.describe()?)?),
    }
}
