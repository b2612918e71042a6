//! Runs the guide's blocks and compares their output with what the guide shows.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use mysfits_markdown::{CodeBlock, ShownCommand, commands};
use mysfits_output::{OutputError, outln};
use mysfits_process::{LogFile, ServerProcess};

use super::{BlockKind, GuideText, running, sections::Mode};
use crate::{
    expectation,
    localcloud::{self, LocalCloud},
    process::program,
    readme::ADDRESS,
    tools::{python::PythonEnvironment, system},
    workspace,
};

/// The commands that ask for confirmation.
const CONFIRMED: [&str; 2] = ["deploy", "destroy"];
/// How much of a failed command's progress is shown, in bytes.
const SHOWN_BYTES: u64 = 3000;

/// Runs the pages, and compares what is printed with what they show in each of the languages. `modes` says what to do with each
/// section.
pub fn run(languages: &[&[GuideText]], modes: &[Mode]) -> Result<()> {
    run_with(GuideRunner::new()?, languages, modes)
}

fn run_with(mut runner: GuideRunner, languages: &[&[GuideText]], modes: &[Mode]) -> Result<()> {
    let first = languages.first().context("no text to run")?;
    let mut failures = Vec::new();
    for (number, page) in first.iter().enumerate() {
        for (position, (kind, block)) in page.blocks.iter().enumerate() {
            let mode = modes[page.section_of(block).number - 1];
            if mode == Mode::Skip {
                continue;
            }
            // What is printed once is compared with every text, each at its own line.
            let texts = languages.iter().map(|pages| &pages[number]);
            let places: Vec<String> =
                texts.map(|text| format!("{}:{}", text.file, text.blocks[position].1.line)).collect();
            let before = failures.len();
            runner.compares = mode == Mode::Compare;
            runner.block(*kind, block, &places, &mut failures)?;
            for failure in &failures[before..] {
                outln!("FAILED  {failure}")?;
            }
        }
    }
    ensure!(failures.is_empty(), "{} outputs differ from what the guide shows", failures.len());
    if modes.iter().all(|mode| *mode == Mode::Compare) {
        runner.finish()
    } else {
        // Later sections would have removed what was deployed; dropping the runner stops the clouds.
        runner.stop_server()
    }
}

/// The state of a run.
struct GuideRunner {
    folder: PathBuf,
    /// A local cloud of this run, apart from one that may be in use.
    cloud: LocalCloud,
    /// An emulated AWS account, for the commands that the guide shows for a real one: a second local cloud, started on first
    /// use. The commands run as they are shown; environment variables lead them to it.
    account: LocalCloud,
    server: Option<ServerProcess>,
    /// What the last block printed.
    printed: String,
    /// Whether what is printed is compared with what is shown.
    compares: bool,
}

impl GuideRunner {
    fn new() -> Result<Self> {
        system::ensure_curl()?;
        let folder = workspace::target().join("guide");
        let runner = Self::in_folder(folder.clone());
        // A run that was killed may have left its clouds.
        runner.stop_clouds()?;
        workspace::remove_folder(&folder)?;
        fs::create_dir_all(&folder)?;
        Ok(runner)
    }

    fn in_folder(folder: PathBuf) -> Self {
        let (cloud, account) =
            (LocalCloud::at(folder.join("local-cloud")), LocalCloud::at(folder.join("account")));
        Self { folder, cloud, account, server: None, printed: String::new(), compares: true }
    }

    fn stop_clouds(&self) -> Result<()> {
        let mut running = [&self.cloud, &self.account].into_iter().filter(|cloud| cloud.is_running());
        running.try_for_each(LocalCloud::stop)
    }

    /// Runs a block. A failure or a difference is added to `failures`, and the run continues, so that one run reports
    /// everything.
    fn block(
        &mut self,
        kind: BlockKind,
        block: &CodeBlock,
        places: &[String],
        failures: &mut Vec<String>,
    ) -> Result<()> {
        let place = places.join(", ");
        let passed = if self.compares { "ok " } else { "ran" };
        let mut verdict = |what: &str, begun: Instant, checked: Result<()>| -> Result<(), OutputError> {
            let what = what.lines().next().unwrap_or_default();
            match checked {
                Ok(()) => {
                    return outln!("{passed}     {:>6.1} s  {place}  {what}", begun.elapsed().as_secs_f64());
                }
                Err(error) => failures.push(format!("{place}  {what}\n{error:#}")),
            }
            Ok(())
        };
        let begun = Instant::now();
        match kind {
            BlockKind::Rust | BlockKind::Diagram => {}
            BlockKind::Console | BlockKind::Account => {
                self.printed.clear();
                for ShownCommand { command, output } in commands(&block.text) {
                    let begun = Instant::now();
                    let checked = self.run(kind, &command).and_then(|printed| {
                        self.printed.push_str(&printed);
                        self.compare(&output, &printed)
                    });
                    verdict(&command, begun, checked)?;
                }
            }
            BlockKind::Server => {
                let all = commands(&block.text);
                let [ShownCommand { command, output }] = all.as_slice() else {
                    bail!("{place}: expected one command that starts a server");
                };
                // The texts show one port, so the next server replaces the last one.
                self.stop_server()?;
                // Nothing that follows works without a server.
                let bash = self.bash(&running::script(command));
                let server =
                    running::start(bash, &self.folder).with_context(|| format!("{place}  {command}"))?;
                let printed = server.printed().replace(server.url(), ADDRESS);
                self.server = Some(server);
                verdict(command, begun, self.compare(output, &printed))?;
            }
            BlockKind::Shell => {
                let printed = self.run(kind, &block.text);
                verdict(&block.text, begun, printed.map(|printed| self.printed = printed))?;
            }
            BlockKind::Python => {
                let printed = self.python(&block.text);
                verdict("(Python)", begun, printed.map(|printed| self.printed = printed))?;
            }
            BlockKind::Output => {
                let printed = std::mem::take(&mut self.printed);
                verdict("(the output)", begun, self.compare(&block.text, &printed))?;
            }
        }
        Ok(())
    }

    /// Runs a command to its end; returns what it prints.
    fn run(&mut self, kind: BlockKind, command: &str) -> Result<String> {
        let command = if kind == BlockKind::Account { confirmed(command) } else { command.to_owned() };
        let mut bash = self.bash(&command);
        if kind == BlockKind::Account {
            self.account.ensure()?;
            self.account.reach(&mut bash)?;
        }
        self.output_of(bash)
    }

    fn python(&mut self, script: &str) -> Result<String> {
        let path = self.folder.join("snippet.py");
        fs::write(&path, self.with_address(script))?;
        let mut python = program(PythonEnvironment::Clients.ensure()?);
        python.arg(path).env_remove("AWS_PROFILE");
        self.output_of(python)
    }

    fn output_of(&self, mut command: Command) -> Result<String> {
        let progress = LogFile::create(self.folder.join("progress.log"))?;
        command.stdin(Stdio::null()).stderr(progress.stdio()?);
        let output = command.output().context("cannot be started")?;
        let printed = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "{}\n{printed}{}", output.status, progress.tail(SHOWN_BYTES)?);
        Ok(match &self.server {
            Some(server) => printed.replace(server.url(), ADDRESS),
            None => printed.into_owned(),
        })
    }

    /// Returns the command that runs a shell command in the workspace, with this run's server and local cloud.
    fn bash(&self, command: &str) -> Command {
        // This program, without a check by cargo whether it is up to date.
        let xtask = format!("'{}'", workspace::this_program().display());
        let command = self.with_address(command).replace("cargo xtask", &xtask);
        let mut bash = program("bash");
        bash.args(["-euo", "pipefail", "-c", &command]).stdout(Stdio::piped());
        bash.env(localcloud::FOLDER, self.folder.join("local-cloud"));
        if let Some(server) = &self.server {
            bash.env("MYSFITS_URL", server.url());
        }
        bash
    }

    /// Returns a text with the server's address in place of the shown one.
    fn with_address(&self, text: &str) -> String {
        self.server.as_ref().map_or_else(|| text.to_owned(), |server| text.replace(ADDRESS, server.url()))
    }

    /// Compares what is printed with what is shown, unless the section only prepares others.
    fn compare(&self, shown: &str, printed: &str) -> Result<()> {
        if !self.compares {
            return Ok(());
        }
        expectation::compare(shown, printed).map_err(|difference| anyhow!("{difference}"))
    }

    fn stop_server(&mut self) -> Result<()> {
        self.server.take().map_or(Ok(()), running::stop)
    }

    /// Stops what runs; fails if the guide leaves something running or deployed.
    fn finish(mut self) -> Result<()> {
        self.stop_server()?;
        ensure!(!self.cloud.is_running(), "the guide leaves the local cloud running");
        if self.account.is_running() { self.account.check_empty() } else { Ok(()) }
    }
}

impl Drop for GuideRunner {
    /// Stops the emulated account, and the server and the cloud of a run that failed.
    fn drop(&mut self) {
        let _ = self.stop_server();
        let _ = self.stop_clouds();
    }
}

/// Returns a command with `--yes`, if it would ask for confirmation.
pub fn confirmed(command: &str) -> String {
    let asks = CONFIRMED.iter().any(|name| command.starts_with(&format!("cargo xtask {name}")));
    let is_confirmed = ["--yes", "--dry-run", "--help"].iter().any(|option| command.contains(option));
    if asks && !is_confirmed { format!("{command} --yes") } else { command.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a guide whose first section prints something else than it shows, whose second needs a file of the first, and
    /// whose third fails.
    fn run_with_modes(modes: [Mode; 3]) -> Result<()> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file").display().to_string();
        let markdown = format!(
            "## 1. Make\n```console\n$ echo made | tee '{file}'\nwrong\n```\n\
             ## 2. Use\n```console\n$ cat '{file}'\nmade\n```\n\
             ## 3. Fail\n```console\n$ false\n```\n"
        );
        let text = GuideText::parse("guide.md".to_owned(), markdown, 0).unwrap();
        let runner = GuideRunner::in_folder(folder.path().to_owned());
        run_with(runner, &[&[text]], &modes)
    }

    #[test]
    fn confirms_commands_that_ask() {
        assert_eq!(confirmed("cargo xtask deploy --ttl 2h"), "cargo xtask deploy --ttl 2h --yes");
        assert_eq!(confirmed("cargo xtask destroy"), "cargo xtask destroy --yes");
        for unchanged in ["cargo xtask deploy --dry-run", "cargo xtask status", "cargo xtask check deployed"]
        {
            assert_eq!(confirmed(unchanged), unchanged);
        }
    }

    #[test]
    fn runs_prepared_sections_without_comparing_and_skips_others() {
        run_with_modes([Mode::Prepare, Mode::Compare, Mode::Skip]).unwrap();
    }

    #[test]
    fn compares_chosen_sections() {
        let error = run_with_modes([Mode::Compare, Mode::Compare, Mode::Skip]).unwrap_err().to_string();
        assert_eq!(error, "1 outputs differ from what the guide shows");
    }

    #[test]
    fn reports_failed_commands_of_prepared_sections() {
        assert!(run_with_modes([Mode::Skip, Mode::Skip, Mode::Prepare]).is_err());
        assert!(run_with_modes([Mode::Skip, Mode::Compare, Mode::Skip]).is_err());
    }
}
