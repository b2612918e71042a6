//! The cloud on this machine: started when something is to be deployed into it, ended when it is empty again.

use std::{
    collections::BTreeMap,
    env, fs,
    net::TcpStream,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use mysfits_output::errln;
use mysfits_process::{LogFile, ServerProcess, StopMethod, start_process_group};

use crate::{
    build, platform,
    process::{add_option, program, run, step},
    tools::python::PythonEnvironment,
    workspace,
};

/// How long the emulators may take to be ready.
const START_TIMEOUT: Duration = Duration::from_mins(2);

/// The variable that overrides the folder target/local-cloud, for a second local cloud.
pub const FOLDER: &str = "MYSFITS_LOCAL_CLOUD";

/// A cloud on this machine, whether it runs or not.
pub struct LocalCloud {
    /// Where it says how it is reached.
    state: PathBuf,
}

impl LocalCloud {
    /// Returns the local cloud of `--target local`.
    pub fn own() -> Self {
        Self::at(env::var_os(FOLDER).map_or_else(
            || workspace::target().join("local-cloud"),
            |folder| workspace::from_caller(folder.as_ref()),
        ))
    }

    /// Returns the local cloud of a folder.
    pub fn at(state: PathBuf) -> Self {
        Self { state }
    }

    /// Returns a command of its program, with its folder.
    fn program(&self, command: &str) -> Command {
        let mut localcloud = program(workspace::debug("mysfits-localcloud"));
        localcloud.arg(command).arg("--state").arg(&self.state);
        localcloud
    }

    /// Starts it unless it runs.
    pub fn ensure(&self) -> Result<()> {
        if self.is_running() {
            return Ok(());
        }
        platform::require_linux("the local cloud")?;
        let python = step("the emulator (Python)", || PythonEnvironment::LocalCloud.ensure())?;
        build::cloud_programs(&[build::LOCAL_CLOUD])?;
        step("start the local cloud", || self.start(&python))
    }

    /// Gives a command the variables by which it is reached, while it runs.
    pub fn reach(&self, command: &mut Command) -> Result<()> {
        if !self.is_running() {
            bail!("the local cloud does not run; `cargo xtask deploy --target local` starts it");
        }
        command.envs(self.variables()?);
        // A profile of the person's own must not get a word in.
        command.env_remove("AWS_PROFILE").env_remove("AWS_SESSION_TOKEN");
        Ok(())
    }

    /// Returns what is left in a region of the emulators, by default their own, a line each.
    pub fn leftovers(&self, region: Option<&str>) -> Result<Vec<String>> {
        let python = PythonEnvironment::LocalCloud.ensure()?;
        let mut leftovers = self.program("leftovers");
        leftovers.arg("--python").arg(python);
        add_option(&mut leftovers, "--region", region);
        let output = leftovers.output();
        let output = output.context("cannot start mysfits-localcloud")?;
        if !matches!(output.status.code(), Some(0 | 1)) {
            bail!("mysfits-localcloud leftovers: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
    }

    /// Fails if anything is left in the emulators; says what.
    pub fn check_empty(&self) -> Result<()> {
        step("nothing is left in the local cloud", || {
            let left = self.leftovers(None)?;
            ensure!(left.is_empty(), "resources are left:\n{}", left.join("\n"));
            Ok(())
        })
    }

    pub fn stop(&self) -> Result<()> {
        step("end the local cloud", || run(&mut self.program("down")))
    }

    fn variables(&self) -> Result<BTreeMap<String, String>> {
        let path = self.state.join("env.json");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is damaged; delete it", path.display()))
    }

    /// Returns whether it accepts connections.
    pub fn is_running(&self) -> bool {
        let address = |variables: BTreeMap<String, String>| {
            let url = variables.get("MYSFITS_SITE_EDGE")?.clone();
            url.strip_prefix("http://")?.trim_end_matches('/').parse().ok()
        };
        let address = self.variables().ok().and_then(address);
        address.is_some_and(|address| TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok())
    }

    fn start(&self, python: &std::path::Path) -> Result<()> {
        // No other user of this machine may read the cloud's access key or its logs.
        platform::create_private_dir(&self.state)?;
        let _ = fs::remove_file(self.state.join("env.json"));
        let path = self.state.join("up.log");
        let _ = fs::remove_file(&path);
        platform::create_private_file(&path)?;
        let log = LogFile::append(path)?;
        let mut up = self.program("up");
        up.arg("--python").arg(python).stdin(Stdio::null()).stderr(log.stdio()?);
        // It outlives this command, so Ctrl-C must not reach it.
        start_process_group(&mut up);
        ServerProcess::start(&mut up, StopMethod::Terminate, &log, START_TIMEOUT)
            .with_context(|| format!("cannot start the local cloud; log: {}", log.path().display()))?
            .detach();
        errln!("  it runs until `cargo xtask destroy --target local`; log: {}", log.path().display());
        Ok(())
    }
}
