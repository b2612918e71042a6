//! `mysfits-notebook-cloud`: calls AWS for the notebook, so that the notebook does not depend on an AWS SDK.
//!
//! `serve` reads requests and writes replies, a line of JSON each ([`mysfits_notebook::protocol`]), until its input ends.
//! Bucket and role are those of the stack `MythicalMysfits-SageMaker`. On a notebook instance, whose role may not ask
//! CloudFormation, the lifecycle script names both in the environment.

mod session;

use std::{io::Write as _, process::ExitCode};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use mysfits_deploy::{
    Console, Session as Deployer,
    aws::{Aws, stacks::Source},
    parameters::Parameters,
};
use mysfits_infra::Stack;
use mysfits_notebook::protocol::{Reply, Request};
use mysfits_output::report;
use session::Session;

/// Speaks with AWS for the notebook.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answer the notebook's requests until standard input ends
    Serve,
    /// Bring up the stack with data bucket and role, and nothing else; for the local cloud
    Prepare,
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Serve => serve().await,
        Command::Prepare => prepare().await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(error.as_ref()),
    }
}

async fn serve() -> Result<()> {
    let mut session = None;
    // Nothing goes on between two requests, so waiting for the next one may keep the thread.
    for line in std::io::stdin().lines() {
        let reply = match serde_json::from_str(&line?) {
            Ok(request) => answer(&mut session, request).await,
            Err(error) => Reply::Failed(format!("this is no request: {error}")),
        };
        let mut out = std::io::stdout().lock();
        serde_json::to_writer(&mut out, &reply)?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(())
}

/// Connects when something is asked for the first time.
async fn answer(session: &mut Option<Session>, request: Request) -> Reply {
    let connected = match session {
        Some(session) => session,
        None => match Session::connect().await {
            Ok(Some(connected)) => session.insert(connected),
            Ok(None) => return Reply::Nowhere,
            Err(error) => return Reply::Failed(format!("{error:#}")),
        },
    };
    connected.answer(request).await.unwrap_or_else(|error| Reply::Failed(format!("{error:#}")))
}

async fn prepare() -> Result<()> {
    let session = Deployer { aws: Aws::connect().await?, console: Console::default() };
    let template = Source::Body(Stack::SageMaker.yaml());
    session
        .apply(Stack::SageMaker, &template, Parameters::default(), false)
        .await
        .context("the stack with the notebook's bucket and role did not come up")?;
    session.console.finish();
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_defined() {
        Arguments::command().debug_assert();
    }
}
