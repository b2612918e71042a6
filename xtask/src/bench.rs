//! `bench`: measurements, peers side by side.

use anyhow::Result;

use crate::{
    integrations,
    package::local_sagemaker,
    process::{add_option, cargo, program, run as run_program, step},
    tools::python::PythonEnvironment,
    workspace,
};

/// Measure everything that docs/performance.md states, beside its peers.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    suite: Option<BenchSuite>,
    /// Write the figures into docs/performance.md
    #[arg(long, conflicts_with = "only")]
    write: bool,
    /// Measure only these: table, neighbours, batches, dimensions, low-dimensions, curves, training, decoding, http, endpoint,
    /// endpoint-dense, installation, lambda; or soak or streams, which are not measured by default
    #[arg(long, num_args = 1.., value_name = "NAME")]
    only: Vec<String>,
    /// Rows of the measurement `streams`
    #[arg(long, value_name = "N")]
    stream_rows: Option<u64>,
    /// Fewer repetitions: a first look, not a figure to quote
    #[arg(long)]
    quick: bool,
    /// How many minutes the measurement `soak` takes [default: 10]
    #[arg(long, value_name = "MINUTES")]
    minutes: Option<f64>,
    /// Measure only; a missed threshold is no failure
    #[arg(long)]
    no_thresholds: bool,
}

/// Measurements that are not in docs/performance.md.
#[derive(Debug, clap::Subcommand)]
enum BenchSuite {
    /// Score a table with SQL, in one process and on an Apache Ballista cluster
    Scale {
        /// Rows of the table
        #[arg(long, value_name = "N", default_value_t = 20_000_000)]
        rows: u64,
    },
}

pub fn run(args: &Args) -> Result<()> {
    if let Some(BenchSuite::Scale { rows }) = args.suite {
        return integrations::measure(rows);
    }
    let python = step("the peers (Python)", || PythonEnvironment::Bench.ensure())?;
    let reference = step("the reference server (Python)", || PythonEnvironment::Reference.ensure())?;
    step("build the measurements and the server", || {
        let packages = ["--package", "mysfits-bench", "--package", "local-sagemaker"];
        run_program(cargo().args(["build", "--release"]).args(packages))
    })?;
    // Minutes of compiling that only one measurement needs.
    let function = if args.only.is_empty() || args.only.iter().any(|name| name == "lambda") {
        step("build the function", || {
            run_program(cargo().args(["build", "--profile", "lambda", "--package", "mysfits-lambda"]))
        })?;
        Some(step("the function in Python", || PythonEnvironment::AwsLambda.ensure())?)
    } else {
        None
    };
    let installation = if args.only.is_empty() || args.only.iter().any(|name| name == "installation") {
        let moto = step("moto (Python)", || PythonEnvironment::Moto.ensure())?;
        Some((local_sagemaker::wheel()?, local_sagemaker::static_program()?, moto))
    } else {
        None
    };
    let mut bench = program(workspace::release("mysfits-bench"));
    if let Some((wheel, server, moto)) = installation {
        bench.arg("--wheel").arg(wheel).arg("--static-server").arg(server).arg("--moto-python").arg(moto);
    }
    bench.arg("--python").arg(python).arg("--reference-python").arg(reference);
    bench.args(["--scripts", "xtask/python"]).arg("--out").arg(workspace::target().join("bench"));
    bench.arg("--server").arg(workspace::release("local-sagemaker"));
    bench.arg("--function").arg(workspace::built("lambda", "bootstrap"));
    add_option(&mut bench, "--function-python", function);
    bench.args((!args.only.is_empty()).then_some("--only")).args(&args.only);
    add_option(&mut bench, "--stream-rows", args.stream_rows.map(|n| n.to_string()));
    add_option(&mut bench, "--write", args.write.then_some("docs/performance.md"));
    add_option(&mut bench, "--minutes", args.minutes.map(|minutes| minutes.to_string()));
    bench.args(args.quick.then_some("--quick")).args(args.no_thresholds.then_some("--no-thresholds"));
    run_program(&mut bench)
}
