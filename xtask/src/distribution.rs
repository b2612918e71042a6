//! `test distribution`: the wheel and the image of `local-sagemaker`, installed and used as their users do.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use mysfits_output::errln;
use mysfits_process::{ChildProcess, LogFile, StopMethod};

use crate::{
    package::local_sagemaker,
    process::{output, program, run as run_program, step},
    server,
    tools::{
        python::{self, PythonEnvironment},
        system,
    },
    workspace,
};

/// The programs that read images, by Debian's names of packages and programs.
const IMAGE_TOOLS: [&str; 3] = ["skopeo", "umoci", "docker-registry"];
/// How long the registry may take to listen.
const REGISTRY_TIMEOUT: Duration = Duration::from_secs(30);
/// Where the program is in the image.
const PROGRAM: &str = "/usr/local/bin/local-sagemaker";
const TAG: &str = env!("CARGO_PKG_VERSION");

/// Tests the Python module with a program that is built already, without a wheel.
pub fn python_module(program_path: &Path) -> Result<()> {
    let python = step("pytest, boto3 (Python)", || PythonEnvironment::Wheel.ensure())?;
    let crate_folder = workspace::root().join("crates/local-sagemaker");
    step("the Python module", || {
        let mut pytest = pytest(&python);
        // Without a wheel nothing declares the plugin.
        pytest.env("PYTEST_PLUGINS", "local_sagemaker.pytest_plugin");
        pytest.env("PYTHONPATH", crate_folder.join("python")).env("PYTHONDONTWRITEBYTECODE", "1");
        run_program(pytest.env("LOCAL_SAGEMAKER_PROGRAM", program_path))
    })
}

/// Builds and tests wheel and image; false if the image's tools are missing and cannot be installed.
pub fn check() -> Result<bool> {
    let wheel = local_sagemaker::wheel()?;
    let python = PythonEnvironment::Wheel.ensure()?;
    step("from pip install to a test of a Lambda handler", || {
        install(&python, &wheel)?;
        run_program(pytest(&python).arg("python/tests/test_handler.py"))
    })?;
    step("the wheel", || run_program(&mut pytest(&python)))?;
    for python in python::all() {
        step(&format!("the wheel with {}", python.display()), || with_other_python(&python, &wheel))?;
    }
    let image = local_sagemaker::image()?;
    let index = |folder: &Path| fs::read(folder.join("index.json"));
    let first = index(&image)?;
    ensure!(index(&local_sagemaker::image()?)? == first, "the image is not the same when it is built again");
    let has_tools = IMAGE_TOOLS.iter().all(|tool| system::find(tool).is_some());
    if !has_tools && !system::can_install() {
        errln!("  the image is not tested: {} are missing", IMAGE_TOOLS.join(", "));
        return Ok(false);
    }
    if !has_tools {
        system::install_on_debian(&IMAGE_TOOLS)?;
    }
    step("train and serve in the unpacked image", || run_unpacked(&image))?;
    step("push the image, and pull it again", || push_and_pull(&image))?;
    Ok(true)
}

fn pytest(python: &Path) -> Command {
    let mut pytest = program(python);
    pytest.args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]);
    pytest.current_dir(workspace::root().join("crates/local-sagemaker"));
    pytest
}

fn install(python: &Path, wheel: &Path) -> Result<()> {
    let mut pip = program(python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-index",
        "--force-reinstall",
    ]);
    run_program(pip.arg(wheel))
}

/// Tests the wheel with a Python that none of the other tests uses, without boto3.
fn with_other_python(python: &Path, wheel: &Path) -> Result<()> {
    let folder = workspace::target().join("local-sagemaker/venv");
    run_program(program(python).args(["-m", "venv", "--clear"]).arg(&folder))?;
    let python = folder.join("bin/python");
    let mut pip = program(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    pip.args([
        "--only-binary=:all:",
        "--require-hashes",
        "--requirement",
        "xtask/python/requirements-pytest.txt",
    ]);
    run_program(&mut pip)?;
    install(&python, wheel)?;
    run_program(&mut pytest(&python))
}

/// Runs a training job and the endpoint in the image's files, as SageMaker starts them.
fn run_unpacked(image: &Path) -> Result<()> {
    let bundle = workspace::target().join("local-sagemaker/bundle");
    workspace::remove_folder(&bundle)?;
    let reference = format!("{}:{TAG}", image.display());
    run_program(program("umoci").args(["unpack", "--image", &reference]).arg(&bundle))?;
    let root = bundle.join("rootfs");
    let (config, train) = (root.join("opt/ml/input/config"), root.join("opt/ml/input/data/train"));
    fs::create_dir_all(&config)?;
    fs::create_dir_all(&train)?;
    let hyperparameters =
        r#"{"k": "1", "sample_size": "4", "predictor_type": "classifier", "feature_dim": "2"}"#;
    fs::write(config.join("hyperparameters.json"), hyperparameters)?;
    let channels = r#"{"train": {"ContentType": "text/csv", "TrainingInputMode": "File"}}"#;
    fs::write(config.join("inputdataconfig.json"), channels)?;
    fs::write(train.join("train.csv"), "1,1,1\n9,9,9\n1,1,2\n9,9,8\n")?;
    let in_image = |arguments: &[&str]| {
        let mut chroot = program("chroot");
        chroot.arg(&root).arg(PROGRAM).args(arguments);
        chroot
    };
    run_program(in_image(&["train"]).stdout(Stdio::null()))?;
    let server = server::spawn(in_image(&["serve"]).env("SAGEMAKER_BIND_TO_PORT", "0"))?;
    server::with(server, |server| {
        let url = server.url().replace("0.0.0.0", "127.0.0.1");
        let mut curl = program("curl");
        curl.args([
            "--silent",
            "--fail",
            "--noproxy",
            "*",
            "--header",
            "Content-Type: text/csv",
            "--data",
            "8,8",
        ]);
        let answer =
            output(curl.arg(format!("{url}/invocations"))).context("the endpoint does not answer")?;
        ensure!(answer == r#"{"predictions": [{"predicted_label": 9.0}]}"#, "it answers {answer}");
        Ok(())
    })
}

/// Pushes the image to a registry and pulls it, as it is and in Docker's format, which SageMaker needs.
fn push_and_pull(image: &Path) -> Result<()> {
    let folder = workspace::target().join("local-sagemaker/registry");
    workspace::remove_folder(&folder)?;
    fs::create_dir_all(&folder)?;
    let config = folder.join("config.yml");
    let storage = serde_json::to_string(&folder.join("data"))?;
    fs::write(
        &config,
        format!(
            "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {storage}\nhttp:\n  addr: 127.0.0.1:0\n"
        ),
    )?;
    let log = LogFile::temporary()?;
    let mut command = program("docker-registry");
    command.arg("serve").arg(&config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log.stdio()?);
    let mut registry = ChildProcess::start(&mut command, StopMethod::Terminate)?;
    let address = registry.wait_for_line(&log, REGISTRY_TIMEOUT, |line| {
        let after = line.split_once("listening on ")?.1;
        Some(after.split('"').next()?.to_owned())
    })?;
    let address = address.with_context(|| log.text().unwrap_or_default())?;
    let local = format!("oci:{}:{TAG}", image.display());
    let pulled = folder.join("pulled");
    for (format, tag) in [("oci", TAG.to_owned()), ("v2s2", format!("{TAG}-docker"))] {
        let remote = format!("docker://{address}/local-sagemaker:{tag}");
        skopeo(&["copy", "--dest-tls-verify=false", "--format", format, &local, &remote])?;
        skopeo(&["copy", "--src-tls-verify=false", &remote, &format!("oci:{}:{tag}", pulled.display())])?;
    }
    let digest =
        |reference: &str| output(program("skopeo").args(["inspect", "--format", "{{.Digest}}", reference]));
    let again = digest(&format!("oci:{}:{TAG}", pulled.display()));
    ensure!(again.is_some() && again == digest(&local), "the pulled image is another: {again:?}");
    registry.stop()?;
    Ok(())
}

fn skopeo(arguments: &[&str]) -> Result<()> {
    run_program(program("skopeo").args(["--insecure-policy"]).args(arguments).stdout(Stdio::null()))
}
