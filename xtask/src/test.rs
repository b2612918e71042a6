//! `test`: everything that must hold. Each part can be run alone by its name.

mod parts;

use std::{
    env,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use clap::ValueEnum;
use mysfits_output::{errln, outln};

use parts::{Part, Run};

/// Run everything that must hold, or only some parts of it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only these parts
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// Go on after a part has failed; the default where CI=true
    #[arg(long)]
    keep_going: bool,
    /// Only the browser flows whose name contains this (part browser)
    #[arg(long, value_name = "FLOW", default_value = "")]
    only: String,
    /// Only the tests whose name contains this, and other arguments of the test programs (part unit)
    #[arg(last = true, value_name = "FILTER")]
    filter: Vec<String>,
}

/// What became of a part.
enum Outcome {
    Passed,
    Failed(anyhow::Error),
    /// The machine lacks what it needs and may do without.
    Skipped,
    /// An earlier part failed.
    NotRun,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let begun = Instant::now();
    let is_ci = env::var("CI").is_ok_and(|ci| ci == "true");
    let keep_going = args.keep_going || is_ci;
    // In the order of the enum, each once, whatever order they were named in.
    let is_chosen = |part: &Part| args.parts.is_empty() || args.parts.contains(part);
    let parts: Vec<Part> = Part::value_variants().iter().copied().filter(is_chosen).collect();
    let mut run = Run::start(&parts, &args.only, &args.filter)?;
    let mut results = Vec::new();
    let mut has_failed = false;
    for part in parts {
        let begun = Instant::now();
        let outcome = if has_failed && !keep_going {
            Outcome::NotRun
        } else {
            match run.part(part) {
                Ok(true) => Outcome::Passed,
                Ok(false) => Outcome::Skipped,
                Err(error) => {
                    errln!("\n✘ {}: {error:#}", part.name());
                    Outcome::Failed(error)
                }
            }
        };
        has_failed |= matches!(outcome, Outcome::Failed(_));
        results.push((part, outcome, begun.elapsed()));
    }
    report(&results, begun.elapsed())
}

/// Prints a line for each part; fails if a part did.
fn report(results: &[(Part, Outcome, Duration)], took: Duration) -> Result<()> {
    outln!("\n{:<14} {:<8} {:>7}", "part", "result", "seconds")?;
    let (mut n_passed, mut n_failed, mut n_skipped) = (0, 0, 0);
    for (part, outcome, took) in results {
        let (count, word) = match outcome {
            Outcome::Passed => (&mut n_passed, "passed"),
            Outcome::Failed(_) => (&mut n_failed, "FAILED"),
            Outcome::Skipped => (&mut n_skipped, "skipped"),
            Outcome::NotRun => (&mut n_skipped, "not run"),
        };
        *count += 1;
        outln!("{:<14} {word:<8} {:>7.0}", part.name(), took.as_secs_f64())?;
    }
    outln!("{:<14} {:<8} {:>7.0}\n", "all", "", took.as_secs_f64())?;
    let skipped = if n_skipped > 0 { format!(", {n_skipped} skipped") } else { String::new() };
    outln!("{n_passed} passed, {n_failed} failed{skipped}")?;
    let failures: Vec<String> = results
        .iter()
        .filter_map(|(part, outcome, _)| match outcome {
            Outcome::Failed(error) => Some(format!("{}: {error:#}", part.name())),
            _ => None,
        })
        .collect();
    if failures.is_empty() { Ok(()) } else { bail!("{}", failures.join("\n\n")) }
}
