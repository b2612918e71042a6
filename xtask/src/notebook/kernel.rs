//! The notebook's kernel: `evcxr_jupyter`, compiled from crates.io into target/tools, and where Jupyter finds it.

use std::{
    env, fs, iter,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};
use mysfits_output::{errln, outln};
use serde_json::{Value, json};

use super::{CLOUD_PROGRAM, cloud, folder};
use crate::{
    process::{cargo, output, program, run},
    tools::system,
    workspace,
};

/// The kernel's version. `--locked` fixes its dependencies.
const VERSION: &str = "0.22.0";

/// What a kernel of this account needs of the environment that it is installed from: where Rust is, and, on a notebook
/// instance, whose role may not ask CloudFormation, the stage, the data bucket and the roles of training jobs and models.
const HANDED_ON: [&str; 7] = [
    "PATH",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "MYSFITS_STAGE",
    "MYSFITS_DATA_BUCKET",
    "MYSFITS_TRAINING_ROLE_ARN",
    "MYSFITS_MODEL_ROLE_ARN",
];

/// An installed kernel.
#[derive(Debug)]
pub(super) struct Kernel(PathBuf);

impl Kernel {
    /// Returns the kernel, and installs it if it is missing.
    pub(super) fn ensure() -> Result<Self> {
        let tools = workspace::target().join("tools");
        let kernel = Self(tools.join("bin/evcxr_jupyter"));
        let installed = fs::read_to_string(tools.join(".crates.toml")).unwrap_or_default();
        if !kernel.0.exists() || !installed.contains(&format!("\"evcxr_jupyter {VERSION} ")) {
            kernel.compile(&tools)?;
        }
        kernel.write_spec(&jupyter().join("kernels/rust"), &json!({}))?;
        Ok(kernel)
    }

    /// Compiles it, quickly rather than well. Not more quickly: rust-analyzer, which finds out the types of the cells' variables,
    /// takes minutes for that when it is not optimised at all.
    fn compile(&self, tools: &Path) -> Result<()> {
        if system::find("cc").is_none() {
            system::install(&system::CC)?;
        }
        let build = tools.join("build");
        errln!("  compiling evcxr_jupyter {VERSION} (nine minutes of computing time, once)");
        let mut install = cargo();
        install.args(["install", "--locked", "evcxr_jupyter", "--version", VERSION, "--force", "--root"]);
        install.arg(tools).env("CARGO_TARGET_DIR", &build);
        for (setting, value) in [("OPT_LEVEL", "1"), ("DEBUG", "false"), ("LTO", "off"), ("STRIP", "true")] {
            install.env(format!("CARGO_PROFILE_RELEASE_{setting}"), value);
        }
        run(&mut install).with_context(|| format!("{} cannot be installed", self.0.display()))?;
        fs::remove_dir_all(&build).with_context(|| format!("cannot remove {}", build.display()))
    }

    /// Writes the kernel's description for Jupyter.
    fn write_spec(&self, folder: &Path, environment: &Value) -> Result<()> {
        let spec = json!({
            "argv": [self.0, "--control_file", "{connection_file}"],
            "display_name": "Rust",
            "language": "rust",
            "interrupt_mode": "message",
            "env": environment,
        });
        fs::create_dir_all(folder)?;
        let path = folder.join("kernel.json");
        fs::write(&path, format!("{spec:#}\n")).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Has a command find the kernel besides those that it knows, and compiled crates from run to run.
    #[expect(clippy::unused_self, reason = "only an installed kernel can be found")]
    pub(super) fn offer(&self, command: &mut Command) -> Result<()> {
        let evcxr = evcxr()?;
        let known = env::var_os("JUPYTER_PATH").unwrap_or_default();
        let folders = iter::once(jupyter()).chain(env::split_paths(&known));
        let folders: Vec<_> = folders.filter(|folder| !folder.as_os_str().is_empty()).collect();
        command.env("EVCXR_TMPDIR", evcxr).env("JUPYTER_PATH", env::join_paths(folders)?);
        Ok(())
    }

    /// Has a command find the kernel, and nothing of the person's own Jupyter.
    pub(super) fn offer_alone(&self, command: &mut Command) -> Result<()> {
        self.offer(command)?;
        command.env("JUPYTER_PATH", jupyter());
        for (name, part) in [("DATA_DIR", "data"), ("CONFIG_DIR", "config"), ("RUNTIME_DIR", "runtime")] {
            command.env(format!("JUPYTER_{name}"), jupyter().join(part));
        }
        Ok(())
    }

    /// Installs it for the Jupyter of this account, with all that the notebook needs.
    pub(super) fn install_for_this_account(&self) -> Result<()> {
        let folder = data_folder()?.join("kernels/rust");
        let mut environment = json!({"EVCXR_TMPDIR": evcxr()?, CLOUD_PROGRAM: cloud::notebook_cloud()});
        for name in HANDED_ON {
            if let Ok(value) = env::var(name) {
                environment[name] = value.into();
            }
        }
        self.write_spec(&folder, &environment)?;
        outln!("  installed: {}", folder.display())?;
        Ok(())
    }
}

/// Returns a folder for Jupyter with our kernel only.
fn jupyter() -> PathBuf {
    folder().join("jupyter")
}

/// Returns where Jupyter looks for the kernels of this account.
fn data_folder() -> Result<PathBuf> {
    let named = env::var_os("JUPYTER_DATA_DIR").map(PathBuf::from);
    let asked = || output(program("jupyter").arg("--data-dir")).map(PathBuf::from);
    let usual = || Some(PathBuf::from(env::var_os("HOME")?).join(".local/share/jupyter"));
    named.or_else(asked).or_else(usual).context("neither JUPYTER_DATA_DIR nor HOME is set")
}

/// Returns where the kernel compiles cells: kept from run to run, with the versions that this workspace has locked.
fn evcxr() -> Result<PathBuf> {
    let folder = folder().join("evcxr");
    fs::create_dir_all(&folder)?;
    fs::copy(workspace::root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    Ok(folder)
}
