//! The deployer as a person runs it: a process with arguments, output and an end, wanted or not.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use mysfits_process::{ChildProcess, LogFile, StopMethod};
use tokio::process::Command;

/// How long a run may take: a real account needs a quarter of an hour for CloudFront alone.
const TIMEOUT: Duration = Duration::from_hours(1);

/// The command that removes everything.
pub const DESTROY: [&str; 3] = ["destroy", "--yes", "--delete-data"];
/// The options of a deployment with an endpoint and the model of the package, whose answers are known.
pub const PACKAGED_ENDPOINT: [&str; 6] =
    ["--backend", "endpoint", "--hosting", "instance", "--train", "local"];

/// The deployer, and the cloud that it talks to.
#[derive(Debug)]
pub struct DeployerProgram {
    program: PathBuf,
    variables: BTreeMap<String, String>,
    log: PathBuf,
}

/// Where a deployed module answers.
#[derive(Debug, Clone)]
pub struct DeployedAddresses {
    /// The API, with its stage.
    pub api: String,
    /// The site.
    pub site: String,
}

impl DeployerProgram {
    /// The deployer with the variables by which its cloud is reached; everything it prints goes to `log` too.
    pub fn new(program: &Path, variables: BTreeMap<String, String>, log: PathBuf) -> Self {
        Self { program: program.to_owned(), variables, log }
    }

    /// Returns the variables by which it reaches its cloud.
    #[must_use]
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).envs(&self.variables);
        if !self.variables.is_empty() {
            command.env_remove("AWS_PROFILE").env_remove("AWS_SESSION_TOKEN");
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Runs a command to its end; what it printed.
    ///
    /// # Errors
    /// If it fails, with what it printed last.
    pub async fn run(&self, arguments: &[&str]) -> Result<String> {
        let output = tokio::time::timeout(TIMEOUT, self.command(arguments).output())
            .await
            .with_context(|| format!("not done within {} s", TIMEOUT.as_secs()))?
            .context("cannot start the deployer")?;
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        self.keep(arguments, &stdout, &stderr)?;
        if !output.status.success() {
            let tail: Vec<_> = stdout.lines().chain(stderr.lines()).collect();
            let tail = tail[tail.len().saturating_sub(25)..].join("\n    ");
            bail!("mysfits-deploy {}: {}\n    {tail}", arguments.join(" "), output.status);
        }
        Ok(stdout)
    }

    /// Deploys; where the module answers then, and what the deployer printed.
    ///
    /// # Errors
    /// If it fails or names no addresses.
    pub async fn deploy(&self, package: &Path, options: &[&str]) -> Result<(DeployedAddresses, String)> {
        let package = package.to_str().context("the package's path is no text")?;
        let mut arguments = vec!["deploy", "--yes", "--package", package];
        arguments.extend(options);
        let printed = self.run(&arguments).await?;
        check_progress(&printed)?;
        let find = |word: &str| {
            let line = printed.lines().rev().find_map(|line| line.strip_prefix(word));
            line.map(str::trim).map(str::to_owned).with_context(|| format!("no line {word:?} in\n{printed}"))
        };
        ensure!(printed.lines().any(|line| line == "ready"), "it does not say ready:\n{printed}");
        Ok((DeployedAddresses { api: find("api ")?, site: find("site ")? }, printed))
    }

    /// Runs a command and kills it, without warning, when it has been in a stage for `after`. Whether it got there.
    ///
    /// # Errors
    /// If it cannot be run, or fails by itself before.
    pub async fn kill_in(&self, stage: &str, after: Duration, arguments: &[&str]) -> Result<bool> {
        let (output, errors) = (LogFile::temporary()?, LogFile::temporary()?);
        let mut command = self.command(arguments).into_std();
        command.stdout(output.stdio()?).stderr(errors.stdio()?);
        let mut process = ChildProcess::start(&mut command, StopMethod::Kill)?;
        let announced = format!("stage {stage}");
        let is_announced = |line: &str| (line == announced).then_some(());
        let reached = process.wait_for_line(&output, TIMEOUT, is_announced)?.is_some();
        let status = if reached {
            tokio::time::sleep(after).await;
            process.stop()?
        } else {
            process.wait()?
        };
        let errors = errors.text()?;
        self.keep(arguments, &output.text()?, &format!("{errors}\n(stage {stage}: killed: {reached})\n"))?;
        ensure!(reached || status.success(), "failed before stage {stage}: {errors}");
        Ok(reached)
    }

    /// Starts a command and stops it, by a signal, when it announces a stage. It is killed when the value is dropped.
    ///
    /// # Errors
    /// If it cannot be run, or ends before.
    pub fn pause_in(&self, stage: &str, arguments: &[&str]) -> Result<ChildProcess> {
        let output = LogFile::temporary()?;
        let mut command = self.command(arguments).into_std();
        command.stdout(output.stdio()?).stderr(output.stdio()?);
        let mut process = ChildProcess::start(&mut command, StopMethod::Kill)?;
        let announced = format!("stage {stage}");
        let reached = process.wait_for_line(&output, TIMEOUT, |line| (line == announced).then_some(()))?;
        reached.with_context(|| format!("no stage {stage}"))?;
        let id = process.id().to_string();
        let signal = std::process::Command::new("sh").args(["-c", "kill -STOP \"$0\"", &id]).status()?;
        ensure!(signal.success(), "cannot stop the process {id}: {signal}");
        Ok(process)
    }

    fn keep(&self, arguments: &[&str], stdout: &str, stderr: &str) -> Result<()> {
        let mut log = File::options().create(true).append(true).open(&self.log)?;
        write!(log, "\n$ mysfits-deploy {}\n{stdout}{stderr}", arguments.join(" "))?;
        Ok(())
    }
}

/// Checks that progress without a terminal reads well in a log: no control characters, the duration of each stage, and no line
/// that repeats the one before.
fn check_progress(printed: &str) -> Result<()> {
    let control = printed.chars().find(|c| c.is_control() && *c != '\n');
    ensure!(control.is_none(), "the progress has the control character {control:?}:\n{printed}");
    let lines: Vec<_> = printed.lines().collect();
    for stage in stages(printed) {
        let took = format!("  {stage} took ");
        ensure!(lines.iter().any(|line| line.starts_with(&took)), "no duration of {stage}:\n{printed}");
    }
    let repeated = lines.windows(2).find(|pair| pair[0] == pair[1] && !pair[0].is_empty());
    ensure!(repeated.is_none(), "the progress repeats {repeated:?}:\n{printed}");
    Ok(())
}

/// Returns the stages that a run announced, in order, each once. The line about account and region names the stage of the
/// deployment, which is another one.
pub fn stages(printed: &str) -> Vec<String> {
    let mut stages: Vec<String> = Vec::new();
    for stage in printed.lines().filter_map(|line| line.strip_prefix("stage ")) {
        if !stage.contains(' ') && !stages.iter().any(|known| known == stage) {
            stages.push(stage.to_owned());
        }
    }
    stages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_must_read_well_in_a_log() {
        let good = "stage dev, account 1, region a\nstage plan\n  plan took 0.1 s\nstage upload-site\nfile\n  upload-site took 2.0 s\nready\n";
        assert!(check_progress(good).is_ok());
        for wrong in [
            good.replace("  plan took 0.1 s\n", ""),
            good.replace("file", "\u{1b}[2Kfile"),
            good.replace("file", "10 %\r20 %"),
            good.replace("file", "waiting\nwaiting"),
        ] {
            assert!(check_progress(&wrong).is_err(), "{wrong}");
        }
    }
}
