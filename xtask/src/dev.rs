//! `dev`: everything, built and served on one port.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use crate::{
    build,
    process::{add_option, heading, program, run as run_program},
    watch, workspace,
};

/// Build everything and serve it: the site, the API, the SageMaker endpoint.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The port to serve on; 0 means any free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// How many survey rows to generate
    #[arg(long)]
    rows: Option<u32>,
    /// Read the survey from this CSV instead
    #[arg(long, conflicts_with = "rows")]
    survey: Option<PathBuf>,
    /// How many neighbours vote
    #[arg(long)]
    k: Option<u32>,
    /// Serve this artifact instead of training
    #[arg(long, value_name = "FILE", conflicts_with_all = ["rows", "survey", "k"])]
    model: Option<PathBuf>,
    /// Who answers the API: embedded (the decision table), model, endpoint (the own one, through the AWS SDK), fallback
    #[arg(long, default_value = "embedded", value_parser = ["embedded", "model", "endpoint", "fallback"])]
    backend: String,
    /// Which of the workshop's other modules (mysfits' API, sign-in, clicks, questions) are there, in memory: all or none
    #[arg(long, default_value = "all", value_parser = ["all", "none"])]
    modules: String,
    /// Ask visitors whether their mysfit suits them, and append what they say to this file
    #[arg(long, value_name = "FILE")]
    feedback: Option<PathBuf>,
    /// Only the API and the endpoint: nothing of the site is built
    #[arg(long)]
    no_site: bool,
    /// Build the site again when its sources change, and reload it in the browser; it is compiled quickly and not small
    #[arg(long, conflicts_with = "no_site")]
    watch: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let needs_sdk = matches!(args.backend.as_str(), "endpoint" | "fallback");
    let features: &[&str] = if needs_sdk { &["endpoint"] } else { &[] };
    if args.watch {
        return watch::run(features, &mut server(args));
    }
    if args.no_site {
        build::build_server(features)?;
    } else {
        build::build(features)?;
    }
    heading("train and serve");
    // Ctrl-C reaches the server too; it ends by itself, and then so do we.
    run_program(&mut server(args))
}

/// Returns the command that serves.
fn server(args: &Args) -> Command {
    let mut server = program(workspace::release("mysfits-server"));
    server.arg("dev");
    if !args.no_site {
        server.arg("--site").arg(if args.watch { watch::site() } else { workspace::site() });
    }
    server.arg("--port").arg(args.port.to_string()).arg("--backend").arg(&args.backend);
    server.arg("--modules").arg(&args.modules);
    add_option(&mut server, "--rows", args.rows.map(|rows| rows.to_string()));
    add_option(&mut server, "--survey", args.survey.as_deref().map(workspace::from_caller));
    add_option(&mut server, "--k", args.k.map(|k| k.to_string()));
    add_option(&mut server, "--feedback", args.feedback.as_deref().map(workspace::from_caller));
    add_option(&mut server, "--model", args.model.as_deref().map(workspace::from_caller));
    server
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::{Args as _, FromArgMatches as _};

    use super::*;

    #[test]
    fn serves_the_site_that_is_built() {
        for (options, expected) in [
            (&["dev"][..], Some(workspace::site())),
            (&["dev", "--watch"], Some(watch::site())),
            (&["dev", "--no-site"], None),
        ] {
            let command = Args::augment_args(clap::Command::new("dev"));
            let args = Args::from_arg_matches(&command.get_matches_from(options)).unwrap();
            let server = server(&args);
            let mut values = server.get_args().skip_while(|argument| *argument != "--site").skip(1);
            assert_eq!(values.next(), expected.as_deref().map(Path::as_os_str), "{options:?}");
        }
    }

    #[test]
    fn reads_files_from_the_callers_folder() {
        for (option, file) in [("--model", "m.tar.gz"), ("--survey", "s.csv"), ("--feedback", "f.jsonl")] {
            let command = Args::augment_args(clap::Command::new("dev"));
            let args = Args::from_arg_matches(&command.get_matches_from(["dev", option, file])).unwrap();
            let server = server(&args);
            let expected = std::env::current_dir().unwrap().join(file);
            let mut values = server.get_args().skip_while(|argument| *argument != option).skip(1);
            assert_eq!(values.next(), Some(expected.as_os_str()));
        }
    }
}
