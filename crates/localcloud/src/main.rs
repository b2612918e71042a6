//! `mysfits-localcloud`: starts and stops a local cloud, and injects faults.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};
use mysfits_localcloud::{
    cloud::{self, CloudSettings},
    control,
    state::StateFolder,
};
use mysfits_output::{outln, report};

/// An emulated AWS on this machine to deploy into.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start a cloud and serve until SIGTERM or Ctrl-C; prints `ready URL`
    Up {
        /// Python interpreter with MiniStack (xtask/python/requirements-localcloud.txt)
        #[arg(long)]
        python: PathBuf,
        #[command(flatten)]
        state: StateArgs,
        /// First of four ports: site, API, SageMaker, MiniStack [default: free ones]
        #[arg(long)]
        port: Option<u16>,
    },
    /// Stop the running cloud, and wait for its end
    Down {
        #[command(flatten)]
        state: StateArgs,
    },
    /// Inject a fault into an endpoint, or remove it
    Chaos {
        #[command(flatten)]
        state: StateArgs,
        #[command(subcommand)]
        action: Chaos,
    },
    /// List remaining resources; exit code 1 if there are any
    Leftovers {
        /// Python interpreter with botocore
        #[arg(long)]
        python: PathBuf,
        /// Region to search, beside the services without regions [default: the cloud's]
        #[arg(long)]
        region: Option<String>,
        #[command(flatten)]
        state: StateArgs,
    },
}

#[derive(clap::Args)]
struct StateArgs {
    /// State folder of the local cloud
    #[arg(long = "state", value_name = "DIR")]
    folder: PathBuf,
}

impl StateArgs {
    fn open(self) -> StateFolder {
        StateFolder::new(self.folder)
    }
}

#[derive(Subcommand)]
enum Chaos {
    /// Make the endpoint respond with 503 `ServiceUnavailable`
    KillEndpoint {
        /// Name of the endpoint
        name: String,
    },
    /// Make the endpoint respond normally
    ReviveEndpoint {
        /// Name of the endpoint
        name: String,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse().command).await {
        Ok(status) => status,
        Err(error) => report(error.as_ref()),
    }
}

async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Up { python, state, port } => {
            let settings = CloudSettings { python, state: state.open(), port };
            cloud::run(&settings, |addresses| {
                // A closed output must not stop the cloud.
                let _ = outln!("ready {}", addresses.site);
            })
            .await?;
        }
        Command::Down { state } => control::down(&state.open()).await?,
        Command::Chaos { state, action: Chaos::KillEndpoint { name } } => {
            control::set_reachable(&state.open(), &name, false).await?;
        }
        Command::Chaos { state, action: Chaos::ReviveEndpoint { name } } => {
            control::set_reachable(&state.open(), &name, true).await?;
        }
        Command::Leftovers { python, state, region } => {
            if control::leftovers(&python, &state.open(), region.as_deref()).await? {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
