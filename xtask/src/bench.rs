//! `bench`: measurements, peers side by side.

use anyhow::Result;

use crate::{
    process::{cargo, program, run as run_program, step},
    tools::python,
    workspace,
};

/// Measure everything that docs/performance.md states, beside its peers.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write the figures into docs/performance.md
    #[arg(long)]
    write: bool,
    /// Fewer repetitions: a first look, not a figure to quote
    #[arg(long)]
    quick: bool,
    /// Measure only; a missed bar is no failure
    #[arg(long)]
    no_bars: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let python = step("the peers (Python)", python::ensure)?;
    step("build the measurements", || {
        run_program(cargo().args(["build", "--release", "--package", "mysfits-bench"]))
    })?;
    let mut bench = program(workspace::release("mysfits-bench"));
    bench.arg("--python").arg(python).args(["--scripts", "xtask/python"]);
    bench.arg("--out").arg(workspace::target().join("bench"));
    if args.write {
        bench.args(["--write", "docs/performance.md"]);
    }
    if args.quick {
        bench.arg("--quick");
    }
    if args.no_bars {
        bench.arg("--no-bars");
    }
    run_program(&mut bench)
}
