//! `conformance`: runs the conformance cases against a SageMaker k-NN endpoint with every client.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result};
use clap::ValueEnum;

use crate::{
    build,
    process::{output, program, run as run_program, step},
    server,
    tools::{
        node::{JavaScript, Scripts},
        python::PythonEnvironment,
        system,
    },
    workspace,
};

/// The name of the endpoint with the model of the cases.
const ENDPOINT: &str = "conformance";
/// The endpoint with a corrupted model, where every case must fail.
const CONTROL: &str = "conformance-control";
/// The region that requests are signed for; the endpoint does not check it.
const REGION: &str = "us-east-1";

/// Test an endpoint with boto3, the AWS CLI, and the Rust, JavaScript and Python SDKs
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The service to start and test, if no URL is given
    #[arg(long, value_enum, default_value_t = Against::Ours, conflicts_with = "url")]
    against: Against,
    /// Test the service at this URL, for instance the SageMaker runtime of a region
    #[arg(long, requires = "endpoint")]
    url: Option<String>,
    /// The endpoint there; it must serve the model that --model writes
    #[arg(long, requires = "url")]
    endpoint: Option<String>,
    /// The region that requests are signed for
    #[arg(long, requires = "url", default_value = REGION)]
    region: String,
    /// Write the scorecard into docs/local-sagemaker/conformance.md
    #[arg(long, conflicts_with = "url")]
    write: bool,
    /// Only write the model of the cases, to upload it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["url", "against", "write"])]
    model: Option<PathBuf>,
}

/// A service that we can start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Against {
    /// This workspace's server; every failure counts
    Ours,
    /// moto's server, for comparison
    Moto,
}

pub fn run(args: &Args) -> Result<()> {
    if let Some(out) = &args.model {
        build()?;
        return run_program(program(suite()).arg("model").arg("--out").arg(workspace::from_caller(out)));
    }
    match (&args.url, &args.endpoint) {
        (Some(url), Some(endpoint)) => {
            let clients = Clients::ensure()?;
            build()?;
            let words = ["--target", "other", "--name", "the service at the given URL"];
            let mut run = clients.run_command(url, endpoint, &args.region);
            step("run the cases", || run_program(run.args(words)))
        }
        _ => match args.against {
            Against::Ours => ours(args.write),
            Against::Moto => moto(args.write),
        },
    }
}

/// Tests this workspace's server; any failure is an error.
pub fn ours(write: bool) -> Result<()> {
    let clients = Clients::ensure()?;
    step("registries of SageMaker's k-NN: sagemaker-core", || {
        let files = ["infra/checks/check_registries.py", "infra/src/sagemaker/registries.txt"];
        run_program(program(&clients.sagemaker_v3).current_dir(workspace::root()).args(files))
    })?;
    system::ensure_curl()?;
    build()?;
    let folder = workspace::target().join("conformance");
    let (model, corrupted) = (folder.join("model.tar.gz"), folder.join("corrupted.tar.gz"));
    let server = step("start the server", || {
        run_program(program(suite()).arg("model").arg("--out").arg(&model))?;
        run_program(program(suite()).args(["model", "--corrupted", "--out"]).arg(&corrupted))?;
        let faults = output(program(suite()).args(["faults", "--endpoint", ENDPOINT]));
        let faults = faults.context("mysfits-conformance faults failed")?;
        let mut serve = program(workspace::debug(build::LOCAL_SAGEMAKER));
        serve.args(["serve", "--port", "0", "--endpoint"]).arg(format!("{ENDPOINT}={}", model.display()));
        serve.arg("--endpoint").arg(format!("{CONTROL}={}", corrupted.display()));
        for fault in faults.lines() {
            let name = fault.split('=').next().unwrap_or_default();
            serve.args(["--fault", fault, "--endpoint"]).arg(format!("{name}={}", model.display()));
        }
        server::spawn(serve.env("RUST_LOG", "error"))
    })?;
    server::with(server, |server| {
        let name = format!("local-sagemaker {}", env!("CARGO_PKG_VERSION"));
        let mut run = clients.run_command(server.url(), ENDPOINT, REGION);
        run.args(["--target", "ours", "--name", &name, "--control", CONTROL]);
        run.arg("--server").arg(workspace::debug(build::LOCAL_SAGEMAKER));
        run.args(write.then_some("--write"));
        step("run the cases with every client, and the snippets of the pages", || run_program(&mut run))
    })
}

/// Tests the API against its OpenAPI document with schemathesis: generated requests for every operation, valid and invalid,
/// and sequences that follow the document's links. About half a minute; the seed is fixed.
pub fn openapi() -> Result<()> {
    step("schemathesis (Python)", || PythonEnvironment::Schemathesis.ensure())?;
    system::ensure_curl()?;
    build::programs(&[build::SERVER])?;
    let server = step("start the server", || {
        let mut dev = program(workspace::debug(build::SERVER));
        dev.args(["dev", "--port", "0", "--rows", "20000"]);
        server::spawn(dev.env("RUST_LOG", "error"))
    })?;
    // An empty folder: examples that an earlier run kept would change what the seed generates.
    let folder = workspace::target().join("schemathesis");
    workspace::remove_folder(&folder)?;
    fs::create_dir_all(&folder)?;
    let document = folder.join("openapi.json");
    let test = |url: &str| {
        // From a file: given a URL, schemathesis leaves out the operation that serves the document.
        let mut curl = program("curl");
        curl.args(["--silent", "--show-error", "--fail", "--noproxy", "*", "--output"]).arg(&document);
        run_program(curl.arg(format!("{url}/openapi.json")))?;
        let mut schemathesis = program(PythonEnvironment::Schemathesis.program("schemathesis"));
        schemathesis.current_dir(&folder).args(["run", "--checks", "all", "--seed", "7"]);
        schemathesis.args(["--max-examples", "100", "--no-color", "--url", url]).arg(&document);
        run_program(schemathesis.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1"))
    };
    server::with(server, |server| {
        step("the API does what its OpenAPI document says: schemathesis", || test(server.url()))
    })
}

/// Tests moto, for comparison: failures are reported in the scorecard.
fn moto(write: bool) -> Result<()> {
    let clients = Clients::ensure()?;
    let python = step("moto", || PythonEnvironment::Moto.ensure())?;
    build()?;
    let server = step("start moto", || {
        let script = "tests/conformance/clients/moto_service.py";
        server::spawn(program(&python).args([script, ENDPOINT, REGION]))
    })?;
    server::with(server, |server| {
        let name = server.printed().lines().find_map(|line| line.strip_prefix("name "));
        let mut run = clients.run_command(server.url(), ENDPOINT, REGION);
        run.args(["--target", "moto", "--name", name.unwrap_or("moto")]);
        run.args(write.then_some("--write"));
        step("run the cases with every client", || run_program(&mut run))
    })
}

fn suite() -> PathBuf {
    workspace::debug("mysfits-conformance")
}

/// Builds `local-sagemaker` and the suite, quickly; together, because apart their common libraries would be compiled twice.
pub fn build() -> Result<()> {
    build::programs(&[build::LOCAL_SAGEMAKER, "mysfits-conformance"])
}

/// The programs of the clients.
struct Clients {
    python: PathBuf,
    sagemaker: PathBuf,
    sagemaker_v3: PathBuf,
    javascript: JavaScript,
}

impl Clients {
    fn ensure() -> Result<Self> {
        step("the clients (Python, Node)", || {
            Ok(Self {
                python: PythonEnvironment::Clients.ensure()?,
                sagemaker: PythonEnvironment::SageMaker.ensure()?,
                sagemaker_v3: PythonEnvironment::SageMakerV3.ensure()?,
                javascript: JavaScript::ensure(Scripts::Conformance)?,
            })
        })
    }

    /// Returns the command that runs the cases against an endpoint.
    fn run_command(&self, url: &str, endpoint: &str, region: &str) -> std::process::Command {
        let mut run = program(suite());
        run.args(["run", "--url", url, "--endpoint", endpoint, "--region", region]);
        run.arg("--python").arg(&self.python).arg("--sagemaker").arg(&self.sagemaker);
        run.arg("--sagemaker-v3").arg(&self.sagemaker_v3);
        run.arg("--node").arg(&self.javascript.node).arg("--javascript").arg(&self.javascript.folder);
        run
    }
}
