//! A local cloud of the notebook's own: started for a run, empty and ended after it.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use super::{CLOUD_PROGRAM, folder};
use crate::{
    build::{DEPLOYER, cloud_programs, programs},
    localcloud::LocalCloud,
    process::{program, run, step},
    workspace,
};

/// Builds the program that calls AWS for the notebook.
pub(super) fn build() -> Result<()> {
    programs(&["mysfits-notebook-cloud"])
}

pub(super) fn notebook_cloud() -> PathBuf {
    workspace::debug("mysfits-notebook-cloud")
}

/// Starts a local cloud with the stack of bucket and roles in it, does something with commands that are led there, and
/// takes everything out again: fails if anything is left.
pub(super) fn with_local_cloud<T>(
    work: impl FnOnce(&dyn Fn(&mut Command) -> Result<()>) -> Result<T>,
) -> Result<T> {
    build()?;
    cloud_programs(&[DEPLOYER])?;
    let cloud = LocalCloud::at(folder().join("cloud"));
    // A run that was killed may have left it.
    if cloud.is_running() {
        cloud.stop()?;
    }
    cloud.ensure()?;
    let reach = |command: &mut Command| {
        command.env(CLOUD_PROGRAM, notebook_cloud());
        cloud.reach(command)
    };
    let led = |mut command: Command| reach(&mut command).and_then(|()| run(&mut command));

    let worked = step("the stack with the data bucket and the roles", || {
        let mut prepare = program(notebook_cloud());
        prepare.arg("prepare");
        led(prepare)
    })
    .and_then(|()| work(&reach));
    let emptied = step("everything out of the local cloud again", || {
        let mut destroy = program(workspace::debug("mysfits-deploy"));
        destroy.args(["destroy", "--yes", "--delete-data"]);
        led(destroy)
    })
    .and_then(|()| cloud.check_empty());
    let ended = cloud.stop();
    // The first error is the cause; report it before the others.
    let worked = worked?;
    emptied.and(ended)?;
    Ok(worked)
}
