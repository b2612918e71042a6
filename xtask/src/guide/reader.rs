//! Who reads the guide and does what it says.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use mysfits_output::{OutputError, outln};

use super::{Kind, Text, account, account::Account, running::GuideServer, sections::Mode};
use crate::{
    localcloud::{self, LocalCloud},
    pattern,
    process::program,
    readme::ADDRESS,
    shown::{Block, Shown, commands},
    tools::{python::Environment, system},
    workspace,
};

/// How much of what a failed command said besides is shown, in bytes.
const TAIL: usize = 3000;

/// Goes through the guide, and compares what is printed with what each of the texts shows. `modes` says what to do with
/// each section.
pub fn read(texts: &[&Text], modes: &[Mode]) -> Result<()> {
    read_with(Reader::new()?, texts, modes)
}

fn read_with(mut reader: Reader, texts: &[&Text], modes: &[Mode]) -> Result<()> {
    let first = texts.first().context("there is no text to read")?;
    let mut failures = Vec::new();
    for (position, (kind, block)) in first.blocks.iter().enumerate() {
        let mode = modes[first.section_of(block).number - 1];
        if mode == Mode::Skip {
            continue;
        }
        // What is printed once is compared with every text, each at its own line.
        let places: Vec<String> =
            texts.iter().map(|text| format!("{}:{}", text.file, text.blocks[position].1.line)).collect();
        let before = failures.len();
        reader.compares = mode == Mode::Compare;
        reader.block(*kind, block, &places, &mut failures)?;
        for failure in &failures[before..] {
            outln!("FAILED  {failure}")?;
        }
    }
    ensure!(failures.is_empty(), "{} of what the guide shows is not what is printed", failures.len());
    if modes.iter().all(|mode| *mode == Mode::Compare) {
        reader.end()
    } else {
        // Later sections would have removed what was deployed; dropping the reader ends the clouds.
        reader.stop_server()
    }
}

/// The reader's desk.
struct Reader {
    folder: PathBuf,
    /// A local cloud of the test's own, apart from one that may be in use.
    cloud: LocalCloud,
    account: Option<Account>,
    server: Option<GuideServer>,
    /// What the last block printed.
    printed: String,
    /// Whether what is printed is compared with what is shown.
    compares: bool,
}

impl Reader {
    fn new() -> Result<Self> {
        if system::find("curl").is_none() {
            system::install(&system::CURL)?;
        }
        let folder = workspace::target().join("guide");
        let cloud = LocalCloud::at(folder.join("local-cloud"));
        // A run that was killed may have left its clouds.
        for left in [&cloud, &LocalCloud::at(folder.join("account"))] {
            if left.is_running() {
                left.stop()?;
            }
        }
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        fs::create_dir_all(&folder)?;
        Ok(Self::in_folder(folder, cloud))
    }

    fn in_folder(folder: PathBuf, cloud: LocalCloud) -> Self {
        Self { folder, cloud, account: None, server: None, printed: String::new(), compares: true }
    }

    /// Does what a block says; what fails, or differs from what is shown, is added to `failures`, and the lesson goes on,
    /// so that one run tells everything.
    fn block(
        &mut self,
        kind: Kind,
        block: &Block,
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
            Kind::Rust => {} // a documentation test
            Kind::Console | Kind::Account => {
                self.printed.clear();
                for Shown { command, output } in commands(&block.text) {
                    let begun = Instant::now();
                    let checked = self.run(kind, &command).and_then(|printed| {
                        self.printed.push_str(&printed);
                        self.compare(&output, &printed)
                    });
                    verdict(&command, begun, checked)?;
                }
            }
            Kind::Server => {
                let all = commands(&block.text);
                let [Shown { command, output }] = all.as_slice() else {
                    bail!("{place}: a server is one command");
                };
                // There is one port in the texts: the next server takes the last one's place.
                self.stop_server()?;
                // Without a server nothing that follows can be done.
                let bash = self.bash(&GuideServer::script(command));
                let server =
                    GuideServer::start(bash, &self.folder).with_context(|| format!("{place}  {command}"))?;
                let printed = server.printed().replace(server.url(), ADDRESS);
                self.server = Some(server);
                verdict(command, begun, self.compare(output, &printed))?;
            }
            Kind::Shell => {
                let printed = self.run(kind, &block.text);
                verdict(&block.text, begun, printed.map(|printed| self.printed = printed))?;
            }
            Kind::Python => {
                let printed = self.python(&block.text);
                verdict("(Python)", begun, printed.map(|printed| self.printed = printed))?;
            }
            Kind::Output => {
                let printed = std::mem::take(&mut self.printed);
                verdict("(the output)", begun, self.compare(&block.text, &printed))?;
            }
        }
        Ok(())
    }

    /// Runs a command to its end; what it prints.
    fn run(&mut self, kind: Kind, command: &str) -> Result<String> {
        let command = if kind == Kind::Account { account::answered(command) } else { command.to_owned() };
        let mut bash = self.bash(&command);
        if kind == Kind::Account {
            self.account()?.lead(&mut bash)?;
        }
        self.finish(bash)
    }

    fn python(&mut self, script: &str) -> Result<String> {
        let path = self.folder.join("snippet.py");
        fs::write(&path, self.led(script))?;
        let mut python = program(Environment::Clients.ensure()?);
        python.arg(path).env_remove("AWS_PROFILE");
        self.finish(python)
    }

    fn finish(&self, mut command: Command) -> Result<String> {
        let log = self.folder.join("progress.log");
        let progress = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let output = command.stdin(Stdio::null()).stderr(progress).output().context("cannot be started")?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let said = fs::read(&log).unwrap_or_default();
            let tail = String::from_utf8_lossy(&said[said.len().saturating_sub(TAIL)..]).into_owned();
            bail!("{}\n{printed}{tail}", output.status);
        }
        Ok(self.server.as_ref().map_or(printed.clone(), |server| printed.replace(server.url(), ADDRESS)))
    }

    /// Bash with a command, in the workspace, on the reader's desk.
    fn bash(&self, command: &str) -> Command {
        // This very program is meant, and cargo need not ask whether it is up to date.
        let xtask = format!("'{}'", workspace::this_program().display());
        let command = self.led(command).replace("cargo xtask", &xtask);
        let mut bash = program("bash");
        bash.args(["-euo", "pipefail", "-c", &command]).stdout(Stdio::piped());
        bash.env(localcloud::FOLDER, self.folder.join("local-cloud"));
        if let Some(server) = &self.server {
            bash.env("MYSFITS_URL", server.url());
        }
        bash
    }

    /// A text with the server's address in the place of the one that is shown.
    fn led(&self, text: &str) -> String {
        self.server.as_ref().map_or_else(|| text.to_owned(), |server| text.replace(ADDRESS, server.url()))
    }

    /// The reader's account, opened when it is needed first.
    fn account(&mut self) -> Result<&Account> {
        if self.account.is_none() {
            self.account = Some(Account::open(&self.folder.join("account"))?);
        }
        self.account.as_ref().context("the account was just opened")
    }

    /// Compares what is printed with what is shown, unless the section only prepares others.
    fn compare(&self, shown: &str, printed: &str) -> Result<()> {
        if !self.compares {
            return Ok(());
        }
        pattern::compare(shown, printed).map_err(|difference| anyhow!("{difference}"))
    }

    fn stop_server(&mut self) -> Result<()> {
        self.server.take().map_or(Ok(()), GuideServer::stop)
    }

    /// The end of the lesson: nothing is left running.
    fn end(mut self) -> Result<()> {
        self.stop_server()?;
        ensure!(!self.cloud.is_running(), "the guide leaves the local cloud running");
        self.account.take().map_or(Ok(()), |account| account.close())
    }
}

impl Drop for Reader {
    /// Also where the lesson was broken off.
    fn drop(&mut self) {
        let _ = self.stop_server();
        if self.cloud.is_running() {
            let _ = self.cloud.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a guide whose first section prints something else than it shows, whose second needs a file of the first, and
    /// whose third fails.
    fn read_with_modes(modes: [Mode; 3]) -> Result<()> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file").display().to_string();
        let markdown = format!(
            "## 1. Make\n```console\n$ echo made | tee '{file}'\nwrong\n```\n\
             ## 2. Use\n```console\n$ cat '{file}'\nmade\n```\n\
             ## 3. Fail\n```console\n$ false\n```\n"
        );
        let text = Text::parse("guide.md", markdown).unwrap();
        let reader = Reader::in_folder(folder.path().to_owned(), LocalCloud::at(folder.path().join("cloud")));
        read_with(reader, &[&text], &modes)
    }

    #[test]
    fn runs_prepared_sections_without_comparing_and_skips_others() {
        read_with_modes([Mode::Prepare, Mode::Compare, Mode::Skip]).unwrap();
    }

    #[test]
    fn compares_chosen_sections() {
        let error = read_with_modes([Mode::Compare, Mode::Compare, Mode::Skip]).unwrap_err().to_string();
        assert_eq!(error, "1 of what the guide shows is not what is printed");
    }

    #[test]
    fn reports_failed_commands_of_prepared_sections() {
        assert!(read_with_modes([Mode::Skip, Mode::Skip, Mode::Prepare]).is_err());
        assert!(read_with_modes([Mode::Skip, Mode::Compare, Mode::Skip]).is_err());
    }
}
