//! `mysfits-bench`: measures this project's speed beside its peers.
//!
//! Run by `cargo xtask bench`, which builds it and installs the peers' Python packages. In one run, on the
//! same files, it measures this project and the peers by turns, prints each figure with its threshold, and
//! exits with 1 if one is missed.
//!
//! Each measurement has a module; [`figures`] aggregates repetitions, [`mod@report`] formats the results.

mod batch;
mod decoding;
mod endpoint;
mod figures;
mod http;
mod inputs;
mod installation;
mod lambda;
mod machine;
mod neighbours;
mod peers;
mod report;
mod table;
mod training;

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, Result};
use clap::{Args, Parser, ValueEnum};
use mysfits_output::{errln, outln, report};

use crate::{
    endpoint::EndpointPrograms,
    http::server::Served,
    inputs::Inputs,
    machine::Machine,
    peers::{Peers, Threads},
    report::BenchReport,
};

#[derive(Parser)]
#[command(version, about, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Cli {
    /// A server under load is a process of its own: this program again.
    #[command(subcommand)]
    served: Option<Served>,
    #[command(flatten)]
    measure: Option<MeasureArgs>,
}

#[derive(Args)]
struct MeasureArgs {
    /// A Python interpreter with the packages of requirements.txt
    #[arg(long)]
    python: PathBuf,
    /// A Python interpreter with the packages of requirements-reference.txt
    #[arg(long)]
    reference_python: PathBuf,
    /// The release binary of `local-sagemaker`
    #[arg(long, default_value = "target/release/local-sagemaker")]
    server: PathBuf,
    /// The function's program, built with the profile `lambda`
    #[arg(long, default_value = "target/lambda/bootstrap")]
    function: PathBuf,
    /// A Python interpreter with the packages of requirements-awslambda.txt; for the measurement `lambda`
    #[arg(long)]
    function_python: Option<PathBuf>,
    /// The wheel of `local-sagemaker`; for the measurement `installation`
    #[arg(long)]
    wheel: Option<PathBuf>,
    /// The program in the wheel; for the measurement `installation`
    #[arg(long)]
    static_server: Option<PathBuf>,
    /// A Python interpreter with the packages of requirements-moto.txt; for the measurement `installation`
    #[arg(long)]
    moto_python: Option<PathBuf>,
    /// The folder of the Python scripts
    #[arg(long, default_value = "xtask/python")]
    scripts: PathBuf,
    /// The folder for the inputs that both sides read
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
    /// Also write the report to this file, as Markdown
    #[arg(long, value_name = "FILE", conflicts_with = "only")]
    write: Option<PathBuf>,
    /// Measure only these
    #[arg(long, value_enum, num_args = 1.., value_name = "NAME")]
    only: Vec<Measurement>,
    /// Fewer and shorter repetitions: to see that it runs, not how fast
    #[arg(long)]
    quick: bool,
    /// Only measure: a missed bar is shown and does not fail
    #[arg(long)]
    no_bars: bool,
}

/// What can be measured by itself, in the order of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Measurement {
    /// A prediction from the decision table
    Table,
    /// Neighbours on one thread
    Neighbours,
    /// Batches on all cores
    Batches,
    /// From a CSV file to an artifact
    Training,
    /// Request bodies to numbers
    Decoding,
    /// The API under load
    Http,
    /// The SageMaker endpoint under load and idle, against the reference server
    Endpoint,
    /// pip install and start of local-sagemaker, beside moto
    Installation,
    /// Cold starts of the function, against the workshop's in Python
    Lambda,
}

/// How often things are measured.
#[derive(Debug, Clone, Copy)]
struct Effort {
    /// Repetitions of measurements that are fast or have a threshold.
    repetitions: usize,
    /// Repetitions of slow peers that are shown for information.
    slow_repetitions: usize,
    /// How long each server is under load each time, in milliseconds.
    load_ms: u64,
}

impl Effort {
    const FULL: Self = Self { repetitions: 7, slow_repetitions: 3, load_ms: 2500 };
    const QUICK: Self = Self { repetitions: 3, slow_repetitions: 1, load_ms: 600 };
}

fn main() -> ExitCode {
    match run() {
        Ok(status) => status,
        Err(error) => report(error.as_ref()),
    }
}

fn run() -> Result<ExitCode> {
    let Cli { served, measure } = Cli::parse();
    if let Some(served) = served {
        served.run()?;
        return Ok(ExitCode::SUCCESS);
    }
    let args = measure.context("say where the Python of the peers is: --python FILE")?;
    let measured = measure_all(&args)?;
    if let Some(path) = &args.write {
        fs::write(path, measured.markdown()).with_context(|| format!("cannot write {}", path.display()))?;
    }
    // Written first: the measurements are not lost with the reader of the output.
    outln!("{measured}")?;
    if let Some(path) = &args.write {
        outln!("wrote {}", path.display())?;
    }
    Ok(if measured.all_passed() || args.no_bars { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn measure_all(args: &MeasureArgs) -> Result<BenchReport> {
    let effort = if args.quick { Effort::QUICK } else { Effort::FULL };
    // Before anything of ours makes it busy.
    let load = machine::load_average();
    progress("writing the inputs");
    let inputs = Inputs::write(&args.out)?;
    progress("starting the peers");
    let script = args.scripts.join("bench_peers.py");
    let mut one = Peers::start(&args.python, &script, &args.out, Threads::One)?;
    let mut all = Peers::start(&args.python, &script, &args.out, Threads::All)?;
    let programs = EndpointPrograms {
        server: args.server.clone(),
        reference_python: args.reference_python.clone(),
        reference_script: args.scripts.join("reference_server.py"),
    };
    let versions = format!("{}; the reference server: {}", one.versions(), programs.reference_versions()?);
    let machine = Machine::new(versions, load);

    let wanted = |measurement| {
        let wanted = args.only.is_empty() || args.only.contains(&measurement);
        if wanted {
            progress(&format!("{measurement:?}").to_lowercase());
        }
        wanted
    };
    let mut sections = Vec::new();
    if wanted(Measurement::Table) {
        sections.push(table::measure(&inputs, &mut one, effort)?);
    }
    if wanted(Measurement::Neighbours) {
        sections.push(neighbours::measure(&inputs, &mut one, effort)?);
    }
    if wanted(Measurement::Batches) {
        sections.push(batch::measure(&inputs, &mut all, effort)?);
    }
    if wanted(Measurement::Training) {
        sections.push(training::measure(&inputs, &mut all, effort)?);
    }
    if wanted(Measurement::Decoding) {
        sections.push(decoding::measure(&inputs, &mut one, effort)?);
    }
    // Under load the cores belong to the servers and their client.
    drop((one, all));
    if wanted(Measurement::Http) {
        sections.push(http::measure(&inputs, effort)?);
    }
    if wanted(Measurement::Endpoint) {
        sections.extend(endpoint::measure(&inputs, &programs, effort)?);
    }
    if wanted(Measurement::Installation) {
        let needed = "the measurement `installation` needs --wheel, --static-server and --moto-python";
        let programs = installation::InstallationPrograms {
            server: args.static_server.clone().context(needed)?,
            wheel: args.wheel.clone().context(needed)?,
            moto_python: args.moto_python.clone().context(needed)?,
            scripts: args.scripts.clone(),
        };
        sections.push(installation::measure(&programs, &args.out, effort)?);
    }
    if wanted(Measurement::Lambda) {
        let programs = lambda::LambdaPrograms {
            function: args.function.clone(),
            python: args.function_python.clone().context(
                "say where the function's Python is: --function-python FILE, or leave `lambda` out by --only",
            )?,
            scripts: args.scripts.clone(),
        };
        sections.push(lambda::measure(&inputs, &programs, effort)?);
    }
    Ok(BenchReport { machine, effort, sections })
}

/// Says on standard error what takes its time.
fn progress(what: &str) {
    errln!("bench: {what}");
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
