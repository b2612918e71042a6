//! The steps that need no server: tools, model, templates.

use std::path::Path;

use serde_json::Value;

use super::{Findings, http};
use crate::{
    process::{cargo, output, program},
    server,
    tools::{python, system, wasm::Wasm},
    workspace,
};

/// The endpoint that `cargo xtask dev` serves by default.
pub const ENDPOINT: &str = "knn-ml-m4-xlarge-mysfits";
/// The artifact that `cargo xtask train` writes by default.
const MODEL: &str = "target/model.tar.gz";
/// The share of the ceiling that a good model reaches; `cargo xtask test` asks the same of it.
const GOOD: f64 = 0.97;
/// The survey that a model is tested with: another seed's, of which no training has seen a row.
const UNSEEN: [&str; 4] = ["--seed", "2026", "--rows", "100000"];

/// This machine has what the commands need, or they can get it.
pub fn tools() -> Findings {
    let mut findings = Findings::default();
    let itself = system::can_install();
    let by_itself = |found: Option<String>, what: &str| {
        // What is installed by the first command that needs it is not missing.
        let found = found.or_else(|| {
            itself.then(|| format!("{what}: not there yet; the first command that needs it gets it"))
        });
        found.ok_or_else(|| what.to_owned())
    };
    let rust = output(program("rustc").arg("--version")).ok_or_else(|| "Rust".to_owned());
    findings.note(rust, "https://rustup.rs");
    let wasm = Wasm::installed().map(|wasm| wasm.describe());
    let wasm = wasm.or_else(|| Wasm::installer().map(|who| format!("wasm32 compiler: {who}")));
    findings
        .note(wasm.ok_or_else(|| "wasm32 compiler".to_owned()), "rustup target add wasm32-unknown-unknown");
    let curl = system::find("curl").map(|path| path.display().to_string());
    findings.note(by_itself(curl, "curl"), &system::CURL.install_command());
    let python = python::base_installed().map(|path| path.display().to_string());
    findings.note(
        by_itself(python, &format!("{} with venv", python::supported())),
        &system::PYTHON.install_command(),
    );
    findings
}

/// Checks that the templates are up to date.
pub fn templates() -> Findings {
    let mut findings = Findings::default();
    let found = mysfits_infra::check(&workspace::root().join("infra/templates"))
        .map(|()| format!("{} templates in infra/templates are up to date", mysfits_infra::Stack::ALL.len()))
        .map_err(|_| "a template in infra/templates differs from its Rust source".to_owned());
    findings.note(found, "cargo xtask synth");
    findings
}

/// Checks that the model artifact is complete, and nearly as accurate as possible.
pub fn model(artifact: Option<&Path>) -> Findings {
    let mut findings = Findings::default();
    let remedy = "cargo xtask train";
    let path = artifact.map_or_else(|| workspace::root().join(MODEL), workspace::from_caller);
    let artifact = artifact.unwrap_or(Path::new(MODEL));
    let there = if path.is_file() {
        Ok(format!("{}: {}", artifact.display(), hyperparameters(&path)))
    } else {
        Err(format!("{} is not there", artifact.display()))
    };
    if !findings.note(there, remedy) {
        return findings;
    }
    let tested = test(&path);
    let good = tested.and_then(|Tested { accuracy, ceiling }| {
        let share = accuracy / ceiling;
        let text = format!(
            "accuracy {accuracy:.4} on a survey it has never seen: {share:.4} of the ceiling {ceiling:.4}"
        );
        if share >= GOOD { Ok(text) } else { Err(format!("{text}; {GOOD} would be good")) }
    });
    findings.note(good, remedy);
    findings
}

/// Returns a description of an artifact, from its metadata.
fn hyperparameters(artifact: &Path) -> String {
    let mut tar = program("tar");
    tar.arg("--extract")
        .arg("--gzip")
        .arg("--to-stdout")
        .arg("--file")
        .arg(artifact)
        .arg("model_algo-1.json");
    let metadata: Value =
        output(&mut tar).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let questions = metadata["schema"]["features"].as_array().map_or(0, Vec::len);
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    format!("{}, k {}, {questions} questions", text(&metadata["predictor_type"]), metadata["k"])
}

/// How a model did.
struct Tested {
    accuracy: f64,
    ceiling: f64,
}

/// Serves an artifact and asks its endpoint for a survey that it has never seen.
fn test(artifact: &Path) -> Result<Tested, String> {
    let survey = data(&["generate"])?;
    let picture = workspace::target().join("check.svg");
    let described = data(&["describe", "--svg", &picture.display().to_string()])?;
    let ceiling = described.lines().find_map(|line| line.strip_prefix("accuracy ceiling")?.rsplit_once(' '));
    let ceiling = ceiling.and_then(|(_, number)| number.parse().ok()).ok_or("the survey has no ceiling")?;

    let executable = workspace::release("mysfits-server");
    if !executable.is_file() {
        return Err("the server that would test it is not built".to_owned());
    }
    let mut serve = program(executable);
    serve.args(["dev", "--port", "0", "--model"]).arg(artifact).env("RUST_LOG", "error");
    let server = server::spawn(&mut serve).map_err(|error| format!("it cannot be served: {error:#}"))?;
    let rows: Vec<(&str, &str)> = survey.lines().filter_map(|line| line.rsplit_once(',')).collect();
    let features: String = rows.iter().flat_map(|(features, _)| [features, "\n"]).collect();
    let url = format!("{}/endpoints/{ENDPOINT}/invocations", server.url());
    let answer = http::post(&url, &["Content-Type: text/csv"], &features);
    server.stop().map_err(|error| format!("{error:#}"))?;

    let answer = answer?.json();
    let predictions = answer["predictions"].as_array().filter(|found| found.len() == rows.len());
    let predictions = predictions.ok_or("the endpoint does not answer every row")?;
    let is_right = |(prediction, (_, label)): &(&Value, &(&str, &str))| {
        prediction["predicted_label"].as_f64() == label.parse().ok()
    };
    let n_right = predictions.iter().zip(&rows).filter(is_right).count();
    Ok(Tested { accuracy: n_right as f64 / rows.len().max(1) as f64, ceiling })
}

/// Returns what the survey's program prints.
fn data(arguments: &[&str]) -> Result<String, String> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "mysfits-data", "--features", "cli", "--"]);
    let printed = output(command.args(arguments).args(UNSEEN));
    printed.ok_or_else(|| format!("mysfits-data {} fails", arguments.join(" ")))
}
