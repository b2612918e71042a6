//! A local cloud of the notebook's own: started for a run, empty and ended after it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use super::{CLOUD_PROGRAM, folder};
use crate::{
    build::programs,
    localcloud,
    process::{program, run, step},
    server,
    tools::python::PythonEnvironment,
    workspace,
};

/// Builds the program that calls AWS for the notebook.
pub(super) fn build() -> Result<()> {
    programs(&["mysfits-notebook-cloud"])
}

/// That program.
pub(super) fn notebook_cloud() -> PathBuf {
    workspace::debug("mysfits-notebook-cloud")
}

/// Starts a local cloud with the stack of bucket and role in it, does something with commands that are led there, and
/// takes everything out again: fails if anything is left.
pub(super) fn with_local_cloud<T>(
    work: impl FnOnce(&dyn Fn(&mut Command) -> Result<()>) -> Result<T>,
) -> Result<T> {
    let python = step("the emulator (Python)", || PythonEnvironment::LocalCloud.ensure())?;
    localcloud::build()?;
    build()?;
    programs(&["mysfits-deploy"])?;
    let state = folder().join("cloud");
    fs::create_dir_all(&state)?;
    let mut up = program(workspace::debug("mysfits-localcloud"));
    up.arg("up").arg("--python").arg(&python).arg("--state").arg(&state);
    let cloud = step("start a local cloud", || server::spawn(&mut up))?;
    let variables = variables(&state)?;
    let reach = |command: &mut Command| {
        command.env_remove("AWS_PROFILE").env_remove("AWS_SESSION_TOKEN");
        command.envs(&variables).env(CLOUD_PROGRAM, notebook_cloud());
        Ok(())
    };
    let led = |mut command: Command| reach(&mut command).and_then(|()| run(&mut command));

    let worked = step("the stack with the data bucket and the notebook's role", || {
        let mut prepare = program(notebook_cloud());
        prepare.arg("prepare");
        led(prepare)
    })
    .and_then(|()| work(&reach));
    let emptied = step("everything out of the local cloud again", || {
        let mut destroy = program(workspace::debug("mysfits-deploy"));
        destroy.args(["destroy", "--yes"]);
        led(destroy)?;
        let mut leftovers = program(workspace::debug("mysfits-localcloud"));
        leftovers.arg("leftovers").arg("--python").arg(&python).arg("--state").arg(&state);
        run(&mut leftovers)
    });
    let ended = cloud.stop();
    // The first error is the cause; report it before the others.
    let worked = worked?;
    emptied.and(ended)?;
    Ok(worked)
}

/// Returns the variables that lead every AWS tool to the cloud of this state.
fn variables(state: &Path) -> Result<BTreeMap<String, String>> {
    let path = state.join("env.json");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is damaged", path.display()))
}
