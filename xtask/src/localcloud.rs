//! The cloud on this machine: started when something is to be deployed into it, ended when it is empty again.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    net::TcpStream,
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use crate::{
    process::{cargo, program, run, step},
    tools::python::Environment,
    workspace,
};

/// How long the emulators may take to be ready.
const START_TIMEOUT: Duration = Duration::from_mins(2);

/// Where the local cloud says how it is reached.
pub fn state() -> PathBuf {
    workspace::target().join("local-cloud")
}

/// Builds the local cloud's program.
pub fn build() -> Result<()> {
    step("build the local cloud", || run(cargo().args(["build", "--package", "mysfits-localcloud"])))
}

/// The local cloud's program, with its state.
fn localcloud(command: &str) -> Command {
    let mut localcloud = program(workspace::debug("mysfits-localcloud"));
    localcloud.arg(command).arg("--state").arg(state());
    localcloud
}

/// Starts the local cloud unless it runs, and gives its variables to a command.
pub fn ensure(command: &mut Command) -> Result<()> {
    if !is_running() {
        let python = step("the emulator (Python)", || Environment::LocalCloud.ensure())?;
        build()?;
        step("start the local cloud", || start(&python))?;
    }
    reach(command)
}

/// Gives a command the variables by which the running local cloud is reached.
pub fn reach(command: &mut Command) -> Result<()> {
    if !is_running() {
        bail!("the local cloud does not run; `cargo xtask deploy --target local` starts it");
    }
    command.envs(variables()?);
    // A profile of the person's own must not get a word in.
    command.env_remove("AWS_PROFILE").env_remove("AWS_SESSION_TOKEN");
    Ok(())
}

/// Fails if anything is left in the emulators; says what.
pub fn check_empty() -> Result<()> {
    let python = Environment::LocalCloud.ensure()?;
    step("nothing is left in the local cloud", || run(localcloud("leftovers").arg("--python").arg(python)))
}

/// Ends the local cloud.
pub fn stop() -> Result<()> {
    step("end the local cloud", || run(&mut localcloud("down")))
}

fn variables() -> Result<BTreeMap<String, String>> {
    let path = state().join("env.json");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is damaged; delete it", path.display()))
}

/// Whether the local cloud answers where its state says.
fn is_running() -> bool {
    let address = |variables: BTreeMap<String, String>| {
        let url = variables.get("MYSFITS_SITE_EDGE")?.clone();
        url.strip_prefix("http://")?.trim_end_matches('/').parse().ok()
    };
    let address = variables().ok().and_then(address);
    address.is_some_and(|address| TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok())
}

fn start(python: &std::path::Path) -> Result<()> {
    fs::create_dir_all(state())?;
    let _ = fs::remove_file(state().join("env.json"));
    let log = workspace::log("local-cloud");
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = File::create(&log)?;
    let mut up = localcloud("up");
    up.arg("--python").arg(python).stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
    // A group of its own: it outlives this command, and Ctrl-C is not for it.
    let mut child = up.process_group(0).spawn().context("cannot start the local cloud")?;
    let begun = Instant::now();
    while begun.elapsed() < START_TIMEOUT {
        if let Some(status) = child.try_wait()? {
            let log = fs::read_to_string(&log).unwrap_or_default();
            bail!("the local cloud ended before it was ready: {status}\n{log}");
        }
        if fs::read_to_string(&log).is_ok_and(|log| log.lines().any(|line| line.starts_with("ready "))) {
            eprintln!(
                "  it goes on running until `cargo xtask destroy --target local`; log: {}",
                log.display()
            );
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let _ = child.kill();
    bail!("the local cloud was not ready within {} s; log: {}", START_TIMEOUT.as_secs(), log.display())
}
