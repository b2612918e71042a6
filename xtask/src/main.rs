//! `cargo xtask`: the workspace's commands, one file each.
//!
//! Light to compile: it knows how to run things, not how they work. What needs a browser, a picture or an SDK is a
//! program of its own that a command builds and runs.

mod bench;
mod build;
mod conformance;
mod dev;
mod doctor;
mod forward;
mod fuzz;
mod process;
mod readme;
mod server;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

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
    /// Survey, model, site: build everything and serve it on one port
    Dev(dev::Args),
    /// Everything that must hold: format, lints, docs, tests, oracles, site, browser
    Test(test::Args),
    /// The native programs (optimised) and the site, into target/
    Build(build::Args),
    /// The survey: generate it, or describe it as text and picture
    Data(forward::Args),
    /// A model artifact, its accuracy beside the best possible, and the confusion matrix
    Train(forward::Args),
    /// The same cases against any SageMaker k-NN endpoint, with the clients that people use
    Conformance(conformance::Args),
    /// Bytes that nobody thought of, for every decoder and reader (needs a nightly compiler)
    Fuzz(fuzz::Args),
    /// The measurements of docs/performance.md, peers side by side
    Bench(bench::Args),
    /// What is installed, what is missing, and how to get it
    Doctor(doctor::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        None => Cli::command().print_help().map_err(Into::into),
        Some(Command::Dev(args)) => dev::run(&args),
        Some(Command::Test(args)) => test::run(&args),
        Some(Command::Build(args)) => build::run(&args),
        Some(Command::Data(args)) => args.data(),
        Some(Command::Train(args)) => args.train(),
        Some(Command::Conformance(args)) => conformance::run(&args),
        Some(Command::Fuzz(args)) => fuzz::run(&args),
        Some(Command::Bench(args)) => bench::run(&args),
        Some(Command::Doctor(args)) => doctor::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
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
