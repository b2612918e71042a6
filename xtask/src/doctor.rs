//! `doctor`: the tools that the commands use. Changes nothing.

use anyhow::{Result, ensure};
use clap::ValueEnum as _;
use mysfits_output::{OutputError, outln};

use crate::{
    fuzz, platform,
    process::{output, program},
    tools::{
        browser::InstalledBrowser,
        engines,
        python::{self, PythonEnvironment},
        system::{self, Packages},
        wasm::Wasm,
    },
    workspace,
};

/// The oldest compiler that builds the workspace.
const RUST: &str = env!("CARGO_PKG_RUST_VERSION");
/// What the built files of `dev`, and of all commands, take.
const DEV_GIGABYTES: u64 = 4;
const ALL_GIGABYTES: u64 = 25;

/// Show which tools are installed, what they are for, and how to get them.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Whether a tool is there.
#[derive(Debug, PartialEq, Eq)]
pub enum ToolState {
    /// With what was found.
    Installed(String),
    /// The commands get it themselves.
    OnDemand(String),
    /// With what to do.
    Missing(String),
}

/// A tool, or something else that commands need.
#[derive(Debug)]
struct Tool {
    name: String,
    used_by: String,
    state: ToolState,
    is_needed_by_dev: bool,
}

/// Runs the command; fails if `cargo xtask dev` would not work.
pub fn run(_: &Args) -> Result<()> {
    let tools = tools();
    show(&tools)?;
    check_dev(&tools)
}

/// Fails if a tool is missing that `cargo xtask dev` needs.
fn check_dev(tools: &[Tool]) -> Result<()> {
    let is_lacking = |tool: &&Tool| tool.is_needed_by_dev && matches!(tool.state, ToolState::Missing(_));
    let lacking: Vec<&str> = tools.iter().filter(is_lacking).map(|tool| tool.name.as_str()).collect();
    ensure!(lacking.is_empty(), "`cargo xtask dev` will not work; missing: {}", lacking.join(", "));
    Ok(())
}

fn show(tools: &[Tool]) -> Result<(), OutputError> {
    let width = |column: fn(&Tool) -> &str| tools.iter().map(|tool| column(tool).len()).max().unwrap_or(0);
    let (names, uses) = (width(|tool| &tool.name), width(|tool| &tool.used_by));
    outln!("{:<9}  {:<names$}  {:<uses$}  found, or how to get it", "state", "tool", "used by")?;
    for tool in tools {
        let (state, text) = match &tool.state {
            ToolState::Installed(text) => ("ok", text),
            ToolState::OnDemand(text) => ("on demand", text),
            ToolState::Missing(text) => ("missing", text),
        };
        let text = text.lines().next().unwrap_or_default();
        outln!("{state:<9}  {:<names$}  {:<uses$}  {text}", tool.name, tool.used_by)?;
    }
    Ok(())
}

/// Returns the tools that the guide's commands need.
pub fn guide_tools() -> [(String, ToolState); 4] {
    [
        ("Rust".to_owned(), rust()),
        ("wasm32 compiler".to_owned(), wasm()),
        ("curl".to_owned(), found(&["curl"], &system::CURL, true)),
        (format!("{} with venv", python::supported()), base_python()),
    ]
}

fn tools() -> Vec<Tool> {
    let tool = |name: &str, used_by: &str, state: ToolState| {
        let (name, used_by) = (name.to_owned(), used_by.to_owned());
        Tool { name, used_by, state, is_needed_by_dev: false }
    };
    let needed = |name: &str, used_by: &str, state: ToolState| {
        let tool = tool(name, used_by, state);
        Tool { is_needed_by_dev: true, ..tool }
    };
    let base_python = base_python();
    let has_base = !matches!(base_python, ToolState::Missing(_));
    let mut tools = vec![
        needed(&format!("Rust {RUST} or newer"), "all commands", rust()),
        needed("C compiler (linker)", "all commands", found(&["cc", "gcc", "clang"], &system::CC, false)),
        needed("wasm32 compiler", "dev, build, package, deploy, test", wasm()),
        needed("disk space", "all commands", disk_space()),
        tool("Git", "deploy (notebook), notebook --lifecycle", found(&["git"], &system::GIT, false)),
        tool("Bash", "test, guide, examples", found(&["bash"], &system::BASH, false)),
        tool("tar", "test, check model, examples", found(&["tar"], &system::TAR, false)),
        tool("curl", "test, e2e, guide, check", found(&["curl"], &system::CURL, true)),
        tool("Chromium and its driver", "test, e2e, lighthouse", browser()),
        tool("Firefox, WebKitGTK, Xvfb", "test engines", engines()),
        tool("nightly Rust", "test fuzz, fuzz", nightly()),
        tool("debootstrap", "notebook --lifecycle", found(&["debootstrap"], &system::DEBOOTSTRAP, true)),
        tool(&python::supported(), "test, deploy --target local, e2e, guide", base_python),
    ];
    tools.extend(PythonEnvironment::value_variants().iter().map(|environment| {
        let state = match environment.installed() {
            Some(python) => ToolState::Installed(python.display().to_string()),
            None if has_base => ToolState::OnDemand("made when needed".to_owned()),
            None => ToolState::Missing(format!("needs {}", python::supported())),
        };
        tool(&format!("Python: {}", environment.describe()), environment.used_by(), state)
    }));
    tools
}

fn rust() -> ToolState {
    let Some(found) = output(program("rustc").arg("--version")) else {
        return ToolState::Missing("https://rustup.rs".to_owned());
    };
    if is_new_enough(&found) {
        ToolState::Installed(found)
    } else {
        ToolState::Missing(format!("rustup update ({found})"))
    }
}

/// Returns whether a text such as `rustc 1.96.0 (...)` names a compiler that builds the workspace.
fn is_new_enough(rustc: &str) -> bool {
    let numbers = |version: &str| -> Option<(u32, u32)> {
        let mut numbers = version.split('.').map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    };
    rustc.split(' ').nth(1).and_then(numbers) >= numbers(RUST)
}

/// Returns the state of a tool: where or what it is if it is installed, else how to get it.
fn state(installed: Option<String>, is_installed_on_demand: bool, remedy: String) -> ToolState {
    match installed {
        Some(found) => ToolState::Installed(found),
        None if is_installed_on_demand => ToolState::OnDemand("installed when needed".to_owned()),
        None => ToolState::Missing(remedy),
    }
}

/// Returns whether one of these programs is on the PATH; the commands may install it themselves.
fn found(names: &[&str], packages: &Packages, is_installed_on_demand: bool) -> ToolState {
    let path = names.iter().find_map(|name| system::find(name)).map(|path| path.display().to_string());
    state(path, is_installed_on_demand && system::can_install(), packages.install_command())
}

fn wasm() -> ToolState {
    match (Wasm::installed(), Wasm::installer()) {
        (Some(wasm), _) => ToolState::Installed(wasm.describe()),
        (None, Some(installer)) => ToolState::OnDemand(format!("installed when needed: {installer}")),
        (None, None) => ToolState::Missing(
            "rustup target add wasm32-unknown-unknown; without rustup on Debian: sudo apt-get install rustc-web cargo-web \
             rust-web-src and the lld of its LLVM version"
                .to_owned(),
        ),
    }
}

fn browser() -> ToolState {
    match InstalledBrowser::installed().map(|browser| browser.describe()).transpose() {
        Ok(described) => state(described, system::can_install(), system::BROWSER.install_command()),
        Err(error) => ToolState::Missing(error.to_string()),
    }
}

fn engines() -> ToolState {
    if !engines::are_supported() {
        return ToolState::Missing("not for this system; the part is skipped".to_owned());
    }
    let installed = engines::are_installed().then(|| "firefox, WebKitWebDriver, Xvfb".to_owned());
    let commands = [&system::FIREFOX, &system::WEBKIT].map(Packages::install_command);
    state(installed, system::can_install(), commands.join("; "))
}

fn nightly() -> ToolState {
    let installed = fuzz::has_nightly().then(|| "the toolchain nightly".to_owned());
    state(installed, false, "rustup toolchain install nightly --profile minimal".to_owned())
}

fn base_python() -> ToolState {
    let path = python::base_installed().map(|path| path.display().to_string());
    let can_install = system::can_install() && system::find("python3").is_none();
    state(path, can_install, system::PYTHON.install_command())
}

/// Returns whether there is room for what is still to be built.
fn disk_space() -> ToolState {
    let target = workspace::target();
    let folder = if target.exists() { target.as_path() } else { workspace::root() };
    let Some(free) = platform::free_bytes(folder) else {
        return ToolState::Installed("unknown".to_owned());
    };
    let free = free / 1_000_000_000;
    let text = format!("{free} GB free; dev takes {DEV_GIGABYTES} GB, all commands {ALL_GIGABYTES} GB");
    let is_built = workspace::release("mysfits-server").exists() && workspace::site().exists();
    if free >= DEV_GIGABYTES || (is_built && free > 0) {
        ToolState::Installed(text)
    } else {
        ToolState::Missing(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(is_needed_by_dev: bool, state: ToolState) -> Tool {
        Tool { name: "wasm32 compiler".to_owned(), used_by: "dev".to_owned(), state, is_needed_by_dev }
    }

    #[test]
    fn fails_only_without_what_dev_needs() {
        let missing = || ToolState::Missing("get it".to_owned());
        check_dev(&[tool(false, missing()), tool(true, ToolState::OnDemand("later".to_owned()))]).unwrap();
        let error = check_dev(&[tool(true, missing())]).unwrap_err().to_string();
        assert_eq!(error, "`cargo xtask dev` will not work; missing: wasm32 compiler");
    }

    #[test]
    fn compares_versions_of_rust() {
        assert!(is_new_enough(&format!("rustc {RUST}.0 (abc 2026-01-01)")));
        assert!(is_new_enough("rustc 2.0.0-nightly (abc 2026-01-01)"));
        assert!(!is_new_enough("rustc 1.9.0 (abc 2026-01-01)") && !is_new_enough("no version"));
    }

    #[test]
    fn a_missing_program_has_a_command_that_installs_it() {
        let state = found(&["no-such-program-of-mysfits"], &system::CURL, false);
        assert_eq!(state, ToolState::Missing(system::CURL.install_command()));
        assert!(matches!(found(&["sh"], &system::BASH, false), ToolState::Installed(_)));
    }
}
