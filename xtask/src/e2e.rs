//! `e2e`: deploys the whole module, tests it and removes it, with the program `mysfits-cloud-e2e`.

use std::process::Command;

use anyhow::Result;
use mysfits_output::errln;

use crate::{
    build::{DEPLOYER, LOCAL_CLOUD, cloud_programs, programs},
    cloud::CloudTarget,
    package::{self, BuildArgs},
    process::{choice_name, program, run as run_program, step},
    tools::{browser::InstalledBrowser, python::PythonEnvironment, system},
    workspace,
};

/// The package of the program that runs the steps.
const E2E: &str = "mysfits-e2e";

/// Deploy the whole module, test it with failures, and remove it
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// The cloud: emulators that the command starts and stops, or a real account, after a confirmation
    #[arg(long, value_enum, default_value_t = CloudTarget::Local)]
    target: CloudTarget,
    #[command(flatten)]
    build: BuildArgs,
    /// Only the steps whose name contains this, with the steps that they need; may be repeated
    #[arg(long = "step", value_name = "NAME")]
    steps: Vec<String>,
    /// Print the names of the steps that would run, and end
    #[arg(long)]
    list: bool,
    /// How many times in a row
    #[arg(long, default_value_t = 1)]
    times: usize,
    /// Do not ask (--target aws)
    #[arg(long)]
    yes: bool,
}

pub fn run(args: &Args) -> Result<()> {
    if args.list || !args.steps.is_empty() {
        // Before what takes minutes: an unknown step is an error.
        programs(&[E2E])?;
        run_program(selection(args.target, &args.steps).arg("--list"))?;
        if args.list {
            return Ok(());
        }
    }
    // Before the builds, because it may have to be installed.
    step("a browser", InstalledBrowser::ensure)?;
    run_built(args, &package::build_parts(&args.build.function, &[LOCAL_CLOUD])?)
}

/// Returns the command that runs the selected steps.
fn selection(target: CloudTarget, steps: &[String]) -> Command {
    let mut e2e = program(workspace::debug("mysfits-cloud-e2e"));
    e2e.arg("--target").arg(choice_name(target));
    e2e.args(steps.iter().map(|step| format!("--step={step}")));
    e2e
}

/// Runs the command where page, bundler and function are built already.
pub fn run_built(args: &Args, function: &package::BuiltFunction) -> Result<()> {
    let browser = step("a browser", InstalledBrowser::ensure)?;
    system::ensure_curl()?;
    let python = step("the emulator (Python)", || PythonEnvironment::LocalCloud.ensure())?;
    cloud_programs(&[DEPLOYER, LOCAL_CLOUD])?;
    programs(&[E2E])?;
    let model = package::train("package-model", &args.build)?;
    let other = package::train_at_random("package-other-model")?;
    let mut e2e = selection(args.target, &args.steps);
    e2e.arg("--deployer").arg(workspace::debug("mysfits-deploy"));
    e2e.arg("--localcloud").arg(workspace::debug("mysfits-localcloud"));
    e2e.arg("--python").arg(&python).arg("--work").arg(workspace::target().join("e2e"));
    e2e.arg("--chromium").arg(&browser.chromium).arg("--chromedriver").arg(&browser.chromedriver);
    let folders = [package::default_folder(), workspace::target().join("package-other")];
    for (model, folder) in [model, other].iter().zip(&folders) {
        package::assemble(function, model, folder)?;
        e2e.arg("--package").arg(folder).arg("--table").arg(&model.table);
    }
    e2e.args(args.yes.then_some("--yes"));
    for time in 1..=args.times.max(1) {
        if args.times > 1 {
            errln!("\n▶ {time} of {}", args.times);
        }
        step("deploy, test and remove the whole module", || run_program(&mut e2e))?;
    }
    Ok(())
}
