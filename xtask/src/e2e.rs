//! `e2e`: deploys the whole module, tests it and removes it, with the program `mysfits-cloud-e2e`.

use std::{path::PathBuf, process::Command};

use anyhow::Result;
use mysfits_output::errln;

use crate::{
    background,
    build::{bundle, programs, start_page},
    cloud::CloudTarget,
    localcloud,
    package::{self, BuildArgs},
    process::{program, run as run_program, step},
    tools::{browser::InstalledBrowser, python::PythonEnvironment, system, wasm::Wasm},
    workspace,
};

/// The deployer, and the program that runs the steps.
const PROGRAMS: [&str; 2] = ["mysfits-deploy", "mysfits-e2e"];

/// Deploy the whole module, test it with failures, and remove it
#[derive(Debug, clap::Args)]
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

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    if args.list || !args.steps.is_empty() {
        // Before what takes minutes: an unknown step is an error.
        programs(&PROGRAMS)?;
        run_program(selection(args.target, &args.steps).arg("--list"))?;
        if args.list {
            return Ok(());
        }
    }
    let prepared = PreparedTest::new(&args.build)?;
    for time in 1..=args.times {
        if args.times > 1 {
            errln!("\n▶ {time} of {}", args.times);
        }
        prepared.run(args.target, &args.steps, args.yes)?;
    }
    Ok(())
}

/// Returns the command that runs the selected steps.
fn selection(target: CloudTarget, steps: &[String]) -> Command {
    let mut e2e = program(workspace::debug("mysfits-cloud-e2e"));
    e2e.args(["--target", if target == CloudTarget::Aws { "aws" } else { "local" }]);
    e2e.args(steps.iter().map(|step| format!("--step={step}")));
    e2e
}

/// Everything that the program needs, built and installed.
pub struct PreparedTest {
    browser: InstalledBrowser,
    python: PathBuf,
    packages: [PathBuf; 2],
    tables: [PathBuf; 2],
}

impl PreparedTest {
    /// Builds and installs.
    pub fn new(build: &BuildArgs) -> Result<Self> {
        let wasm = step("a compiler for the page (wasm32)", Wasm::ensure)?;
        errln!("  {}", wasm.describe());
        let page = start_page(&wasm)?;
        let browser = step("a browser", InstalledBrowser::ensure)?;
        let function = package::build_function(&build.function)?;
        package::build_tools()?;
        background::wait(vec![page])?;
        bundle()?;
        Self::of_built(browser, &function, build)
    }

    /// Returns the same where page, bundler and function are built already.
    pub fn of_built(
        browser: InstalledBrowser,
        function: &package::BuiltFunction,
        build: &BuildArgs,
    ) -> Result<Self> {
        if system::find("curl").is_none() {
            system::install(&system::CURL)?;
        }
        let python = step("the emulator (Python)", || PythonEnvironment::LocalCloud.ensure())?;
        localcloud::build()?;
        programs(&PROGRAMS)?;
        let model = package::train("package-model", build)?;
        let other = package::train_at_random("package-other-model")?;
        let packages = [package::default_folder(), workspace::target().join("package-other")];
        package::assemble(function, &model, &packages[0])?;
        package::assemble(function, &other, &packages[1])?;
        Ok(Self { browser, python, packages, tables: [model.table, other.table] })
    }

    /// Runs the program once; without steps, all of them.
    pub fn run(&self, target: CloudTarget, steps: &[String], yes: bool) -> Result<()> {
        let mut e2e = selection(target, steps);
        e2e.arg("--deployer").arg(workspace::debug("mysfits-deploy"));
        e2e.arg("--localcloud").arg(workspace::debug("mysfits-localcloud"));
        e2e.arg("--python").arg(&self.python);
        for (option, paths) in [("--package", &self.packages), ("--table", &self.tables)] {
            for path in paths {
                e2e.arg(option).arg(path);
            }
        }
        e2e.arg("--chromium").arg(&self.browser.chromium);
        e2e.arg("--chromedriver").arg(&self.browser.chromedriver);
        e2e.arg("--work").arg(workspace::target().join("e2e"));
        if yes {
            e2e.arg("--yes");
        }
        step("deploy, test and remove the whole module", || run_program(&mut e2e))
    }
}
