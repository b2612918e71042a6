//! `mysfits-conformance`: runs the cases against an endpoint with every client and prints the scorecard.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use anyhow::{Context as _, Result, bail, ensure};
use clap::{Parser, Subcommand};
use mysfits_conformance::{
    clients::{RunnerProgram, RunnerReport},
    control_plane::{self, ServerScript},
    inputs, model,
    outcome::{CaseOutcome, CaseResult, SdkClient},
    rust_sdk,
    scorecard::{self, Scorecard, Service},
    snippets,
    suite::{Suite, TestPlan},
};
use mysfits_output::{errln, outln, report};

/// How long each status of a job lasts to which a client attaches while it runs, in milliseconds.
const ATTACH_PACE_MS: u32 = 500;

#[derive(Parser)]
#[command(version, about = "Conformance tests of SageMaker k-NN endpoints with AWS's clients")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the model of the cases, to serve or upload it
    Model {
        /// The artifact to write
        #[arg(long, default_value = "model.tar.gz")]
        out: PathBuf,
        /// Write a corrupted model, with which no case may pass
        #[arg(long)]
        corrupted: bool,
    },
    /// Print the endpoints of the fault injection cases: NAME=FAULTS, a line each
    Faults {
        /// The endpoint of the other cases
        #[arg(long)]
        endpoint: String,
    },
    /// Run the cases
    Run(Box<RunArgs>),
}

#[derive(clap::Args)]
struct RunArgs {
    /// The address of the service
    #[arg(long)]
    url: String,
    /// The endpoint with the suite's model
    #[arg(long)]
    endpoint: String,
    /// An endpoint with the corrupted model: no case may pass there
    #[arg(long)]
    control: Option<String>,
    /// The region that requests are signed for
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// The kind of service
    #[arg(long, value_enum, default_value_t = Service::Other)]
    target: Service,
    /// The name of the service in the scorecard
    #[arg(long)]
    name: String,
    /// The Python with boto3, the AWS CLI beside it
    #[arg(long)]
    python: PathBuf,
    /// The Python with the SageMaker SDK, version 2
    #[arg(long)]
    sagemaker: PathBuf,
    /// The Python with `sagemaker.core`, version 3
    #[arg(long)]
    sagemaker_v3: PathBuf,
    /// Node
    #[arg(long)]
    node: PathBuf,
    /// The folder of the JavaScript runner, its modules installed
    #[arg(long)]
    javascript: PathBuf,
    /// The folder of the Python runners
    #[arg(long, default_value = "tests/conformance/clients")]
    clients: PathBuf,
    /// The folder for plans, bodies and outcomes
    #[arg(long, default_value = "target/conformance")]
    out: PathBuf,
    /// The server's program: also tests training and the control plane, and runs the snippets of the pages
    #[arg(long)]
    server: Option<PathBuf>,
    /// The folder of the pages with the snippets; its `conformance.md` has the scorecards
    #[arg(long, default_value = "docs/local-sagemaker")]
    pages: PathBuf,
    /// Write the scorecard into `conformance.md`
    #[arg(long)]
    write: bool,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Model { out, corrupted } => Suite::load().and_then(|Suite { model, .. }| {
            model::write(&if corrupted { model.corrupted() } else { model }, &out)
        }),
        Command::Faults { endpoint } => faults(&endpoint),
        Command::Run(args) => run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(error.as_ref()),
    }
}

fn faults(endpoint: &str) -> Result<()> {
    for (name, faults) in Suite::load()?.faulty_endpoints(endpoint) {
        outln!("{name}={faults}")?;
    }
    Ok(())
}

fn run(args: &RunArgs) -> Result<()> {
    let suite = Suite::load()?;
    let whole = TestPlan {
        url: args.url.trim_end_matches('/').to_owned(),
        region: args.region.clone(),
        endpoint: args.endpoint.clone(),
        suite,
    };
    // Fault injection is a feature of ours: no other endpoint has it.
    let (plan, left_out) = whole.clone().with_faults(args.target == Service::Ours);
    fs::create_dir_all(&args.out).with_context(|| format!("cannot make {}", args.out.display()))?;
    if let Some(endpoint) = &args.control {
        let control = whole.clone().control(endpoint);
        let report = run_clients(args, &control, &args.out.join("control"), None)?;
        let unnoticed = report.outcomes.iter().find(|outcome| outcome.verdict != CaseResult::Failed);
        ensure!(unnoticed.is_none(), "the corrupted model was not noticed: {unnoticed:?}");
        errln!("  {} wrong responses were noticed", report.outcomes.len());
    }
    let server = args.server.as_deref().filter(|_| args.target == Service::Ours);
    let mut report = run_clients(args, &plan, &args.out.join("plan"), server)?;
    for client in [SdkClient::Boto3, SdkClient::Rust, SdkClient::JavaScript] {
        for case in &left_out {
            report.not_applicable(client, &case.group, &case.name, "only our endpoint has fault injection");
        }
    }
    if let Some(server) = server {
        let scripts = [
            (SdkClient::Boto3, &args.python, "control_plane_runner.py", None),
            (SdkClient::SageMaker, &args.sagemaker, "sdk_v2_runner.py", None),
            (SdkClient::SageMaker, &args.sagemaker, "sdk_v2_attach_runner.py", Some(ATTACH_PACE_MS)),
            (SdkClient::SageMakerV3, &args.sagemaker_v3, "sdk_v3_runner.py", None),
        ];
        let scripts = scripts.map(|(client, python, script, pace_ms)| ServerScript {
            client,
            python,
            script: args.clients.join(script),
            pace_ms,
        });
        control_plane::run(&fs::canonicalize(server)?, scripts, &mut report)?;
        let tools = snippets::Tools {
            server: fs::canonicalize(server)?,
            python: std::path::absolute(&args.python)?,
            sagemaker: std::path::absolute(&args.sagemaker)?,
            sagemaker_v3: std::path::absolute(&args.sagemaker_v3)?,
            node: std::path::absolute(&args.node)?,
            javascript: std::path::absolute(&args.javascript)?,
        };
        report.outcomes.extend(snippets::run(&args.pages, &tools)?);
    }
    if args.target != Service::Ours {
        scorecard::ignore_undocumented(&mut report.outcomes, &whole);
    }
    finish(args, report)
}

/// Runs the cases with every client. The programs run at the same time.
fn run_clients(
    args: &RunArgs,
    plan: &TestPlan,
    folder: &Path,
    server: Option<&Path>,
) -> Result<RunnerReport> {
    let path = inputs::write(plan, folder)?;
    let script = |name: &str| args.clients.join(name);
    let mut sagemaker = vec![script("sagemaker_runner.py"), path.clone()];
    if let Some(server) = server {
        sagemaker.extend(["--server".into(), fs::canonicalize(server)?]);
    }
    let runners = [
        (SdkClient::Boto3, &args.python, vec![script("boto3_runner.py"), path.clone()]),
        (SdkClient::JavaScript, &args.node, vec![args.javascript.join("runner.mjs"), path.clone()]),
        (SdkClient::Cli, &args.python, vec![script("cli_runner.py"), path]),
        (SdkClient::SageMaker, &args.sagemaker, sagemaker),
    ];
    let runners = runners.map(|(client, program, arguments)| {
        RunnerProgram { client, program: program.clone(), arguments, endpoint_url: None }.start()
    });
    let runners = runners.into_iter().collect::<Result<Vec<_>>>()?;

    let begun = Instant::now();
    let done = |client: SdkClient| errln!("  {} ({:.1} s)", client.as_str(), begun.elapsed().as_secs_f64());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcomes = runtime.block_on(rust_sdk::run(plan, folder))?;
    done(SdkClient::Rust);
    let mut report = RunnerReport::default();
    report.versions.insert(SdkClient::Rust, rust_sdk::version());
    for runner in runners {
        let client = runner.client();
        runner.wait(&mut report)?;
        done(client);
    }
    report.outcomes.extend(outcomes);
    Ok(report)
}

fn finish(args: &RunArgs, report: RunnerReport) -> Result<()> {
    let card = Scorecard { name: args.name.clone(), versions: report.versions, outcomes: report.outcomes };
    let lines = card.outcomes.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
    let path = args.out.join("outcomes.jsonl");
    fs::write(&path, lines.join("\n")).with_context(|| format!("cannot write {}", path.display()))?;

    outln!("{}", card.markdown())?;
    let failures: Vec<&CaseOutcome> = card.failures().collect();
    if args.target == Service::Ours && !failures.is_empty() {
        for failure in &failures {
            let reason = failure.reason.as_deref().unwrap_or_default();
            errln!("{}: {}: {}: {reason}", failure.client.as_str(), failure.group, failure.case);
        }
        bail!("{} of {} cases failed; all are in {}", failures.len(), card.outcomes.len(), path.display());
    }
    let page = args.pages.join("conformance.md");
    match (args.target, args.write) {
        (Service::Other, write) => {
            ensure!(!write, "only the tables of ours and of moto have a place in the page");
        }
        (target, true) => scorecard::write(&page, target, &card)?,
        (Service::Ours, false) => scorecard::check(&page, Service::Ours, &card)?,
        (Service::Moto, false) => {}
    }
    Ok(())
}
