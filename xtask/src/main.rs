//! `cargo xtask`: the workspace's commands, one file each.
//!
//! Light to compile: it knows how to run things, not how they work. What needs a browser, a picture or an SDK is a
//! program of its own that a command builds and runs.

mod background;
mod bench;
mod build;
mod check;
mod checkout;
mod cloud;
#[cfg(test)]
mod command_reference;
mod conformance;
mod data;
mod deny;
mod deployer_calls;
mod dev;
mod distribution;
mod docs;
mod doctor;
#[cfg(test)]
mod documented;
mod e2e;
mod examples;
mod expectation;
mod feature_sharing;
mod features;
mod fonts;
mod forwarded;
mod fuzz;
mod guide;
mod integrations;
mod lighthouse;
#[cfg(test)]
mod links;
mod localcloud;
#[cfg(test)]
mod named_commands;
mod notebook;
mod package;
mod packages;
mod pictures;
mod platform;
mod process;
mod public_api;
mod readme;
mod server;
mod shipped;
mod synth;
mod test;
mod tools;
mod watch;
mod words;
mod workspace;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};
use mysfits_deploy_cli::{
    DestroyArgs, LogsArgs, OpenArgs, OutputsArgs, PolicyArgs, ReleasesArgs, RollbackArgs, StatusArgs,
    UnlockArgs,
};
use mysfits_output::{OutputError, report};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Mythical Mysfits recommendations: the workspace's commands"
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Build survey, model and site, and serve everything on one port
    Dev(dev::Args),
    /// Run all tests, or only some parts
    Test(test::Args),
    /// Build the native programs (optimised) and the site
    Build(build::Args),
    /// Generate the survey, or describe it as text and picture
    Data(data::Args),
    /// Train the model here or in SageMaker; print accuracy and confusion matrix
    Train(cloud::TrainAnywhereArgs),
    /// Build the deployment package, or the wheel, image or archives of local-sagemaker
    Package(package::Args),
    /// Write the CloudFormation templates, or check them
    Synth(synth::Args),
    /// Deploy to AWS or the local cloud: show plan and cost, confirm, deploy, smoke-test
    Deploy(Box<cloud::BuildAndDeployArgs>),
    /// Delete all deployed resources and verify that none remain
    Destroy(cloud::CloudArgs<DestroyArgs>),
    /// List the releases that can be deployed again
    Releases(cloud::CloudArgs<ReleasesArgs>),
    /// Deploy an earlier release again
    Rollback(cloud::CloudArgs<RollbackArgs>),
    /// Show deployment status
    Status(cloud::CloudArgs<StatusArgs>),
    /// Print the addresses of API and site, and the outputs of all stacks
    Outputs(cloud::CloudArgs<OutputsArgs>),
    /// Show a log: the function's, or another one
    Logs(cloud::CloudArgs<LogsArgs>),
    /// Open the deployed site in the browser
    Open(cloud::CloudArgs<OpenArgs>),
    /// Remove the lock of a deployment that no longer runs
    Unlock(cloud::CloudArgs<UnlockArgs>),
    /// Print the least-privilege IAM policies for deploying
    Policy(cloud::CloudArgs<PolicyArgs>),
    /// Deploy the whole module, test it with failures, and remove it
    E2e(e2e::Args),
    /// Check whether a step of the tutorial is done, and what is missing
    Check(check::Args),
    /// Run the commands of the tutorial and of the explanations, and compare outputs
    Guide(guide::Args),
    /// Build the documentation as two books, English and Korean
    Docs(docs::Args),
    /// Run the notebook and compare its outputs with the committed ones
    Notebook(notebook::Args),
    /// Test a SageMaker k-NN endpoint with AWS's own clients
    Conformance(conformance::Args),
    /// Build, test and run the examples on the packaged crates
    Examples(examples::Args),
    /// Write the public items of each publishable crate, or check them
    PublicApi(public_api::Args),
    /// Fuzz every decoder and reader (needs a nightly compiler)
    Fuzz(fuzz::Args),
    /// Write the fonts of the site's headings: subsets of open fonts
    Fonts(fonts::Args),
    /// Run Lighthouse; fail if a score is below its threshold
    Lighthouse(lighthouse::Args),
    /// Take the documentation's pictures of the site
    Pictures(pictures::Args),
    /// Measure performance beside peers, for docs/performance.md
    Bench(bench::Args),
    /// Show which tools are installed, their use, and how to install them
    Doctor(doctor::Args),
}

fn main() -> ExitCode {
    workspace::this_program();
    let result = match Cli::parse().command {
        None => Cli::command().print_help().map_err(|error| OutputError::from(error).into()),
        Some(Command::Dev(args)) => dev::run(&args),
        Some(Command::Test(args)) => test::run(&args),
        Some(Command::Build(args)) => build::run(&args),
        Some(Command::Data(args)) => data::run(&args),
        Some(Command::Train(args)) => cloud::train(&args),
        Some(Command::Package(args)) => package::run(&args),
        Some(Command::Synth(args)) => synth::run(&args),
        Some(Command::Deploy(args)) => cloud::deploy(&args),
        Some(Command::Destroy(args)) => cloud::destroy(&args),
        Some(Command::Releases(args)) => cloud::run_deployer("releases", &args),
        Some(Command::Rollback(args)) => cloud::run_deployer("rollback", &args),
        Some(Command::Status(args)) => cloud::run_deployer("status", &args),
        Some(Command::Outputs(args)) => cloud::run_deployer("outputs", &args),
        Some(Command::Logs(args)) => cloud::run_deployer("logs", &args),
        Some(Command::Open(args)) => cloud::run_deployer("open", &args),
        Some(Command::Unlock(args)) => cloud::run_deployer("unlock", &args),
        Some(Command::Policy(args)) => cloud::run_deployer("policy", &args),
        Some(Command::E2e(args)) => e2e::run(&args),
        Some(Command::Check(args)) => check::run(&args),
        Some(Command::Guide(args)) => guide::run(&args),
        Some(Command::Docs(args)) => docs::run(&args),
        Some(Command::Notebook(args)) => notebook::run(&args),
        Some(Command::Conformance(args)) => conformance::run(&args),
        Some(Command::Examples(args)) => examples::run(&args),
        Some(Command::PublicApi(args)) => public_api::run(&args),
        Some(Command::Fuzz(args)) => fuzz::run(&args),
        Some(Command::Fonts(args)) => fonts::run(&args),
        Some(Command::Lighthouse(args)) => lighthouse::run(&args),
        Some(Command::Pictures(args)) => pictures::run(&args),
        Some(Command::Bench(args)) => bench::run(&args),
        Some(Command::Doctor(args)) => doctor::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // The deployer has reported its error.
        Err(error) => match error.downcast_ref() {
            Some(cloud::DeployerExit(code)) => ExitCode::from(*code),
            None => report(error.as_ref()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_are_defined_consistently() {
        Cli::command().debug_assert();
    }

    #[test]
    fn an_unknown_command_is_an_error() {
        assert!(Cli::try_parse_from(["cargo xtask", "no-such-command"]).is_err());
    }
}
