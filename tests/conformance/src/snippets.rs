//! Runs the documentation's snippets in the order of each page, in one folder a page.
//!
//! | block | how it is run |
//! |---|---|
//! | `sh` | by bash, `local-sagemaker`, `aws`, `python` and `pytest` on the path |
//! | `sh server` | likewise, in the background; when it prints `ready URL`, it is the page's server |
//! | `python`, `python sagemaker`, `python sagemaker-v3` | in the environment of boto3, or of a SageMaker SDK |
//! | `python FILE.py` | is written to that file |
//! | `javascript` | as a module, by Node |
//! | `text output`, right after one of these | is what it must print |
//!
//! The pages say `http://127.0.0.1:8080` for `serve` and `http://127.0.0.1:4600` for `start`; the servers use a free port, which
//! replaces that address. `AWS_ENDPOINT_URL` is the address of the page's server. Python finds the module `local_sagemaker`, and pytest
//! its plugin, as if the wheel was installed. Rust's are documentation tests of this crate. Other blocks are not run.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use mysfits_markdown::{CodeBlock, code_blocks, pages};
use mysfits_process::{LogFile, ServerProcess, StopMethod};

use crate::{
    clients,
    outcome::{CaseOutcome, CaseResult, SdkClient},
};

/// The scorecard's line for them.
pub const GROUP: &str = "Snippets of the pages";
/// Where the servers of the pages listen.
const ADDRESSES: [&str; 2] = ["http://127.0.0.1:8080", "http://127.0.0.1:4600"];
/// The command whose port is no environment variable.
const START: &str = "local-sagemaker start";
/// The Python module of the wheel.
const PYTHON_MODULE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates/local-sagemaker/python");
/// How long a server may take to be ready.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// What snippets are run with.
#[derive(Debug)]
pub struct Tools {
    /// The server's program.
    pub server: PathBuf,
    /// The interpreter of boto3's environment; the AWS CLI stands beside it.
    pub python: PathBuf,
    /// The interpreter of the environment of the SageMaker SDK, version 2.
    pub sagemaker: PathBuf,
    /// The interpreter of the environment of the SageMaker SDK, version 3.
    pub sagemaker_v3: PathBuf,
    /// Node.
    pub node: PathBuf,
    /// The folder where Node finds the JavaScript SDK.
    pub javascript: PathBuf,
}

/// A block of the page, with the output that it must print.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Snippet {
    block: CodeBlock,
    output: Option<String>,
}

/// Runs the snippets of all pages in a folder and its folders; returns the outcome of each that calls with a client. Korean
/// pages (`.ko.md`) are left out: a test of xtask checks that they show the English pages' snippets.
///
/// # Errors
/// If one that calls with no client fails: those after it would fail too.
pub fn run(folder: &Path, tools: &Tools) -> Result<Vec<CaseOutcome>> {
    let mut outcomes = Vec::new();
    let is_english = |page: &PathBuf| !page.to_string_lossy().ends_with(".ko.md");
    for page in pages(folder)?.into_iter().filter(is_english) {
        let name = page.strip_prefix(folder).unwrap_or(&page).display().to_string();
        outcomes.extend(run_page(&page, &name, tools)?);
    }
    ensure!(!outcomes.is_empty(), "{} shows no snippet", folder.display());
    Ok(outcomes)
}

fn run_page(page: &Path, name: &str, tools: &Tools) -> Result<Vec<CaseOutcome>> {
    let text = fs::read_to_string(page).with_context(|| format!("cannot read {}", page.display()))?;
    let folder = tempfile::tempdir()?;
    let (mut servers, mut outcomes): (Vec<ServerProcess>, Vec<CaseOutcome>) = (Vec::new(), Vec::new());
    for Snippet { mut block, output } in snippets(&text) {
        if let Some(server) = servers.last() {
            for address in ADDRESSES {
                block.text = block.text.replace(address, server.url());
            }
        }
        let Some((client, mut command)) = tools.command(&block, folder.path())? else { continue };
        command.envs(servers.last().map(|server| ("AWS_ENDPOINT_URL", server.url())));
        let place = format!("{name}:{}", block.line);
        if block.info == "sh server" {
            servers.push(start_server(command).with_context(|| format!("{place}: {}", block.text))?);
            continue;
        }
        let checked = check(output.as_deref(), &mut command);
        let Some(client) = client else {
            checked.with_context(|| format!("{place}: {}", block.text))?;
            continue;
        };
        let (verdict, reason) = match checked {
            Ok(()) => (CaseResult::Passed, None),
            Err(error) => (CaseResult::Failed, Some(format!("{error:#}"))),
        };
        outcomes.push(CaseOutcome { client, group: GROUP.to_owned(), case: place, verdict, reason });
    }
    Ok(outcomes)
}

fn check(shown: Option<&str>, command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output().context("cannot be started")?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}: {}{}", output.status, printed.trim(), errors.trim());
    if let Some(shown) = shown {
        ensure!(printed.trim() == shown.trim(), "prints {:?}, not {:?}", printed.trim(), shown.trim());
    }
    Ok(())
}

impl Tools {
    /// Returns how a block is run, and the client that it shows; none if it is not run.
    fn command(&self, block: &CodeBlock, folder: &Path) -> Result<Option<(Option<SdkClient>, Command)>> {
        if let Some(name) = block.info.strip_prefix("python ").filter(|name| name.contains('.')) {
            let path = folder.join(name);
            fs::write(&path, &block.text).with_context(|| format!("cannot write {}", path.display()))?;
            return Ok(None);
        }
        let (client, mut command) = match block.info.as_str() {
            "sh" | "sh server" => {
                let mut bash = clients::command(&"bash".into());
                let text = block.text.replace(START, &format!("{START} --port 0"));
                bash.args(["-euo", "pipefail", "-c", &text]);
                // A server takes any free port.
                bash.env("PATH", self.path()?).env("SAGEMAKER_BIND_TO_PORT", "0");
                (block.text.contains("aws ").then_some(SdkClient::Cli), bash)
            }
            "python" => (Some(SdkClient::Boto3), script(&self.python, folder, "snippet.py", &block.text)?),
            "python sagemaker" => {
                (Some(SdkClient::SageMaker), script(&self.sagemaker, folder, "snippet.py", &block.text)?)
            }
            "python sagemaker-v3" => {
                (Some(SdkClient::SageMakerV3), script(&self.sagemaker_v3, folder, "snippet.py", &block.text)?)
            }
            // Node looks for modules from the script's place upwards.
            "javascript" => (
                Some(SdkClient::JavaScript),
                script(&self.node, &self.javascript, "snippet.mjs", &block.text)?,
            ),
            _ => return Ok(None),
        };
        command.current_dir(folder);
        // The wheel's program and plugin.
        command.env("LOCAL_SAGEMAKER_PROGRAM", &self.server).env("PYTHONPATH", PYTHON_MODULE);
        command.env("PYTEST_PLUGINS", "local_sagemaker.pytest_plugin");
        Ok(Some((client, command)))
    }

    /// Returns the path, with the server's program and the AWS CLI in front.
    fn path(&self) -> Result<OsString> {
        let ours = [&self.server, &self.python].map(|program| program.parent().unwrap_or(Path::new("/")));
        let inherited = env::var_os("PATH").unwrap_or_default();
        let folders = ours.into_iter().map(Path::to_path_buf).chain(env::split_paths(&inherited));
        Ok(env::join_paths(folders)?)
    }
}

fn script(program: &PathBuf, folder: &Path, name: &str, text: &str) -> Result<Command> {
    let path = folder.join(name);
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    let mut command = clients::command(program);
    command.arg(path);
    Ok(command)
}

/// Starts the server of a snippet.
fn start_server(mut command: Command) -> Result<ServerProcess> {
    command.stdin(Stdio::null()).stderr(Stdio::null());
    ServerProcess::start(&mut command, StopMethod::Terminate, &LogFile::temporary()?, START_TIMEOUT)
}

/// Returns the blocks of a page. A block of output right after another belongs to that one.
fn snippets(markdown: &str) -> Vec<Snippet> {
    let mut snippets: Vec<Snippet> = Vec::new();
    for block in code_blocks(markdown) {
        match snippets.last_mut().filter(|_| block.follows_block && block.info == "text output") {
            Some(before) => before.output = Some(block.text),
            None => snippets.push(Snippet { block, output: None }),
        }
    }
    snippets
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn reads_snippets_with_their_outputs() {
        let page = "a\n```sh\none\ntwo\n```\n\n```text output\n3\n```\nb\n```python sagemaker\nx\n```\nc\n\
                    ```text output\nnot of it\n```\n";
        let found = snippets(page);
        let infos: Vec<_> =
            found.iter().map(|snippet| (snippet.block.info.as_str(), snippet.block.line)).collect();
        assert_eq!(infos, [("sh", 2), ("python sagemaker", 11), ("text output", 15)]);
        assert_eq!(found[0].block.text, "one\ntwo\n");
        assert_eq!(found[0].output.as_deref(), Some("3\n"));
        assert_eq!(found[1].output, None);
    }

    #[test]
    fn notices_other_output_and_failures() {
        let bash = |script: &str| check(Some("1\n"), Command::new("bash").args(["-c", script]));
        bash("echo 1").unwrap();
        assert!(bash("echo 2").is_err());
        assert!(bash("echo 1; exit 3").is_err());
    }
}
