//! `test`: the tests of the workspace, in parts. Each part can be run alone by its name.

mod parts;
mod tools;

use std::{
    env,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use clap::ValueEnum;
use mysfits_output::{errln, outln};

use parts::{Run, TestPart};

use crate::process::choice_name;

/// Run all tests, or only some parts
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only these parts [default: all but features, distribution, fuzz, wasm, examples, integrations and notebook]
    #[arg(value_enum)]
    parts: Vec<TestPart>,
    /// Run the nightly set: all parts
    #[arg(long, conflicts_with = "parts")]
    nightly: bool,
    /// Go on after a part has failed; the default where CI=true
    #[arg(long)]
    keep_going: bool,
    /// Only the browser flows whose name contains this (parts browser and engines)
    #[arg(long, value_name = "FLOW", default_value = "")]
    only: String,
    /// Only the tests whose name contains this, and other arguments of the test programs (part unit)
    #[arg(last = true, value_name = "FILTER")]
    filter: Vec<String>,
}

impl Args {
    /// Returns the parts to run, in the order of the enum, each once.
    fn chosen(&self) -> Vec<TestPart> {
        let is_chosen = |part: &TestPart| {
            if self.parts.is_empty() { self.nightly || !part.is_nightly() } else { self.parts.contains(part) }
        };
        TestPart::value_variants().iter().copied().filter(is_chosen).collect()
    }
}

/// Returns the names of the parts that run for a pull request.
#[cfg(test)]
pub fn pull_request_parts() -> Vec<String> {
    let parts = TestPart::value_variants().iter().filter(|part| !part.is_nightly());
    parts.map(|part| choice_name(*part)).collect()
}

/// The result of a part.
enum PartOutcome {
    Passed,
    Failed(anyhow::Error),
    /// The machine lacks what it needs and may do without.
    Skipped,
    /// An earlier part failed.
    NotRun,
}

pub fn run(args: &Args) -> Result<()> {
    let begun = Instant::now();
    let is_ci = env::var("CI").is_ok_and(|ci| ci == "true");
    let keep_going = args.keep_going || is_ci;
    let parts = args.chosen();
    tools::check(&parts)?;
    tools::fetch(&parts);
    let mut run = Run::start(&parts, &args.only, &args.filter, args.nightly)?;
    let mut results = Vec::new();
    let mut has_failed = false;
    for part in parts {
        let begun = Instant::now();
        let outcome = if has_failed && !keep_going {
            PartOutcome::NotRun
        } else {
            match run.part(part) {
                Ok(true) => PartOutcome::Passed,
                Ok(false) => PartOutcome::Skipped,
                Err(error) => {
                    errln!("\n✘ {}: {error:#}", choice_name(part));
                    PartOutcome::Failed(error)
                }
            }
        };
        has_failed |= matches!(outcome, PartOutcome::Failed(_));
        results.push((part, outcome, begun.elapsed()));
    }
    report(&results, begun.elapsed())
}

/// Prints a line for each part; fails if a part did.
fn report(results: &[(TestPart, PartOutcome, Duration)], took: Duration) -> Result<()> {
    outln!("\n{:<14} {:<8} {:>7}", "part", "result", "seconds")?;
    let (mut n_passed, mut n_failed, mut n_skipped) = (0, 0, 0);
    for (part, outcome, took) in results {
        let (count, word) = match outcome {
            PartOutcome::Passed => (&mut n_passed, "passed"),
            PartOutcome::Failed(_) => (&mut n_failed, "FAILED"),
            PartOutcome::Skipped => (&mut n_skipped, "skipped"),
            PartOutcome::NotRun => (&mut n_skipped, "not run"),
        };
        *count += 1;
        outln!("{:<14} {word:<8} {:>7.0}", choice_name(*part), took.as_secs_f64())?;
    }
    outln!("{:<14} {:<8} {:>7.0}\n", "all", "", took.as_secs_f64())?;
    let skipped = if n_skipped > 0 { format!(", {n_skipped} skipped") } else { String::new() };
    outln!("{n_passed} passed, {n_failed} failed{skipped}")?;
    let failures: Vec<String> = results
        .iter()
        .filter_map(|(part, outcome, _)| match outcome {
            PartOutcome::Failed(error) => Some(format!("{}: {error:#}", choice_name(*part))),
            _ => None,
        })
        .collect();
    if failures.is_empty() { Ok(()) } else { bail!("{}", failures.join("\n\n")) }
}

#[cfg(test)]
mod tests {
    use clap::{Parser, error::ErrorKind};

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        args: Args,
    }

    fn chosen(arguments: &[&str]) -> Vec<TestPart> {
        Command::try_parse_from([&["test"], arguments].concat()).unwrap().args.chosen()
    }

    #[test]
    fn default_set_leaves_out_nightly_parts() {
        let parts = chosen(&[]);
        for part in [
            TestPart::Fuzz,
            TestPart::Features,
            TestPart::Distribution,
            TestPart::Wasm,
            TestPart::Examples,
            TestPart::Integrations,
            TestPart::Notebook,
        ] {
            assert!(!parts.contains(&part), "{parts:?}");
        }
        assert_eq!(parts.len(), TestPart::value_variants().len() - 7);
    }

    #[test]
    fn nightly_set_has_all_parts() {
        assert_eq!(chosen(&["--nightly"]), TestPart::value_variants());
    }

    #[test]
    fn runs_named_parts_once_in_order() {
        assert_eq!(
            chosen(&["fuzz", "unit", "features", "unit"]),
            [TestPart::Features, TestPart::Unit, TestPart::Fuzz]
        );
    }

    #[test]
    fn rejects_named_parts_with_nightly() {
        let error = Command::try_parse_from(["test", "--nightly", "unit"]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ArgumentConflict);
    }
}
