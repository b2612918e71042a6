//! `mysfits-notebook-cloud`: calls AWS for the notebook, so that the notebook does not depend on an AWS SDK.
//!
//! `serve` reads requests and writes replies, a line of JSON each ([`mysfits_notebook::protocol`]), until its input ends.
//! Bucket and roles are those of the stage's stack for models. On a notebook instance, whose role may not ask
//! CloudFormation, the lifecycle script names them in the environment, and the stage.

mod endpoint;
mod session;

use std::{io::Write as _, process::ExitCode};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use mysfits_deploy::{ApplyOptions, Aws, Console, Parameters, StackDeployer, TemplateSource};
use mysfits_infra::Stack;
use mysfits_notebook::protocol::{Reply, Request};
use mysfits_output::report;
use session::NotebookSession;

/// Call AWS for the notebook.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the notebook's requests from standard input
    Serve,
    /// Deploy only the stack with data bucket and roles, for the local cloud
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
    // Nothing else runs between two requests, so blocking the thread is fine.
    for line in std::io::stdin().lines() {
        let reply = match serde_json::from_str(&line?) {
            Ok(request) => answer(&mut session, request).await,
            Err(error) => Reply::Failed(format!("invalid request: {error}")),
        };
        let mut out = std::io::stdout().lock();
        serde_json::to_writer(&mut out, &reply)?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(())
}

/// Handles a request; connects at the first one.
async fn answer(session: &mut Option<NotebookSession>, request: Request) -> Reply {
    let connected = match session {
        Some(session) => session,
        None => match NotebookSession::connect().await {
            Ok(Some(connected)) => session.insert(connected),
            Ok(None) => return Reply::Nowhere,
            Err(error) => return Reply::Failed(format!("{error:#}")),
        },
    };
    connected.answer(request).await.unwrap_or_else(|error| Reply::Failed(format!("{error:#}")))
}

async fn prepare() -> Result<()> {
    let session = StackDeployer { aws: Aws::connect(session::stage()?).await?, console: Console::default() };
    let template = TemplateSource::Body(Stack::SageMaker.yaml());
    session
        .apply(Stack::SageMaker, &template, Parameters::default(), ApplyOptions::default())
        .await
        .context("cannot deploy the stack with the notebook's bucket and roles")?;
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
