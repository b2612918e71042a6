//! A local cloud: started, watched, broken on purpose, ended.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};
use mysfits_localcloud::{
    cloud::{self, Settings},
    control,
    state::StateFolder,
};
use mysfits_output::{outln, report};

/// An emulated AWS on this machine, in which this project's deployment works.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start one and serve until SIGTERM or Ctrl-C; prints `ready <url of the site>`
    Up {
        /// An interpreter with MiniStack (xtask/python/requirements-localcloud.txt)
        #[arg(long)]
        python: PathBuf,
        #[command(flatten)]
        state: State,
        /// The first of four ports in a row: site, API, SageMaker, MiniStack [default: free ones]
        #[arg(long)]
        port: Option<u16>,
    },
    /// End the one that is running, and wait until it has ended
    Down {
        #[command(flatten)]
        state: State,
    },
    /// Break an endpoint, or repair it
    Chaos {
        #[command(flatten)]
        state: State,
        #[command(subcommand)]
        action: Chaos,
    },
    /// List all that is left in it; exit code 1 if there is anything
    Leftovers {
        /// An interpreter with botocore
        #[arg(long)]
        python: PathBuf,
        #[command(flatten)]
        state: State,
    },
}

#[derive(clap::Args)]
struct State {
    /// The folder of the local cloud
    #[arg(long = "state", value_name = "DIR")]
    folder: PathBuf,
}

impl State {
    fn open(self) -> StateFolder {
        StateFolder::new(self.folder)
    }
}

#[derive(Subcommand)]
enum Chaos {
    /// From now on the endpoint answers every call with 503 `ServiceUnavailable`
    KillEndpoint {
        /// The endpoint
        name: String,
    },
    /// The endpoint answers again
    ReviveEndpoint {
        /// The endpoint
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
            let settings = Settings { python, state: state.open(), port };
            cloud::run(&settings, |addresses| {
                // Nobody reads it: no reason not to serve.
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
        Command::Leftovers { python, state } => {
            if control::leftovers(&python, &state.open()).await? {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
