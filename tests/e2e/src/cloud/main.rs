//! `mysfits-cloud-e2e`: deploys the whole module, tests and removes it; reports result and time of each step.

mod access;
mod checks;
mod deployer;
mod foreign;
mod image;
mod interruptions;
mod local;
mod permissions;
mod plan;
mod query_api;
mod releases;
mod run;
mod scenario;
mod side_by_side;
mod steps;
mod user;

use std::{path::PathBuf, process::ExitCode, time::Instant};

use anyhow::{Context as _, Result};
use clap::{Parser, ValueEnum};
use mysfits_output::{outln, report};
use plan::StepPlan;

/// Deploys the module, tries everything, breaks it, heals it, destroys it, and looks for what is left.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    /// Which cloud
    #[arg(long, value_enum, default_value_t = TargetCloud::Local)]
    target: TargetCloud,
    /// Only the steps whose name contains this, with the steps that they need; may be repeated
    #[arg(long = "step", value_name = "NAME")]
    steps: Vec<String>,
    /// Print the names of the steps that would run, and end
    #[arg(long)]
    list: bool,
    /// The deployer's program
    #[arg(long, value_name = "FILE", default_value = "target/debug/mysfits-deploy")]
    deployer: PathBuf,
    /// The local cloud's program
    #[arg(long, value_name = "FILE", default_value = "target/debug/mysfits-localcloud")]
    localcloud: PathBuf,
    /// The Python that has the emulator
    #[arg(long, value_name = "FILE", default_value = "python3")]
    python: PathBuf,
    /// Two packages with different models; the first one's recommends Atlantis to the workshop's data point
    #[arg(long, value_name = "DIR", num_args = 1)]
    package: Vec<PathBuf>,
    /// The folders of the two models' decision tables: what the API must answer
    #[arg(long, value_name = "DIR", num_args = 1)]
    table: Vec<PathBuf>,
    /// The chromedriver to start
    #[arg(long, default_value = "chromedriver")]
    chromedriver: PathBuf,
    /// The Chromium that it starts; by default the one that it finds
    #[arg(long)]
    chromium: Option<PathBuf>,
    /// A folder for state, logs and screenshots
    #[arg(long, default_value = "target/e2e")]
    work: PathBuf,
    /// Do not ask before a real account is touched
    #[arg(long)]
    yes: bool,
}

/// Which cloud the steps run in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TargetCloud {
    /// A real account: the credentials' own
    Aws,
    /// The emulators
    Local,
}

#[tokio::main]
async fn main() -> ExitCode {
    let begun = Instant::now();
    let cli = Cli::parse();
    let frame = if cli.target == TargetCloud::Local { steps::LOCAL_FRAME } else { steps::NO_FRAME };
    let plan = match StepPlan::new(steps::STEPS, frame, &cli.steps, cli.target) {
        Ok(plan) => plan,
        Err(error) => return report(error.as_ref()),
    };
    if cli.list {
        let listed = plan.names().iter().try_for_each(|name| outln!("{name}"));
        return listed.map_or_else(|error| report(&error), |()| ExitCode::SUCCESS);
    }
    let run = async {
        std::fs::create_dir_all(&cli.work)
            .with_context(|| format!("cannot make the folder {}", cli.work.display()))?;
        run::run(&cli, &plan).await
    };
    let result = tokio::select! {
        result = run => result,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    match result {
        Ok(counts) => match outln!("\n{counts}  ({:.0} s)", begun.elapsed().as_secs_f64()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => report(&error),
        },
        Err(error) => match outln!("\nFAILED: {error:#}") {
            Ok(()) => ExitCode::FAILURE,
            Err(_) => report(error.as_ref()),
        },
    }
}

/// Says what is done, does it, and says how it went and how long it took.
///
/// # Errors
/// What `work` fails with, under the step's name; or if standard output is closed or full.
pub async fn step<T>(what: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
    let begun = Instant::now();
    let result = work.await.with_context(|| what.to_owned());
    let verdict = if result.is_ok() { "ok    " } else { "FAILED" };
    let written = outln!("{verdict}  {:>6.1} s  {what}", begun.elapsed().as_secs_f64());
    let value = result?;
    written?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_defined() {
        super::Cli::command().debug_assert();
    }
}
