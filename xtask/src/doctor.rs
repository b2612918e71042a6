//! `doctor`: what is installed, what is missing, and how to get it. Changes nothing.

use anyhow::Result;
use mysfits_output::{OutputError, outln};

use crate::{
    process::{output, program},
    tools::{browser::Browser, python::Environment, system, wasm::Wasm},
};

/// Say what is installed, what is missing, and how to get it.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_: &Args) -> Result<()> {
    let by_itself = if system::can_install() { "; the commands that need it install it" } else { "" };
    let rust = output(program("rustc").arg("--version"));
    show("Rust", rust, "https://rustup.rs")?;
    let wasm = Wasm::installed().map(|wasm| wasm.describe());
    show(
        "wasm32 compiler",
        wasm,
        &format!(
            "rustup target add wasm32-unknown-unknown; or, on Debian, apt-get install rustc-web cargo-web \
             rust-web-src and the lld of its LLVM version{by_itself}"
        ),
    )?;
    let browser = Browser::installed();
    let version = browser.as_ref().map(|browser| {
        output(program(&browser.chromium).arg("--version"))
            .unwrap_or_else(|| browser.chromium.display().to_string())
    });
    show(
        "Chromium and its driver",
        version,
        &format!("apt-get install chromium chromium-driver{by_itself}"),
    )?;
    for environment in Environment::ALL {
        let python = environment.installed().map(|python| python.display().to_string());
        let what = format!("Python: {}", environment.describe());
        show(&what, python, "the commands that need it make it, of Python 3.11 or newer")?;
    }
    outln!(
        "\nNeeded for: dev, build, package, deploy: Rust, wasm32 compiler; deploy --target local: MiniStack too; e2e: Chromium \
         too; lighthouse: Rust, wasm32 compiler, Chromium, Node; test: all of them but the reference server (FastAPI), \
         awslambdaric and moto; bench: Rust, the oracles' Python (faiss, scikit-learn), the reference server's, \
         awslambdaric; conformance: Rust, the clients' Pythons, Node; moto only for --against moto; notebook: Rust, \
         nbclient's Python, MiniStack."
    )?;
    Ok(())
}

fn show(what: &str, found: Option<String>, remedy: &str) -> Result<(), OutputError> {
    match found {
        Some(found) => outln!("ok       {what:<32} {}", found.lines().next().unwrap_or_default()),
        None => outln!("missing  {what:<32} {remedy}"),
    }
}
