//! `build`: the native programs, optimised, and the site.

use std::{
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
};

use anyhow::Result;
use mysfits_output::errln;

use crate::{
    process::{self, Background, cargo, program, step},
    shipped,
    tools::wasm::Wasm,
    workspace,
};

/// Build the native programs and the site.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_: &Args) -> Result<()> {
    build()?;
    errln!("\nserver: {}", workspace::release("mysfits-server").display());
    errln!("site:   {}", workspace::site().display());
    Ok(())
}

/// Builds everything that is served: the server and the site.
pub fn build() -> Result<()> {
    build_with(&[])
}

/// The same, with features of the server.
pub fn build_with(features: &[&str]) -> Result<()> {
    let wasm = step("a compiler for the page (wasm32)", Wasm::ensure)?;
    errln!("  {}", wasm.describe());
    // The page's last step, whole-program optimisation, keeps one core busy for long: the native builds use the other.
    let page = start_page(&wasm)?;
    build_server_with(features)?;
    programs(&["mysfits-bundle"])?;
    page.wait()?;
    bundle()
}

/// Builds the server, optimised.
pub fn build_server() -> Result<()> {
    build_server_with(&[])
}

/// The same, with features.
pub fn build_server_with(features: &[&str]) -> Result<()> {
    step("build the server", || process::run(&mut server_command(features)))
}

/// The command that builds the server, optimised.
pub fn server_command(features: &[&str]) -> Command {
    let mut build = cargo();
    build.args(["build", "--release", "--package", "mysfits-server"]);
    shipped::remap_paths(&mut build, &[]);
    build.args(["--features", &features.join(",")]);
    build
}

/// Every crate's programs and tests, with the features that the tests need.
pub const SHARED_FEATURES: [&str; 3] = [
    "--workspace",
    "--features",
    "mysfits-bundle/test-runner,mysfits-data/cli,mysfits-infra/cli,mysfits-server/endpoint",
];

/// Set for the commands that a run of many starts.
const SHARE: &str = "MYSFITS_SHARE_FEATURES";
static SHARES_FEATURES: AtomicBool = AtomicBool::new(false);

/// From now on [`programs`] builds all programs and tests at once, also in commands that are started through
/// [`process::program`]. Each package built alone would choose other features of common dependencies and compile them again:
/// worth it for one command, not for a run of many.
pub fn share_features() {
    SHARES_FEATURES.store(true, Ordering::Relaxed);
}

/// The variable that makes another xtask share features, if this one does.
pub fn inherited_sharing() -> Option<(&'static str, &'static str)> {
    shares_features().then_some((SHARE, "1"))
}

fn shares_features() -> bool {
    SHARES_FEATURES.load(Ordering::Relaxed) || std::env::var_os(SHARE).is_some()
}

/// Builds programs of packages quickly, for [`workspace::debug`].
pub fn programs(packages: &[&str]) -> Result<()> {
    let mut build = cargo();
    build.arg("build");
    if shares_features() {
        build.arg("--all-targets").args(SHARED_FEATURES);
    } else {
        build.args(packages.iter().flat_map(|package| ["--package", package]));
    }
    step(&format!("build {}", packages.join(", ")), || process::run(&mut build))
}

/// Starts to compile the page.
pub fn start_page(wasm: &Wasm) -> Result<Background> {
    Background::start("compile the page to wasm", "page", &mut page_command(wasm))
}

/// The command that compiles the page.
pub fn page_command(wasm: &Wasm) -> Command {
    let mut command = wasm.cargo("build");
    command.args(["--profile", "wasm", "--package", "mysfits-web", "--bin", "mysfits-web"]);
    command
}

/// Makes the site of the compiled page. Sizes over budget are a warning: another compiler may make the page larger.
pub fn bundle() -> Result<()> {
    bundle_with(&[])
}

/// Makes the site of the compiled page; sizes over budget are an error.
pub fn bundle_within_budget() -> Result<()> {
    bundle_with(&["--enforce-budget"])
}

fn bundle_with(options: &[&str]) -> Result<()> {
    let wasm = workspace::target().join("web/wasm32-unknown-unknown/wasm/mysfits-web.wasm");
    step("bundle the site", || {
        let mut bundle = program(workspace::debug("mysfits-bundle"));
        process::run(bundle.arg("--wasm").arg(wasm).arg("--out").arg(workspace::site()).args(options))
    })
}
