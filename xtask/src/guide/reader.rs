//! Who reads the guide and does what it says.

use std::{
    env,
    fs::{self, File},
    io::{BufRead as _, BufReader, Read as _},
    net::TcpStream,
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, bail, ensure};

use super::{Kind, Text, account, account::Account};
use crate::{
    localcloud::{self, LocalCloud},
    pattern,
    process::program,
    readme::ADDRESS,
    shown::{Block, Shown, commands},
    tools::{python::Environment, system},
    workspace,
};

/// How long a server may take to end after it was asked to.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// How much of what a failed command said besides is shown, in bytes.
const TAIL: usize = 3000;

/// Goes through the guide, and compares what is printed with what each of the texts shows.
pub fn read(texts: &[&Text]) -> Result<()> {
    let mut reader = Reader::new()?;
    let first = texts.first().context("there is no text to read")?;
    let mut failures = Vec::new();
    for (position, (kind, block)) in first.blocks.iter().enumerate() {
        // What is printed once is compared with every text, each at its own line.
        let places: Vec<String> =
            texts.iter().map(|text| format!("{}:{}", text.file, text.blocks[position].1.line)).collect();
        let before = failures.len();
        reader.block(*kind, block, &places, &mut failures)?;
        for failure in &failures[before..] {
            println!("FAILED  {failure}");
        }
    }
    ensure!(failures.is_empty(), "{} of what the guide shows is not what is printed", failures.len());
    reader.end()
}

/// The reader's desk.
struct Reader {
    folder: PathBuf,
    /// Where the reader's own local cloud is, instead of the one that somebody may be using.
    cloud: LocalCloud,
    account: Option<Account>,
    server: Option<Running>,
    /// What the last block printed.
    printed: String,
}

impl Reader {
    fn new() -> Result<Self> {
        if system::find("curl").is_none() {
            system::install(&["curl"])?;
        }
        let folder = workspace::target().join("guide");
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        fs::create_dir_all(&folder)?;
        let cloud = LocalCloud::at(folder.join("local-cloud"));
        Ok(Self { folder, cloud, account: None, server: None, printed: String::new() })
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
        let mut verdict = |what: &str, begun: Instant, checked: Result<()>| {
            let what = what.lines().next().unwrap_or_default();
            match checked {
                Ok(()) => println!("ok      {:>6.1} s  {place}  {what}", begun.elapsed().as_secs_f64()),
                Err(error) => failures.push(format!("{place}  {what}\n{error:#}")),
            }
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
                        compare(&output, &printed)
                    });
                    verdict(&command, begun, checked);
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
                let (server, printed) = self.start(command).with_context(|| format!("{place}  {command}"))?;
                let printed = printed.replace(&server.url, ADDRESS);
                self.server = Some(server);
                verdict(command, begun, compare(output, &printed));
            }
            Kind::Shell => {
                let printed = self.run(kind, &block.text);
                verdict(&block.text, begun, printed.map(|printed| self.printed = printed));
            }
            Kind::Python => {
                let printed = self.python(&block.text);
                verdict("(Python)", begun, printed.map(|printed| self.printed = printed));
            }
            Kind::Output => {
                let printed = std::mem::take(&mut self.printed);
                verdict("(the output)", begun, compare(&block.text, &printed));
            }
        }
        Ok(())
    }

    /// Runs a command to its end; what it prints.
    fn run(&mut self, kind: Kind, command: &str) -> Result<String> {
        let command = if kind == Kind::Account { account::answered(command) } else { command.to_owned() };
        let mut bash = self.bash(&command)?;
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
        Ok(self.server.as_ref().map_or(printed.clone(), |server| printed.replace(&server.url, ADDRESS)))
    }

    /// Bash with a command, in the workspace, on the reader's desk.
    fn bash(&self, command: &str) -> Result<Command> {
        // This very program is meant, and cargo need not ask whether it is up to date.
        let xtask = env::current_exe().context("this program has no path")?;
        let command = self.led(command).replace("cargo xtask", &format!("'{}'", xtask.display()));
        let mut bash = program("bash");
        bash.args(["-euo", "pipefail", "-c", &command]).stdout(Stdio::piped());
        bash.env(localcloud::FOLDER, self.folder.join("local-cloud"));
        if let Some(server) = &self.server {
            bash.env("MYSFITS_URL", &server.url);
        }
        Ok(bash)
    }

    /// A text with the server's address in the place of the one that is shown.
    fn led(&self, text: &str) -> String {
        self.server.as_ref().map_or_else(|| text.to_owned(), |server| text.replace(ADDRESS, &server.url))
    }

    /// The reader's account, opened when it is needed first.
    fn account(&mut self) -> Result<&Account> {
        if self.account.is_none() {
            self.account = Some(Account::open(&self.folder.join("account"))?);
        }
        self.account.as_ref().context("the account was just opened")
    }

    /// Starts a server; what it prints until it is ready.
    fn start(&self, command: &str) -> Result<(Running, String)> {
        let mut bash = self.bash(&format!("exec {command} --port 0"))?;
        let progress = File::create(self.folder.join("server.log"))?;
        // A group of its own, so that it can be ended as by Ctrl-C, whatever it has started.
        bash.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(progress).process_group(0);
        let child = bash.spawn().context("cannot be started")?;
        let mut running = Running { child, url: String::new() };
        let output = running.child.stdout.take().context("the server's output is missing")?;
        let mut output = BufReader::new(output);
        let mut printed = String::new();
        loop {
            let mut line = String::new();
            if output.read_line(&mut line)? == 0 {
                let said = fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
                bail!("it ended before it was ready: {}\n{printed}{said}", running.child.wait()?);
            }
            printed.push_str(&line);
            if let Some(url) = line.strip_prefix("ready ") {
                url.trim().clone_into(&mut running.url);
                break;
            }
        }
        // Whatever it prints from here on must not fill the pipe.
        std::thread::spawn(move || output.read_to_end(&mut Vec::new()));
        Ok((running, printed))
    }

    fn stop_server(&mut self) -> Result<()> {
        self.server.take().map_or(Ok(()), Running::stop)
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

/// Compares what is printed with what is shown.
fn compare(shown: &str, printed: &str) -> Result<()> {
    pattern::compare(shown, printed).map_err(|difference| anyhow!("{difference}"))
}

/// A server that goes on.
struct Running {
    child: Child,
    url: String,
}

impl Running {
    /// Ends it as Ctrl-C does, and waits until nobody answers any more.
    fn stop(mut self) -> Result<()> {
        self.interrupt();
        let _ = self.child.wait();
        let address =
            self.url.strip_prefix("http://").unwrap_or_default().parse().context("the server's address")?;
        let begun = Instant::now();
        while TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok() {
            ensure!(begun.elapsed() < STOP_TIMEOUT, "the server at {} did not end on Ctrl-C", self.url);
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Ctrl-C.
    fn interrupt(&self) {
        let mut kill = program("kill");
        let _ = kill.args(["-INT", "--", &format!("-{}", self.child.id())]).stderr(Stdio::null()).status();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            self.interrupt();
            let _ = self.child.wait();
        }
    }
}
