//! `mysfits-bench`: measures this project's speed beside its peers.
//!
//! Run by `cargo xtask bench`, which builds it and installs the peers' Python packages. In one run, on the
//! same files, it measures this project and the peers by turns, prints each figure with its threshold, and
//! exits with 1 if one is missed.
//!
//! Each measurement has a module; [`figures`] aggregates repetitions, [`mod@report`] formats the results.

mod batch;
mod chart;
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
mod search;
mod soak;
mod streams;
mod table;
mod training;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

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
    /// A Python interpreter with the packages of requirements-bench.txt
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
    /// Rows of the measurement `streams`; its wide streams have a tenth
    #[arg(long, value_name = "N", default_value_t = streams::DEFAULT_ROWS)]
    stream_rows: u64,
    /// Fewer and shorter repetitions: to see that it runs, not how fast
    #[arg(long)]
    quick: bool,
    /// How long the measurement `soak` takes
    #[arg(long, value_name = "MINUTES", default_value_t = 10.0)]
    minutes: f64,
    /// Only measure: a missed threshold is shown and does not fail
    #[arg(long)]
    no_thresholds: bool,
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
    /// Exact search at the dimensions of users, against faiss
    Dimensions,
    /// Exact search in 2 to 8 dimensions, against nanoflann
    LowDimensions,
    /// Exact search over dimensions and rows, as charts
    Curves,
    /// From a CSV file to an artifact
    Training,
    /// Request bodies to numbers
    Decoding,
    /// The API under load
    Http,
    /// The SageMaker endpoint under load and idle, against the reference server
    Endpoint,
    /// The SageMaker endpoint with hundreds and thousands of features, against the reference server
    EndpointDense,
    /// pip install and start of local-sagemaker, beside moto
    Installation,
    /// The SageMaker endpoint under a mixture of loads for minutes; only if it is named
    Soak,
    /// Cold starts of the function, against the workshop's in Python
    Lambda,
    /// Training on more rows than memory should hold; only if it is named
    Streams,
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
    /// Whether large data sets and batches are measured.
    is_full: bool,
}

impl Effort {
    const FULL: Self = Self { repetitions: 7, slow_repetitions: 3, load_ms: 2500, is_full: true };
    const QUICK: Self = Self { repetitions: 3, slow_repetitions: 1, load_ms: 600, is_full: false };
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
    measured.write_charts(&args.out)?;
    if let Some(path) = &args.write {
        fs::write(path, measured.markdown()).with_context(|| format!("cannot write {}", path.display()))?;
        measured.write_charts(path.parent().unwrap_or(Path::new(".")))?;
    }
    // Written first: the measurements are not lost with the reader of the output.
    outln!("{measured}")?;
    if let Some(path) = &args.write {
        outln!("wrote {}", path.display())?;
    }
    Ok(if measured.all_passed() || args.no_thresholds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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
    let is_wanted = |measurement| {
        let is_default =
            args.only.is_empty() && !matches!(measurement, Measurement::Soak | Measurement::Streams);
        is_default || args.only.contains(&measurement)
    };
    let mut versions = one.versions().to_owned();
    if is_wanted(Measurement::Endpoint) || is_wanted(Measurement::EndpointDense) {
        versions = format!("{versions}; the reference server: {}", programs.reference_versions()?);
    }
    let machine = Machine::new(versions, load);
    let wanted = |measurement| {
        let wanted = is_wanted(measurement);
        if wanted {
            progress(&format!("{measurement:?}").to_lowercase());
        }
        wanted
    };
    let mut sections = Vec::new();
    if wanted(Measurement::Table) {
        sections.push(table::measure(&inputs, effort));
    }
    if wanted(Measurement::Neighbours) {
        sections.push(neighbours::measure(&inputs, &mut one, effort)?);
    }
    if wanted(Measurement::Batches) {
        sections.push(batch::measure(&inputs, &mut all, effort)?);
    }
    if wanted(Measurement::Dimensions) {
        sections.push(search::measure_dimensions(&inputs, &mut one, &mut all, effort)?);
    }
    if wanted(Measurement::LowDimensions) {
        sections.push(search::measure_low_dimensions(&inputs, &mut one, effort)?);
    }
    if wanted(Measurement::Curves) {
        sections.push(search::measure_curves(&inputs, &mut all, effort)?);
    }
    if wanted(Measurement::Training) {
        sections.push(training::measure(&inputs, &mut all, effort)?);
    }
    if wanted(Measurement::Decoding) {
        sections.push(decoding::measure(&inputs, &mut one, effort)?);
    }
    // Under load the cores belong to the servers and their client.
    drop((one, all));
    if wanted(Measurement::Streams) {
        let programs = streams::StreamPrograms {
            server: args.server.clone(),
            python: args.python.clone(),
            script: args.scripts.join("bench_streams.py"),
        };
        sections.push(streams::measure(&inputs, &programs, args.stream_rows)?);
    }
    if wanted(Measurement::Http) {
        sections.push(http::measure(&inputs, effort)?);
    }
    if wanted(Measurement::Endpoint) {
        sections.extend(endpoint::measure(&inputs, &programs, effort)?);
    }
    if wanted(Measurement::EndpointDense) {
        sections.extend(endpoint::measure_dense(&args.out, &programs, effort)?);
    }
    if wanted(Measurement::Soak) {
        sections.push(soak::measure(&inputs, &args.server, args.minutes)?);
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
