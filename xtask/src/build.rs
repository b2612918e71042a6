//! `build`: the native programs, optimised, and the site.

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
    step("build the site's bundler", || {
        process::run(cargo().args(["build", "--package", "mysfits-bundle"]))
    })?;
    page.wait()?;
    bundle()
}

/// Builds the server, optimised.
pub fn build_server() -> Result<()> {
    build_server_with(&[])
}

fn build_server_with(features: &[&str]) -> Result<()> {
    step("build the server", || {
        let mut build = cargo();
        build.args(["build", "--release", "--package", "mysfits-server"]);
        shipped::remap_paths(&mut build, &[]);
        process::run(build.args(["--features", &features.join(",")]))
    })
}

/// Starts to compile the page.
pub fn start_page(wasm: &Wasm) -> Result<Background> {
    let mut command = wasm.cargo("build");
    command.args(["--profile", "wasm", "--package", "mysfits-web", "--bin", "mysfits-web"]);
    Background::start("compile the page to wasm", "page", &mut command)
}

/// Makes the site of the compiled page.
pub fn bundle() -> Result<()> {
    let wasm = workspace::target().join("web/wasm32-unknown-unknown/wasm/mysfits-web.wasm");
    step("bundle the site", || {
        let mut bundle = program(workspace::debug("mysfits-bundle"));
        process::run(bundle.arg("--wasm").arg(wasm).arg("--out").arg(workspace::site()))
    })
}
