//! `notebook`: runs the notebook from top to bottom, and compares what its cells give with what is committed.

mod cloud;
mod compare;
mod kernel;
mod lifecycle;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail, ensure};
use clap::ValueEnum;

use crate::{
    localcloud::LocalCloud,
    process::{heading, program, run as run_program, step},
    tools::{python::PythonEnvironment, system},
    workspace,
};
use kernel::Kernel;
use mysfits_output::{errln, outln};

/// The notebook, in its folder.
const NAME: &str = "mysfit_recommendations_knn";
/// The variable with the path of the program that calls AWS for the notebook.
const CLOUD_PROGRAM: &str = "MYSFITS_NOTEBOOK_CLOUD";

/// Run the notebook without a browser and compare every output with the committed one; renders it to target/notebook.
#[derive(Debug, Default, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub struct Args {
    /// Where its SageMaker is [default: in the local cloud; with --open: in the notebook's own process]
    #[arg(long, value_enum)]
    on: Option<NotebookTarget>,
    /// Write the outputs into the committed notebook instead of comparing
    #[arg(long)]
    write: bool,
    /// Open it in Jupyter, with the kernel of this workspace
    #[arg(long, conflicts_with = "write")]
    open: bool,
    /// Install the kernel for the Jupyter of this account, and do nothing else: what a notebook instance does at its start
    #[arg(long, conflicts_with_all = ["write", "open", "on"])]
    install: bool,
    /// Check the notebook instance's scripts with ShellCheck and run them in a clean Debian (as root; takes minutes)
    #[arg(long, conflicts_with_all = ["write", "open", "on", "install"])]
    lifecycle: bool,
}

/// Where the notebook's SageMaker is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum NotebookTarget {
    /// In the local cloud: its own SageMaker API and S3; with --open, the one that `deploy --target local` started
    Local,
    /// In the notebook's own process, as without credentials
    Here,
    /// In the AWS account of the credentials; only with --open, for it costs money
    Aws,
}

pub fn run(args: &Args) -> Result<()> {
    if args.lifecycle {
        return lifecycle::run_all();
    }
    let kernel = step("the notebook's kernel (evcxr_jupyter)", Kernel::ensure)?;
    if args.install {
        cloud::build()?;
        return kernel.install_for_this_account();
    }
    if args.open {
        return open(&kernel, args.on.unwrap_or(NotebookTarget::Here));
    }
    let on = args.on.unwrap_or(NotebookTarget::Local);
    ensure!(
        !args.write || on == NotebookTarget::Local,
        "the committed outputs are those of the local cloud: cargo xtask notebook --write"
    );
    let python = step("what runs notebooks (Python)", || PythonEnvironment::Notebook.ensure())?;
    step("ShellCheck: the notebook instance's scripts", || lifecycle::shellcheck(&python))?;
    let executed = match on {
        NotebookTarget::Aws => bail!(
            "in an AWS account the notebook costs money: run it yourself, cargo xtask notebook --open --on aws"
        ),
        NotebookTarget::Here => execute(&kernel, &python, |_| Ok(())),
        NotebookTarget::Local => cloud::with_local_cloud(|reach| execute(&kernel, &python, reach)),
    }?;
    if args.write {
        let n_differences = differences(&committed(), &executed)?.len();
        fs::copy(&executed, committed())?;
        outln!("  written: {} ({n_differences} differences)", committed().display())?;
        return Ok(());
    }
    compared(&committed(), &executed)?;
    outln!("  every output is the committed one; rendered: {}", rendered().display())?;
    Ok(())
}

/// Returns what differs between a notebook and a run of it.
fn differences(committed: &Path, executed: &Path) -> Result<Vec<compare::CellDifference>> {
    let read =
        |path: &Path| fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
    compare::compare(&read(committed)?, &read(executed)?)
}

/// Fails if an output of a run is not the notebook's, and says where.
fn compared(committed: &Path, executed: &Path) -> Result<()> {
    let differences = differences(committed, executed)?;
    for difference in &differences {
        errln!("{difference}");
    }
    ensure!(
        differences.is_empty(),
        "{} outputs of the notebook are not the committed ones; if they are right: cargo xtask notebook --write",
        differences.len()
    );
    Ok(())
}

/// Returns the notebook as it is committed.
fn committed() -> PathBuf {
    workspace::root().join("notebook").join(NAME).with_extension("ipynb")
}

/// Returns what the notebook's runs leave.
fn folder() -> PathBuf {
    workspace::target().join("notebook")
}

fn rendered() -> PathBuf {
    folder().join(NAME).with_extension("html")
}

/// Runs a copy of the notebook; returns it with its outputs.
fn execute(
    kernel: &Kernel,
    python: &Path,
    reach: impl FnOnce(&mut Command) -> Result<()>,
) -> Result<PathBuf> {
    let out = folder().join(NAME).with_extension("ipynb");
    // What training jobs of earlier runs left.
    let _ = fs::remove_dir_all(folder().join("jobs"));
    let mut runner = program(python);
    kernel.offer_alone(&mut runner)?;
    without_credentials(&mut runner);
    reach(&mut runner)?;
    runner.arg("xtask/python/run_notebook.py").arg(committed());
    runner.arg("--folder").arg(workspace::root().join("notebook"));
    runner.arg("--out").arg(&out).arg("--html").arg(rendered());
    step("run the notebook (from nothing the first cell compiles for minutes)", || run_program(&mut runner))?;
    Ok(out)
}

/// Removes the user's AWS settings from the command's environment, so that the outputs do not depend on them.
fn without_credentials(command: &mut Command) {
    command.env_remove(CLOUD_PROGRAM);
    let names = std::env::vars_os().map(|(name, _)| name);
    for name in names.filter(|name| name.to_string_lossy().starts_with("AWS_")) {
        command.env_remove(name);
    }
}

/// Opens the notebook in the person's own Jupyter, or says how.
fn open(kernel: &Kernel, on: NotebookTarget) -> Result<()> {
    let mut jupyter = program("jupyter");
    kernel.offer(&mut jupyter)?;
    match on {
        NotebookTarget::Here => without_credentials(&mut jupyter),
        NotebookTarget::Local => {
            cloud::build()?;
            LocalCloud::own().reach(&mut jupyter)?;
            jupyter.env(CLOUD_PROGRAM, cloud::notebook_cloud());
        }
        NotebookTarget::Aws => {
            cloud::build()?;
            jupyter.env(CLOUD_PROGRAM, cloud::notebook_cloud());
        }
    }
    jupyter.args(["lab", "--ServerApp.ip=127.0.0.1"]).arg(committed());
    if system::find("jupyter").is_some() {
        // Jupyter shows no picture of a notebook from elsewhere unless it is trusted.
        run_program(program("jupyter").arg("trust").arg(committed()))?;
        heading("Jupyter (Ctrl-C ends it)");
        return run_program(&mut jupyter);
    }
    outln!(
        "There is no Jupyter on this machine. Install one (pip install jupyterlab), then run this command again, or:\n"
    )?;
    for (name, value) in jupyter.get_envs().filter_map(|(name, value)| Some((name, value?))) {
        outln!("export {}={}", name.display(), value.display())?;
    }
    outln!("jupyter trust {0}\njupyter lab {0}", committed().display())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_cell_is_wider_than_the_page() {
        let notebook: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(committed()).unwrap()).unwrap();
        let cells = notebook["cells"].as_array().unwrap();
        let code = cells.iter().filter(|cell| cell["cell_type"] == "code");
        let lines = code.flat_map(|cell| cell["source"].as_array().unwrap());
        let wide: Vec<_> = lines.filter(|line| line.as_str().unwrap().trim_end().len() > 96).collect();
        assert!(wide.is_empty(), "{wide:#?}");
    }
}
